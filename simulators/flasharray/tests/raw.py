# SPDX-License-Identifier: Apache-2.0
"""A client of the REST API that adds nothing to it."""

from types import TracebackType
from typing import Any, Self

import requests

from tests.support import ArrayProcess


class RawClient:
    """One session in one REST version; a context manager."""

    def __init__(self, array: ArrayProcess, version: str) -> None:
        self._url = f'https://{array.target}/api/{version}'
        self._token = array.token
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = array.certificate

    def __enter__(self) -> Self:
        response = self._session.post(
            f'{self._url}/login', headers={'api-token': self._token}
        )
        token = response.headers['x-auth-token']
        self._session.headers['x-auth-token'] = token
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
    ) -> requests.Response:
        return self._session.request(
            method, f'{self._url}/{path}', params=query, json=body
        )
