# SPDX-License-Identifier: Apache-2.0
"""A bare REST client: what a call costs without a client library."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlencode

from flasharray_simulator import testing


class Refused(Exception):
    """An array answered with another status than 200."""


class Rest:
    """One session with one array, over one connection that stays open."""

    def __init__(
        self, array: testing.ArrayProcess, version: str = '2.42'
    ) -> None:
        host, _, port = array.target.rpartition(':')
        self._connection = HTTPSConnection(
            host,
            int(port),
            context=ssl.create_default_context(cafile=array.certificate),
            timeout=600,
        )
        self._base = f'/api/{version}'
        self._headers = {'api-token': array.token}
        self._call('POST', 'login', {}, None)

    def call(
        self, method: str, path: str, body: Any = None, /, **query: str
    ) -> dict[str, Any]:
        """Return the decoded answer; raise Refused for any but a 200."""
        text = self._call(method, path, query, body)
        return dict(json.loads(text)) if text else {}

    def pages(
        self, path: str, /, **query: str
    ) -> Iterator[tuple[float, dict[str, Any]]]:
        """Yield (seconds, page) of a list, page by page."""
        while True:
            started = time.perf_counter()
            text = self._call('GET', path, query, None)
            seconds = time.perf_counter() - started
            page = json.loads(text)
            yield seconds, page
            if not page['more_items_remaining']:
                return
            if page['continuation_token'] is None:
                at = int(query.get('offset', '0')) + len(page['items'])
                query['offset'] = str(at)
            else:
                query['continuation_token'] = page['continuation_token']

    def close(self) -> None:
        self._connection.close()

    def _call(
        self, method: str, path: str, query: dict[str, str], body: Any
    ) -> bytes:
        url = f'{self._base}/{path}'
        if query:
            url = f'{url}?{urlencode(query)}'
        data = None if body is None else json.dumps(body).encode()
        self._connection.request(method, url, data, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise Refused(f'{method} {url}: {response.status} {text[:300]!r}')
        token = response.headers.get('x-auth-token')
        if token:
            self._headers = {'x-auth-token': token}
        return text


def poll(look: Callable[[], bool], timeout: float = 600.0) -> float:
    """Return after how many seconds look was true; look 50 times each."""
    pause = threading.Event()
    started = time.perf_counter()
    while not look():
        if time.perf_counter() - started > timeout:
            raise TimeoutError(f'not within {timeout} s')
        pause.wait(0.02)
    return time.perf_counter() - started
