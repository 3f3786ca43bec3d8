# SPDX-License-Identifier: Apache-2.0
"""Running arrays for tests, and patience without sleeping."""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flasharray_simulator.certificates import CERTIFICATE
from flasharray_simulator.door import Door, DoorError

T = TypeVar('T')

GIB = 2**30
HOUR = 3_600_000
DAY = 24 * HOUR
ADDRESS = '127.0.0.1'
_STARTING = 30.0


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((ADDRESS, 0))
        return [one.getsockname()[1] for one in sockets]


def eventually(
    look: Callable[[], T], timeout: float = 20.0, what: str = 'it'
) -> T:
    """Return the first true result of look; AssertionError if too late."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while True:
        result = look()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f'{what} did not happen in {timeout} s')
        pause.wait(0.02)


@dataclass
class ArrayProcess:
    """One array as a process of its own, on free ports."""

    name: str
    directory: Path
    token: str
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    options: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> str:
        return f'{ADDRESS}:{self.ports[0]}'

    @property
    def door(self) -> Door:
        return Door(f'http://{ADDRESS}:{self.ports[1]}')

    @property
    def replication_address(self) -> str:
        return f'{ADDRESS}:{self.ports[2]}'

    @property
    def certificate(self) -> str:
        return str(self.directory / CERTIFICATE)

    def start(self) -> None:
        api, door, replication = (str(port) for port in self.ports)
        self.process = subprocess.Popen(
            [
                sys.executable,
                '-m',
                'flasharray_simulator.cli',
                'array',
                *('--name', self.name),
                *('--address', ADDRESS),
                *('--port', api),
                *('--door-port', door),
                *('--replication-port', replication),
                *('--data-dir', str(self.directory)),
                *('--api-token', self.token),
                *self.options,
            ],
            stdout=subprocess.DEVNULL,
        )

    def ready(self, *peers: str) -> None:
        """Wait until it is up; AssertionError if it has ended."""
        deadline = time.monotonic() + _STARTING
        while True:
            try:
                self.door.wait_ready(1.0, peers)
                return
            except DoorError:
                if self.process is not None and self.process.poll():
                    raise AssertionError(f'{self.name} has ended') from None
                if time.monotonic() > deadline:
                    raise

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def terminate(self) -> int:
        """End it politely; return its exit status."""
        assert self.process is not None
        self.process.terminate()
        status = self.process.wait(_STARTING)
        self.process = None
        return status

    def client(self, **options: Any) -> Any:
        """Return a py-pure-client that verifies the certificate."""
        from pypureclient import flasharray
        from pypureclient.configuration import Configuration

        options.setdefault('api_token', self.token)
        return flasharray.Client(
            self.target,
            configuration=Configuration(ssl_ca_cert=self.certificate),
            verify_ssl=True,
            **options,
        )


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix='flasharray-'))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class OneArrayCase(unittest.TestCase):
    """Tests that share one running array; use names of your own."""

    options: list[str] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        path = cls.enterClassContext(directory())
        cls.array = ArrayProcess('fa-one', path, 'token-one')
        cls.array.options = [*cls.options, '--readonly-token', 'token-read']
        cls.array.start()
        cls.addClassCleanup(cls.array.kill)
        cls.array.ready()
        cls.door = cls.array.door
        cls.client = cls.array.client()


class PairCase(unittest.TestCase):
    """Tests that share two connected arrays in two processes."""

    options: list[str] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        path = cls.enterClassContext(directory())
        cls.east = ArrayProcess('fa-east', path / 'east', 'token-east')
        cls.west = ArrayProcess('fa-west', path / 'west', 'token-west')
        for one, other in (
            (cls.east, cls.west),
            (cls.west, cls.east),
        ):
            one.options = [
                *cls.options,
                '--connect',
                f'{other.name}={other.replication_address}',
            ]
            one.start()
            cls.addClassCleanup(one.kill)
        cls.east.ready('fa-west')
        cls.west.ready('fa-east')
