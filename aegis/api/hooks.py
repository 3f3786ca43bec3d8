# SPDX-License-Identifier: Apache-2.0
"""What every request gets before its controller sees it."""

from typing import Any

from oslo_middleware import request_id
from pecan import hooks

from aegis.api import services as api_services
from aegis.common import context as aegis_context

_AUTHENTICATED = 'keystone.token_auth'


class RequestHook(hooks.PecanHook):
    """Gives the request its context and the services to work with."""

    def __init__(self, services: api_services.ApiServices) -> None:
        super().__init__()
        self._services = services

    def before(self, state: Any) -> None:
        state.request.services = self._services
        state.request.context = self._context(state.request.environ)

    def _context(
        self, environ: dict[str, Any]
    ) -> aegis_context.RequestContext:
        if _AUTHENTICATED not in environ:
            # Nobody has checked the headers that say who it is.
            return aegis_context.RequestContext(
                request_id=environ[request_id.ENV_REQUEST_ID],
                global_request_id=environ.get(request_id.GLOBAL_REQ_ID),
            )
        context = aegis_context.RequestContext.from_environ(
            environ, auth_token=None, service_token=None, is_admin=False
        )
        context.is_admin = self._services.authorizer.is_admin(context)
        return context
