# SPDX-License-Identifier: Apache-2.0
"""Which paths need a token."""

from collections.abc import Callable, Iterable
from typing import Any

PUBLIC_PATHS = frozenset({'', '/v1', '/v1/openapi.json'})

Application = Callable[..., Iterable[bytes]]


class Authentication:
    """Sends requests through Keystone's middleware, except for public paths.

    :param application: what answers in the end.
    :param authenticated: the same, behind the middleware.
    """

    def __init__(
        self, application: Application, authenticated: Application
    ) -> None:
        self._application = application
        self._authenticated = authenticated

    def __call__(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ.get('PATH_INFO', '').rstrip('/') in PUBLIC_PATHS:
            return self._application(environ, start_response)
        return self._authenticated(environ, start_response)
