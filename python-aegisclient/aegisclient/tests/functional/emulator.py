# SPDX-License-Identifier: Apache-2.0
"""Keystone and the disaster recovery API, version 1, in this process.

Strict: a request that the real API would refuse is refused.
"""

import dataclasses
import json
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib import parse

import fixtures
from werkzeug import exceptions as http
from werkzeug import routing, serving, wrappers

from aegisclient.tests import documents

TOKEN = 'gAAAAAtoken'
PASSWORD = 'correcthorse'
REGION = 'RegionWest'
PAGE = 2

_GROUP_KEYS = {
    'name',
    'description',
    'protected_site',
    'recovery_site',
    'replication_type',
    'on_member_failure',
    'mappings',
}
_CHANGEABLE = {'name', 'description', 'on_member_failure', 'mappings'}
_PAGING = {'limit', 'marker', 'sort', 'all_projects'}

Document = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request that has arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


def reply(body: Any, status: int = 200, **headers: str) -> wrappers.Response:
    return wrappers.Response(
        json.dumps(body),
        status=status,
        content_type='application/json',
        headers=headers,
    )


def refusal(**values: Any) -> wrappers.Response:
    body = documents.error(**values)
    return reply(body, status=body['errors'][0]['status'])


class Emulator(fixtures.Fixture):
    """The server; tests fill its collections and read what it has seen.

    ``history`` is what looks at an operation see, one after the other; the
    last one stays. ``answers`` are given to the next API requests instead of
    the real answers; None stands for the real answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sites: list[Document] = [documents.site()]
        self.groups: list[Document] = [documents.group()]
        self.members: list[Document] = [documents.member()]
        self.points: list[Document] = [documents.recovery_point()]
        self.operations: list[Document] = [documents.operation()]
        self.services: list[Document] = [documents.service()]
        self.history: list[Document] = []
        self.answers: deque[wrappers.Response | None] = deque()
        self.seen: list[Seen] = []
        self.catalogued = True

    def _setUp(self) -> None:
        self._server = serving.make_server(
            '127.0.0.1',
            0,
            self._application,
            threaded=True,
            request_handler=QuietHandler,
        )
        self.endpoint = f'{self.url}/disaster-recovery'
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={'poll_interval': 0.01}
        )
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self._server.server_close)
        self.addCleanup(self._server.shutdown)

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self._server.server_port}'

    def requests(self, method: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == method]

    def _application(self, environ: Any, start: Any) -> Any:
        request = wrappers.Request(environ)
        try:
            response = self._route(request)
        except http.HTTPException as error:
            response = refusal(
                status=error.code,
                code='aegis.request.invalid',
                detail=error.description,
                remedy='Correct the request and send it again.',
            )
        return response(environ, start)

    def _route(self, request: wrappers.Request) -> wrappers.Response:
        if request.path.startswith('/keystone'):
            return self._keystone(request)
        self.seen.append(_seen(request))
        if not request.path.startswith('/disaster-recovery'):
            return wrappers.Response('', status=404)
        if request.headers.get('X-Auth-Token') != TOKEN:
            return reply({'error': {'message': 'Who are you?'}}, 401)
        answer = self.answers.popleft() if self.answers else None
        if answer is not None:
            return answer
        wanted = request.headers.get('OpenStack-API-Version')
        if wanted != 'disaster-recovery 1.0':
            return refusal(
                status=406,
                code='aegis.microversion.unsupported',
                detail=f'There is no API version {wanted}.',
                remedy='Ask for a version from 1.0 to 1.0.',
                details=[{'min_version': '1.0', 'max_version': '1.0'}],
            )
        adapter = _URLS.bind('emulator')
        name, arguments = adapter.match(
            request.path.removeprefix('/disaster-recovery'), request.method
        )
        return getattr(self, f'_{name}')(request, **arguments)

    def _keystone(self, request: wrappers.Request) -> wrappers.Response:
        if request.method == 'GET':
            version = {
                'id': 'v3.14',
                'status': 'stable',
                'links': [{'rel': 'self', 'href': f'{self.url}/keystone/v3/'}],
            }
            return reply({'version': version})
        password = request.json['auth']['identity']['password']['user']
        if password['password'] != PASSWORD:
            return reply({'error': {'message': 'Wrong password.'}}, 401)
        token = {
            'methods': ['password'],
            'user': {'id': documents.USER_ID, 'name': 'ann', 'domain': {}},
            'project': {
                'id': documents.PROJECT_ID,
                'name': 'finance',
                'domain': {},
            },
            'roles': [],
            'issued_at': '2026-11-21T10:00:00.000000Z',
            'expires_at': '2099-11-21T10:00:00.000000Z',
            'catalog': list(self._catalogue()),
        }
        return reply({'token': token}, 201, **{'X-Subject-Token': TOKEN})

    def _catalogue(self) -> Iterator[Document]:
        yield _service('identity', f'{self.url}/keystone/v3')
        if self.catalogued:
            yield _service('disaster-recovery', self.endpoint)

    def _list_sites(self, request: wrappers.Request) -> wrappers.Response:
        _allow_query(request, set())
        return reply({'sites': self.sites})

    def _show_site(
        self, request: wrappers.Request, name: str
    ) -> wrappers.Response:
        return reply({'site': _find(self.sites, 'name', name)})

    def _list_services(self, request: wrappers.Request) -> wrappers.Response:
        _allow_query(request, set())
        return reply({'services': self.services})

    def _list_groups(self, request: wrappers.Request) -> wrappers.Response:
        filters = {'name', 'state', 'protected_site'}
        _allow_query(request, filters | _PAGING)
        return self._page(
            request,
            'failover_groups',
            _filtered(request, self.groups, filters),
        )

    def _show_group(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        group = _find(self.groups, 'id', group_id)
        return reply({'failover_group': group}, ETag=f'"{group["revision"]}"')

    def _create_group(self, request: wrappers.Request) -> wrappers.Response:
        given = _body(request, 'failover_group', _GROUP_KEYS)
        group = documents.group(
            **{'description': '', 'mappings': [], **given},
            id=str(uuid.uuid5(uuid.NAMESPACE_DNS, given['name'])),
            state='unprotected',
            revision=1,
            member_count=0,
        )
        self.groups.append(group)
        return reply({'failover_group': group}, 201)

    def _update_group(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        group = _find(self.groups, 'id', group_id)
        given = _body(request, 'failover_group', _CHANGEABLE)
        expected = request.headers.get('If-Match')
        if expected not in (None, f'"{group["revision"]}"'):
            return refusal(
                status=412,
                code='aegis.revision_conflict',
                detail='The failover group has changed.',
            )
        group.update(given, revision=group['revision'] + 1)
        return reply({'failover_group': group})

    def _delete_group(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        self.groups.remove(_find(self.groups, 'id', group_id))
        return wrappers.Response(status=204)

    def _list_members(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        _find(self.groups, 'id', group_id)
        return self._page(request, 'members', self.members)

    def _create_member(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        given = _body(request, 'member', {'server', 'wave'})
        if given['server'] == 'local-only':
            return refusal(
                code='aegis.member.ineligible',
                detail=(
                    'Server local-only cannot be protected: Volume scratch '
                    'is in no protection group.'
                ),
                remedy=(
                    'Retype the volumes named so that all lie in one '
                    'replicated protection group and none is encrypted.'
                ),
                details=[
                    {
                        'volume_id': '7b0f5d1c-9c1e-4f7e-8a55-2d6f0c9b3e41',
                        'name': 'scratch',
                        'code': 'not_replicated',
                        'reason': 'is in no protection group',
                    }
                ],
            )
        member = documents.member(
            name=given['server'], wave=given.get('wave', 1)
        )
        self.members.append(member)
        return reply({'member': member}, 201)

    def _delete_member(
        self, request: wrappers.Request, group_id: str, member_id: str
    ) -> wrappers.Response:
        self.members.remove(_find(self.members, 'id', member_id))
        return wrappers.Response(status=204)

    def _list_points(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        _allow_query(request, {'limit'})
        _find(self.groups, 'id', group_id)
        limit = request.args.get('limit', type=int)
        return reply({'recovery_points': self.points[:limit]})

    def _create_operation(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        given = _body(
            request, 'operation', {'type', 'recovery_point', 'force', 'reason'}
        )
        kind = given.pop('type')
        operation = documents.operation(
            id=self.operations[0]['id'],
            failover_group_id=group_id,
            type=kind,
            arguments=given,
        )
        location = f'/v1/operations/{operation["id"]}'
        return reply({'operation': operation}, 202, Location=location)

    def _list_operations(self, request: wrappers.Request) -> wrappers.Response:
        filters = {'failover_group_id', 'state', 'type'}
        _allow_query(request, filters | _PAGING)
        shown = [
            self._without_lanes(operation['id'])
            for operation in _filtered(request, self.operations, filters)
        ]
        return self._page(request, 'operations', shown)

    def _show_operation(
        self, request: wrappers.Request, operation_id: str
    ) -> wrappers.Response:
        if self.history:
            shown = self.history[0]
            del self.history[: len(self.history) > 1]
        else:
            shown = _find(self.operations, 'id', operation_id)
        if shown['id'] != operation_id:
            raise http.NotFound(f'There is no operation {operation_id}.')
        return reply({'operation': shown})

    def _retry_operation(
        self, request: wrappers.Request, operation_id: str
    ) -> wrappers.Response:
        retried = {
            **self._without_lanes(operation_id),
            'state': 'queued',
            'state_reason': None,
            'error_code': None,
            'attempt': 2,
            'started_at': None,
            'finished_at': None,
            'report': {},
        }
        return reply({'operation': retried}, 202)

    def _cancel_operation(
        self, request: wrappers.Request, operation_id: str
    ) -> wrappers.Response:
        cancelled = {
            **self._without_lanes(operation_id),
            'cancel_requested': True,
        }
        return reply({'operation': cancelled}, 202)

    def _without_lanes(self, operation_id: str) -> Document:
        shown = _find(self.operations, 'id', operation_id)
        return {key: shown[key] for key in documents.operation()}

    def _page(
        self, request: wrappers.Request, key: str, found: list[Document]
    ) -> wrappers.Response:
        limit = min(request.args.get('limit', PAGE, type=int), PAGE)
        marker = request.args.get('marker')
        start = 0
        if marker:
            ids = [document['id'] for document in found]
            if marker not in ids:
                raise http.BadRequest(f'There is no marker {marker}.')
            start = ids.index(marker) + 1
        page = found[start : start + limit]
        body: Document = {key: page}
        if start + limit < len(found):
            query = {**request.args, 'marker': page[-1]['id']}
            href = f'{request.base_url}?{parse.urlencode(query)}'
            body[f'{key}_links'] = [{'rel': 'next', 'href': href}]
        return reply(body)


def _service(service_type: str, url: str) -> Document:
    endpoint = {
        'id': f'{service_type}-public',
        'interface': 'public',
        'region': REGION,
        'region_id': REGION,
        'url': url,
    }
    return {
        'id': service_type,
        'type': service_type,
        'name': service_type,
        'endpoints': [endpoint],
    }


class QuietHandler(serving.WSGIRequestHandler):
    def log(self, kind: str, message: str, *details: Any) -> None:
        """Leave standard error to the command under test."""


def _seen(request: wrappers.Request) -> Seen:
    return Seen(
        method=request.method,
        path=request.path,
        query=dict(request.args),
        body=request.get_json(silent=True),
        headers=dict(request.headers),
    )


def _allow_query(request: wrappers.Request, allowed: set[str]) -> None:
    unknown = set(request.args) - allowed
    if unknown:
        raise http.BadRequest(f'Unknown query parameters: {unknown}.')


def _body(request: wrappers.Request, key: str, allowed: set[str]) -> Document:
    body = request.json
    if set(body) != {key}:
        raise http.BadRequest(f'The body must have only {key}.')
    unknown = set(body[key]) - allowed
    if unknown:
        raise http.BadRequest(f'Unknown properties: {sorted(unknown)}.')
    return dict(body[key])


def _find(found: list[Document], key: str, value: str) -> Document:
    for document in found:
        if document[key] == value:
            return document
    raise http.NotFound(f'There is nothing with {key} {value}.')


def _filtered(
    request: wrappers.Request, found: list[Document], filters: set[str]
) -> list[Document]:
    wanted = {key: request.args[key] for key in filters if key in request.args}
    return [
        document
        for document in found
        if all(document[key] == value for key, value in wanted.items())
    ]


def _rules() -> Iterator[routing.Rule]:
    for path, method, name in (
        ('/v1/sites', 'GET', 'list_sites'),
        ('/v1/sites/<name>', 'GET', 'show_site'),
        ('/v1/services', 'GET', 'list_services'),
        ('/v1/failover-groups', 'GET', 'list_groups'),
        ('/v1/failover-groups', 'POST', 'create_group'),
        ('/v1/failover-groups/<group_id>', 'GET', 'show_group'),
        ('/v1/failover-groups/<group_id>', 'PATCH', 'update_group'),
        ('/v1/failover-groups/<group_id>', 'DELETE', 'delete_group'),
        ('/v1/failover-groups/<group_id>/members', 'GET', 'list_members'),
        ('/v1/failover-groups/<group_id>/members', 'POST', 'create_member'),
        (
            '/v1/failover-groups/<group_id>/members/<member_id>',
            'DELETE',
            'delete_member',
        ),
        (
            '/v1/failover-groups/<group_id>/recovery-points',
            'GET',
            'list_points',
        ),
        (
            '/v1/failover-groups/<group_id>/operations',
            'POST',
            'create_operation',
        ),
        ('/v1/operations', 'GET', 'list_operations'),
        ('/v1/operations/<operation_id>', 'GET', 'show_operation'),
        ('/v1/operations/<operation_id>/retry', 'POST', 'retry_operation'),
        ('/v1/operations/<operation_id>/cancel', 'POST', 'cancel_operation'),
    ):
        yield routing.Rule(path, methods=[method], endpoint=name)


_URLS = routing.Map(list(_rules()))
