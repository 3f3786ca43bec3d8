# SPDX-License-Identifier: Apache-2.0
"""A client of an array's side door. Needs nothing but requests."""

import threading
import time
from typing import Any

import requests

_TIMEOUT = (5, 120)
_READY_POLL = 0.1
_OVERLOADS = {
    429: 'API rate limit exceeded.',
    500: 'Server is busy',
    503: 'Service unavailable.',
}


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

    def write(
        self, volume: str, offset: int, data: bytes, host: str | None = None
    ) -> None:
        """Write bytes into a volume as a host would; idempotent.

        ``host`` must be connected to it; the figures show who wrote.
        """
        self._call(
            'PUT',
            'content',
            params={'name': volume, 'offset': offset, 'host': host},
            data=data,
        )

    def read(
        self,
        volume_or_snapshot: str,
        offset: int,
        length: int,
        host: str | None = None,
    ) -> bytes:
        """Return bytes; also those of an incomplete replica."""
        response = self._call(
            'GET',
            'content',
            params={
                'name': volume_or_snapshot,
                'offset': offset,
                'length': length,
                'host': host,
            },
        )
        return bytes(response.content)

    def load(
        self,
        volume: str,
        reads: int = 0,
        writes: int = 0,
        read_bytes: int = 0,
        written_bytes: int = 0,
        host: str | None = None,
    ) -> None:
        """Let performance figures show reads and writes without data."""
        self._command(
            'load',
            volume=volume,
            reads=reads,
            writes=writes,
            read_bytes=read_bytes,
            written_bytes=written_bytes,
            host=host,
        )

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

    def set_clock(self, ms: int) -> int:
        """Move the clock forward to a time, as advance_clock does."""
        return int(self._command('set-clock', milliseconds=ms))

    def set_clock_rate(self, x: float) -> None:
        """Let x virtual seconds pass in one real second; 0 stops time."""
        self._command('clock-rate', rate=x)

    def set_link(self, peer: str, up: bool, kind: str = 'both') -> None:
        """Cut or restore the link to the array named peer.

        ``kind`` is ``replication`` (what moves data), ``management`` (what
        arrays tell each other of themselves and their settings) or
        ``both``. A cut at one end is enough.
        """
        self._command('link', peer=peer, up=up, kind=kind)

    def set_mediator(self, status: str = 'online') -> None:
        """Let this array reach the mediator of stretched pods, or not.

        ``status`` is online, unreachable or flummoxed (reached, but of no
        use). A mediator that is lost altogether is lost to each array.
        """
        self._command('mediator', status=status)

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
        count: int | None,
        status: int | None = None,
        message: str | None = None,
        delay: float | None = None,
        after: bool = False,
        answer: str = 'error',
        retry_after: int | None = None,
        user_agent: str | None = None,
    ) -> None:
        """Let the next count calls of method on path be slow or fail.

        ``path`` is like ``volumes/batch`` and may hold ``*``, as method
        may be ``*``; a count of None is all calls until clear_faults;
        ``delay`` is in real seconds. With ``after`` the call does its
        work before it fails. ``answer`` is ``error`` (with the status),
        ``reset`` (the connection breaks) or ``garbage`` (the body is not
        JSON); ``retry_after`` (s) is sent as header. With ``user_agent``
        only calls of clients that have it in theirs are meant.
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
            answer=answer,
            retry_after=retry_after,
            user_agent=user_agent,
        )

    def overload(self, status: int, retry_after: int | None = None) -> None:
        """Refuse all calls as an array that has too much to do.

        ``status`` is 429, 503 or 500 ("Server is busy"); clear_faults
        ends it.
        """
        if status not in _OVERLOADS:
            raise DoorError(f'an overload is one of {tuple(_OVERLOADS)}')
        self.inject_fault(
            '*',
            '*',
            None,
            status,
            _OVERLOADS[status],
            retry_after=retry_after,
        )

    def set_latency(self, seconds: float) -> None:
        """Let every call take that much longer, until clear_faults."""
        self.inject_fault('*', '*', None, delay=seconds)

    def set_rate_limit(self, per_second: int, burst: int) -> None:
        """Limit the calls of each user; 0 per second is no limit."""
        self.set_switch('rate_burst', burst)
        self.set_switch('rate_limit', per_second)

    def set_profile(self, profile: str) -> None:
        """Let the array be of another version, as after an upgrade.

        Sessions go on. ``profile`` is the newest REST version, like
        ``2.36``; it survives a restart.
        """
        self._command('profile', profile=profile)

    def raise_alert(
        self,
        summary: str,
        severity: str = 'warning',
        code: int = 1,
        category: str = 'array',
        component_type: str = 'hardware',
        component_name: str = 'CT0',
    ) -> str:
        """Open an alert; return its name."""
        return str(
            self._command(
                'alert',
                summary=summary,
                severity=severity,
                code=code,
                category=category,
                component_type=component_type,
                component_name=component_name,
            )
        )

    def close_alert(self, name: str) -> None:
        self._command('close-alert', name=name)

    def clear_faults(self) -> None:
        self._command('clear-faults')

    def set_power(self, up: bool) -> None:
        """Switch the array off (its ports refuse TCP) or on again."""
        self._command('power', up=up)

    def set_management(self, up: bool) -> None:
        """Switch off the REST API alone (it refuses TCP) or on again.

        Replication and the array's own work go on. After a restart it
        is on.
        """
        self._command('management', up=up)

    def call_log(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the API calls after number since, oldest first.

        Each has sequence, time, method, path, query, body, status,
        user_agent and seconds. Kept in memory: empty after a restart.
        """
        return list(self._command('call-log', since=since))

    def clear_call_log(self) -> None:
        self._command('clear-call-log')

    def objects(self, *kinds: str) -> dict[str, list[dict[str, Any]]]:
        """Return what the array keeps, by kind; everything by default.

        volumes, volume_snapshots, volume_groups, hosts, host_groups,
        connections, protection_groups, protection_group_members,
        protection_group_targets, protection_group_snapshots, transfers,
        array_connections, pods, pod_links, tags, network_interfaces,
        subnets. A volume's ``content`` changes if, and only if, its bytes
        do.
        """
        return dict(self._command('objects', kinds=kinds))

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

    def limits(self) -> dict[str, int | None]:
        """Return how many objects of each kind there may be."""
        return dict(self._command('limits'))

    def set_limit(self, kind: str, most: int | None) -> None:
        """Limit a kind like ``volumes``; None, the default, is no limit.

        A call that would need more is refused with ``limit reached``.
        """
        self._command('set-limit', kind=kind, most=most)

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
        pause = threading.Event()
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
            pause.wait(_READY_POLL)

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
