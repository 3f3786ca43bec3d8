# SPDX-License-Identifier: Apache-2.0
"""A client of an array's side door. Needs nothing but requests."""

import time
from typing import Any

import requests

_TIMEOUT = (5, 120)
_READY_POLL = 0.1


class DoorError(Exception):
    """The side door refused, or does not answer."""


class Door:
    """Every method is one HTTP call; raises DoorError if it fails.

    ``base_url`` is like ``http://127.0.61.10:9443``. Names are full Purity
    names of volumes or snapshots, offsets and lengths bytes, times virtual
    milliseconds. Not safe for use by several threads at once.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip('/')
        self._session = requests.Session()
        self._session.trust_env = False

    def write(self, volume: str, offset: int, data: bytes) -> None:
        """Write bytes into a volume as a host would; idempotent."""
        self._call(
            'PUT',
            'content',
            params={'name': volume, 'offset': offset},
            data=data,
        )

    def read(self, volume_or_snapshot: str, offset: int, length: int) -> bytes:
        """Return bytes; also those of an incomplete replica."""
        response = self._call(
            'GET',
            'content',
            params={
                'name': volume_or_snapshot,
                'offset': offset,
                'length': length,
            },
        )
        return bytes(response.content)

    def digest(self, volume_or_snapshot: str) -> str:
        """Return a SHA-256 over size and bytes, equal for equal contents.

        It is taken over the size (8 bytes, big endian) and, for every
        32 KiB block that is not zero, its number (8 bytes) and its bytes;
        so it costs as much as was written, whatever the size.
        """
        return str(self._command('digest', name=volume_or_snapshot))

    def clock(self) -> int:
        """Return the array's time in ms since the epoch."""
        return int(self._command('clock'))

    def advance_clock(self, ms: int) -> int:
        """Move the clock forward; what falls due is done on return."""
        return int(self._command('advance-clock', milliseconds=ms))

    def set_clock_rate(self, x: float) -> None:
        """Let x virtual seconds pass in one real second; 0 stops time."""
        self._command('clock-rate', rate=x)

    def set_link(self, peer: str, up: bool) -> None:
        """Cut or restore the replication link to the array named peer."""
        self._command('link', peer=peer, up=up)

    def set_bandwidth(self, bytes_per_second: int | None) -> None:
        """Limit what this array sends; None is unlimited.

        Per second of the array's own clock.
        """
        self._command('bandwidth', bytes_per_second=bytes_per_second)

    def freeze_transfers(self, frozen: bool, at: float | None = None) -> None:
        """Hold all transfers from or to this array where they are.

        A transfer that has not begun is announced to the target but stays
        without a record there. With ``at`` (on the sending array) they go
        on up to that progress, 0.0 to 1.0, and stop there incomplete.
        """
        self._command('freeze-transfers', frozen=frozen, at=at)

    def inject_fault(
        self,
        method: str,
        path: str,
        count: int,
        status: int | None = None,
        message: str | None = None,
        delay: float | None = None,
        after: bool = False,
    ) -> None:
        """Let the next count calls of method on path be slow or fail.

        ``path`` is like ``volumes/batch`` and may hold ``*``, as method
        may be ``*``; ``delay`` is in real seconds. With ``after`` the call
        does its work before it fails.
        """
        self._command(
            'inject-fault',
            method=method,
            path=path,
            count=count,
            status=status,
            message=message,
            delay=delay,
            after=after,
        )

    def clear_faults(self) -> None:
        self._command('clear-faults')

    def set_power(self, up: bool) -> None:
        """Switch the array off (its ports refuse TCP) or on again."""
        self._command('power', up=up)

    def call_log(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the API calls after number since, oldest first.

        Each has sequence, time, method, path, query, body, status,
        user_agent and seconds. Kept in memory: empty after a restart.
        """
        return list(self._command('call-log', since=since))

    def clear_call_log(self) -> None:
        self._command('clear-call-log')

    def objects(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything the array keeps, by kind.

        volumes, volume_snapshots, volume_groups, hosts, host_groups,
        connections, protection_groups, protection_group_members,
        protection_group_targets, protection_group_snapshots, transfers,
        array_connections, tags. A volume's ``content`` changes if, and
        only if, its bytes do.
        """
        return dict(self._command('objects'))

    def status(self) -> dict[str, Any]:
        """Return name, id, power, clock, limits and connected peers."""
        return dict(self._command('status'))

    def expire_sessions(self) -> None:
        """End all API sessions: the next call of each answers 401."""
        self._command('expire-sessions')

    def switches(self) -> dict[str, str | int]:
        """Return the value of every switch, by name (docs/switches.md)."""
        return dict(self._command('switches'))

    def set_switch(self, name: str, value: str | int) -> None:
        """Choose how the array behaves where nothing is published."""
        self._command('set-switch', name=name, value=value)

    def set_controller(self, name: str, up: bool) -> None:
        """Let CT0 or CT1 fail, or repair it; its ports go with it."""
        self._command('controller', name=name, up=up)

    def set_initiator_paths(
        self, initiator: str, ports: list[str] | None
    ) -> None:
        """Choose the ports that an IQN, NQN or WWN is logged in to.

        None, the default, is all ports of its protocol. A WWN is given
        as the array shows it in hosts, without colons.
        """
        self._command('initiator-paths', initiator=initiator, ports=ports)

    def wait_ready(
        self, timeout: float = 30.0, peers: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return the status once the array is up and its peers connected.

        Raises DoorError after timeout seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                status = self.status()
                connected = status['connected']
                if status['powered'] and all(
                    connected.get(peer) for peer in peers
                ):
                    return status
                problem = f'connected: {connected}'
            except DoorError as error:
                problem = str(error)
            if time.monotonic() > deadline:
                raise DoorError(
                    f'{self.base_url} is not ready after {timeout} s:'
                    f' {problem}'
                )
            time.sleep(_READY_POLL)

    def _command(self, command: str, **body: Any) -> Any:
        return self._call('POST', command, json=body).json()

    def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = self._session.request(
                method,
                f'{self.base_url}/{path}',
                timeout=_TIMEOUT,
                **options,
            )
        except requests.RequestException as error:
            raise DoorError(f'{self.base_url}: {error}') from error
        if response.status_code != 200:
            raise DoorError(f'{path}: {response.text}')
        return response
