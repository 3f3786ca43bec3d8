# SPDX-License-Identifier: Apache-2.0
"""The whole API in process: everything but Keystone and the engine."""

import json
from typing import Any

import webob
from keystonemiddleware import fixture as keystone_fixture
from keystonemiddleware import opts as keystone_opts

from aegis.api import app
from aegis.common import context, exception
from aegis.tests import base
from aegis.tests.fixtures import samples

# Keystone adds the roles that a role implies.
ROLES = {
    'reader': ('reader',),
    'member': ('member', 'reader'),
    'manager': ('manager', 'member', 'reader'),
    'admin': ('admin', 'manager', 'member', 'reader'),
    'service': ('service',),
    'no-role': (),
}


class FakeEngine:
    """An engine that notes what it was asked.

    ``error`` is raised instead of every answer, when it is set.
    """

    def __init__(self) -> None:
        self.started: list[tuple[context.RequestContext, str]] = []
        self.points: list[dict[str, Any]] = []
        self.asked_limits: list[int] = []
        self.resolved: list[str] = []
        self.error: Exception | None = None

    def run_operation(
        self, context: context.RequestContext, operation_id: str
    ) -> None:
        self.started.append((context, operation_id))

    def add_member(
        self,
        context: context.RequestContext,
        group_id: str,
        server: str,
        wave: int,
    ) -> str:
        self._fail()
        return samples.add_member(context, group_id, server, wave).id

    def list_recovery_points(
        self, context: context.RequestContext, group_id: str, limit: int
    ) -> list[dict[str, Any]]:
        self._fail()
        self.asked_limits.append(limit)
        return self.points

    def resolve_protected_project(
        self, context: context.RequestContext, protected_site: str
    ) -> str:
        self._fail()
        self.resolved.append(protected_site)
        return samples.PROTECTED_PROJECT_ID

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


class ApiTestCase(base.DatabaseTestCase):
    """A test that speaks HTTP with the API.

    A request is made with the role and in the project named by ``persona``,
    a member of the project by default; without a token if that is None.
    """

    def setUp(self) -> None:
        super().setUp()
        for group, options in keystone_opts.list_auth_token_opts():
            self.conf.register_opts(options, group=group)
        self.config(
            group='keystone_authtoken',
            www_authenticate_uri='https://keystone.example.org',
        )
        self.engine = FakeEngine()
        self.tokens = self.useFixture(keystone_fixture.AuthTokenFixture())
        self.app = app.build_application(self.conf, self.engine)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        persona: str | None = 'member',
        project_id: str = base.PROJECT_ID,
        headers: dict[str, str] | None = None,
        expect: int | None = None,
    ) -> webob.Response:
        """Send a request and check the status of the response."""
        request = webob.Request.blank(path, method=method)
        if body is not None:
            request.body = (
                body if isinstance(body, bytes) else json.dumps(body).encode()
            )
            request.content_type = 'application/json'
        if persona is not None:
            request.headers['X-Auth-Token'] = self._token(persona, project_id)
        request.headers.update(headers or {})
        response = request.get_response(self.app)
        if expect is not None:
            self.assertEqual(expect, response.status_int, response.text)
        return response

    def get(self, path: str, **arguments: Any) -> Any:
        """The JSON of a GET that has to succeed."""
        arguments.setdefault('expect', 200)
        return self.request('GET', path, **arguments).json

    def error(
        self, status: int, method: str, path: str, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """The error of a request that has to fail with a status."""
        response = self.request(method, path, *args, **kwargs, expect=status)
        (error,) = response.json['errors']
        self.assertEqual(status, error['status'])
        self.assertEqual(
            response.headers['X-Openstack-Request-Id'], error['request_id']
        )
        for name in ('code', 'title', 'detail', 'remedy'):
            self.assertTrue(error[name], name)
        return error

    def _token(self, persona: str, project_id: str) -> str:
        token = f'token-of-{persona}-{project_id}'
        if token not in self.tokens.tokens:
            self.tokens.add_token_data(
                token_id=token,
                user_id=base.USER_ID,
                user_name='somebody',
                project_id=project_id,
                project_name='project',
                role_list=list(ROLES[persona]),
            )
        return token


ENGINE_DOWN = exception.EngineUnavailable(seconds='60')
