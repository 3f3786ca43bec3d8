# SPDX-License-Identifier: Apache-2.0
"""The pair of the model tests as two processes, killed and started again."""

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import requests

from tests import support
from tests.local import VERSION, Reply


class ProcessArray:
    """One array as a process, called as the local ones are."""

    def __init__(self, process: support.ArrayProcess) -> None:
        self.name = process.name
        self.process = process
        self._session = requests.Session()
        self._session.trust_env = False
        self._tokens: Mapping[str, str] = {}

    def call(
        self, method: str, path: str, body: Any = None, /, **query: str
    ) -> Reply:
        """Call the REST API; log in when the session is over."""
        answer = self._send(method, path, body, query, self._tokens)
        if answer.status_code == 401:
            tokens = {'api-token': self.process.token}
            login = self._send('POST', 'login', None, {}, tokens)
            self._tokens = {'x-auth-token': login.headers['x-auth-token']}
            answer = self._send(method, path, body, query, self._tokens)
        return Reply(answer.status_code, answer.content)

    def _send(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> requests.Response:
        return self._session.request(
            method,
            f'https://{self.process.target}/api/{VERSION}/{path}',
            params=query,
            data=None if body is None else json.dumps(body),
            headers=headers,
            verify=self.process.certificate,
            timeout=60,
        )

    def command(self, name: str, /, **body: Any) -> Any:
        """Give the side door a command."""
        answer = self._session.post(
            f'{self.process.door.base_url}/{name}', json=body, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, volume: str, offset: int, data: bytes) -> None:
        self.process.door.write(volume, offset, data)


class ProcessPair:
    """Two connected processes whose clocks stand still unless moved."""

    def __init__(self, names: tuple[str, str]) -> None:
        self._stack = contextlib.ExitStack()
        path = self._stack.enter_context(support.directory())
        processes = [
            support.ArrayProcess(name, path / name, f'token-{name}')
            for name in names
        ]
        self._arrays = [ProcessArray(process) for process in processes]
        for one, other in (processes, processes[::-1]):
            one.options = [
                '--connect',
                f'{other.name}={other.replication_address}',
                *('--mediator', str(path / 'mediator')),
            ]
            one.start()
            self._stack.callback(one.kill)
        self._link = True
        self._await_peers()
        self._stand_still()

    def _stand_still(self) -> None:
        for one in self._arrays:
            one.command('clock-rate', rate=0)
        moments = [one.command('clock') for one in self._arrays]
        for one, moment in zip(self._arrays, moments, strict=True):
            one.command('advance-clock', milliseconds=max(moments) - moment)

    def __getitem__(self, side: int) -> ProcessArray:
        return self._arrays[side]

    def _await_peers(self) -> None:
        for one, other in (self._arrays, self._arrays[::-1]):
            one.process.ready(*([other.name] if self._link else []))

    def turns(self, count: int) -> None:
        """Replication goes on by itself: a kill hits it anywhere."""

    def settle(self) -> None:
        """``agree`` waits for it."""

    def agree(self, compare: Callable[[], None]) -> None:
        """Return when the comparison succeeds; raise if it never does."""
        problem: list[AssertionError] = []

        def look() -> bool:
            try:
                compare()
            except AssertionError as error:
                problem[:] = [error]
                return False
            return True

        try:
            support.eventually(look)
        except AssertionError:
            raise problem[0] from None

    def set_link(self, up: bool) -> None:
        for one, other in (self._arrays, self._arrays[::-1]):
            one.command('link', peer=other.name, up=up)
        self._link = up
        self._await_peers()

    def restart(self, side: int) -> None:
        self._arrays[side].process.kill()
        self._arrays[side].process.start()
        self._await_peers()

    def close(self) -> None:
        self._stack.close()
