# SPDX-License-Identifier: Apache-2.0
"""The version of the API that a request asks for."""

from collections.abc import Callable, Iterable
from typing import Any

import microversion_parse

from aegis.api import errors, versions
from aegis.api.middleware import errors as errors_middleware

HEADER = 'OpenStack-API-Version'
ENVIRON_KEY = f'{versions.SERVICE_TYPE}.microversion'


class Microversion:
    """Puts the version into the environment and into the response."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        version = _requested(environ)
        environ[ENVIRON_KEY] = version
        environ[errors_middleware.RESPONSE_HEADERS] = (
            (HEADER, f'{versions.SERVICE_TYPE} {version}'),
            ('Vary', HEADER),
        )
        return self._application(environ, start_response)


def _requested(environ: dict[str, Any]) -> microversion_parse.Version:
    try:
        return microversion_parse.extract_version(
            microversion_parse.headers_from_wsgi_environ(environ),
            versions.SERVICE_TYPE,
            versions.VERSIONS,
        )
    except (ValueError, TypeError) as error:
        raise errors.MicroversionUnsupported(
            version=environ.get('HTTP_OPENSTACK_API_VERSION'),
            details=[
                {
                    'min_version': versions.MIN_VERSION,
                    'max_version': versions.MAX_VERSION,
                }
            ],
        ) from error
