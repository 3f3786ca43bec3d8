# SPDX-License-Identifier: Apache-2.0
"""The WSGI application and what surrounds it."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import pecan
from keystonemiddleware import auth_token
from oslo_config import cfg
from oslo_middleware import (
    cors,
    healthcheck,
    http_proxy_to_wsgi,
    request_id,
    sizelimit,
)

from aegis.api import (
    hooks,
    openapi,
    requests,
    root,
    routes,
    signatures,
    versions,
)
from aegis.api import services as api_services
from aegis.api.middleware import (
    authentication,
    errors,
    microversion,
    request_log,
)
from aegis.common import policy

Application = Callable[..., Iterable[bytes]]

HEALTHCHECK_PATH = '/healthcheck'


@dataclasses.dataclass(frozen=True)
class _Paths:
    """Sends one path elsewhere: the health check answers whatever it gets."""

    application: Application
    elsewhere: dict[str, Application]

    def __call__(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        application = self.elsewhere.get(
            environ.get('PATH_INFO', ''), self.application
        )
        return application(environ, start_response)


def build_application(
    conf: cfg.ConfigOpts, engine: api_services.Engine | None = None
) -> Application:
    """The API as a WSGI application.

    ``aegis.db.session`` has to be configured before the first request.

    :param conf: parsed, with all options registered.
    :param engine: how to reach an engine; over the message bus by default.
    """
    signatures.remember()
    controller = root.RootController()
    services = api_services.ApiServices(
        conf=conf,
        authorizer=policy.Authorizer(conf),
        engine=engine or api_services.engine_over_bus(conf),
        description=openapi.document(routes.walk(controller)),
    )
    application = pecan.make_app(
        controller,
        debug=False,
        hooks=lambda: [hooks.RequestHook(services)],
        request_cls=requests.Request,
        guess_content_type_from_ext=False,
    )
    return _surround(application, conf)


def _surround(application: Application, conf: cfg.ConfigOpts) -> Application:
    """Put the middleware around the application, the innermost first.

    The request id is outermost: a request that is refused has one too.
    """
    application = authentication.Authentication(
        application,
        auth_token.AuthProtocol(
            application,
            {
                'oslo_config_config': conf,
                'service_type': versions.SERVICE_TYPE,
            },
        ),
    )
    application = microversion.Microversion(application)
    application = sizelimit.RequestBodySizeLimiter(application, conf)
    application = errors.Errors(application)
    application = _Paths(
        application, {HEALTHCHECK_PATH: healthcheck.Healthcheck(None, conf)}
    )
    application = http_proxy_to_wsgi.HTTPProxyToWSGI(application, conf)
    application = cors.CORS(application, conf)
    application = request_log.RequestLog(application)
    return request_id.RequestId(application, conf)
