# SPDX-License-Identifier: Apache-2.0
"""Running arrays for tests: real processes, ready, and gone afterwards.

Needs no test framework: everything is a context manager or has ``close``,
which ``unittest`` (``enterContext``), ``fixtures`` and ``ExitStack`` take.
"""

import atexit
import collections
import contextlib
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from flasharray_simulator.certificates import CERTIFICATE
from flasharray_simulator.door import Door, DoorError

T = TypeVar('T')

ADDRESS = '127.0.0.1'
PAIR = ('fa-east', 'fa-west')
_PORTS = range(10_000, 20_000)
_CLAIMS = 100
_STARTING = 60.0
_ENDING = 15.0
_POLL = 0.02
_LOOK = 1.0
_WORDS = 2000

_claims: collections.deque[socket.socket] = collections.deque()


def free_ports(count: int, address: str = ADDRESS) -> list[int]:
    """Return ports that nobody listens on now.

    None of them is of those that systems take for outgoing connections:
    one may be taken before somebody listens on it. Nor does anybody else
    get one of them here, until this process has ended or has asked for
    many more.

    :raises OSError: when there are not so many.
    """
    found: list[int] = []
    # The common generator may be seeded alike in several processes.
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        if len(found) == count:
            break
        with contextlib.suppress(OSError):
            _claims.append(_claim(address, port))
            found.append(port)
    _release(_CLAIMS)
    if len(found) < count:
        raise OSError(f'{address} has no {count} free ports')
    return found


def _release(kept: int) -> None:
    while len(_claims) > kept:
        _claims.popleft().close()


atexit.register(_release, 0)


def _claim(address: str, port: int) -> socket.socket:
    """Take a port from those who ask here, but not from who listens.

    The claim is the port of the same number for datagrams.
    """
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind((address, port))
        with socket.socket() as listening:
            listening.bind((address, port))
    except OSError:
        claim.close()
        raise
    return claim


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
        pause.wait(_POLL)


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """Give a directory that is removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix='flasharray-'))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _token() -> str:
    return secrets.token_hex(16)


@dataclass
class ArrayProcess:
    """One array as a process of its own, on free ports.

    ``directory`` holds its state, which outlives the process; ``options``
    are more arguments of ``flasharray-simulator array``; what it prints
    goes to ``log``, or nowhere.
    """

    name: str
    directory: Path
    token: str = field(default_factory=_token)
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    options: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None
    address: str = ADDRESS

    @property
    def target(self) -> str:
        """Return the address of the REST API, as clients take it."""
        return f'{self.address}:{self.ports[0]}'

    @property
    def door(self) -> Door:
        return Door(f'http://{self.address}:{self.ports[1]}')

    @property
    def replication_address(self) -> str:
        return f'{self.address}:{self.ports[2]}'

    @property
    def certificate(self) -> str:
        """Return the file that verifies the array, itself its authority."""
        return str(self.directory / CERTIFICATE)

    def command(self) -> list[str]:
        """Return what ``start`` runs."""
        api, door, replication = (str(port) for port in self.ports)
        return [
            sys.executable,
            '-m',
            'flasharray_simulator.cli',
            'array',
            *('--name', self.name),
            *('--address', self.address),
            *('--port', api),
            *('--door-port', door),
            *('--replication-port', replication),
            *('--data-dir', str(self.directory)),
            *('--api-token', self.token),
            *self.options,
        ]

    def start(self) -> None:
        """Start the process, and do not wait for it."""
        if self.log is None:
            self.process = subprocess.Popen(
                self.command(), stdout=subprocess.DEVNULL
            )
            return
        with self.log.open('ab') as stream:
            self.process = subprocess.Popen(
                self.command(), stdout=stream, stderr=stream
            )

    def ready(self, *peers: str) -> None:
        """Wait until it is up; AssertionError if it has ended."""
        deadline = time.monotonic() + _STARTING
        while True:
            try:
                self.door.wait_ready(_LOOK, peers)
                return
            except DoorError:
                if self.process is not None and self.process.poll():
                    raise AssertionError(self._last_words()) from None
                if time.monotonic() > deadline:
                    raise

    def _last_words(self) -> str:
        if self.log is None:
            return f'{self.name} has ended'
        return f'{self.name} has ended: {self.log.read_text()[-_WORDS:]}'

    def kill(self) -> None:
        """End it as a power cut would; idempotent."""
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

    def close(self) -> None:
        """End it politely if it runs, or else by force."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_ENDING)
        self.kill()

    def client(self, **options: Any) -> Any:
        """Return a py-pure-client that verifies the certificate."""
        from pypureclient import flasharray
        from pypureclient.configuration import Configuration

        if not {'id_token', 'private_key_file'} & options.keys():
            options.setdefault('api_token', self.token)
        return flasharray.Client(
            self.target,
            configuration=Configuration(ssl_ca_cert=self.certificate),
            verify_ssl=True,
            **options,
        )


class RunningArrays:
    """A context manager: arrays that run and are all connected.

    By default a pair. ``arrays`` has them by name, and iterating gives
    them in the order of the names. ``options`` go to each of them.
    """

    def __init__(
        self,
        names: Sequence[str] = PAIR,
        options: Sequence[str] = (),
        root: Path | None = None,
    ) -> None:
        self._names = tuple(names)
        self._options = list(options)
        self._root = root
        self._stack = contextlib.ExitStack()
        self.arrays: dict[str, ArrayProcess] = {}

    def __iter__(self) -> Iterator[ArrayProcess]:
        return iter(self.arrays.values())

    def __getitem__(self, name: str) -> ArrayProcess:
        return self.arrays[name]

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            root = self._root or stack.enter_context(directory())
            self.arrays = {
                name: ArrayProcess(name, root / name, log=root / f'{name}.log')
                for name in self._names
            }
            for array in self:
                array.options = [
                    f'--mediator={root / "mediator"}',
                    *self._options,
                    *self._connections(array),
                ]
                array.start()
                stack.callback(array.close)
            for array in self:
                array.ready(*(other.name for other in self._others(array)))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _others(self, array: ArrayProcess) -> list[ArrayProcess]:
        return [other for other in self if other is not array]

    def _connections(self, array: ArrayProcess) -> list[str]:
        return [
            f'--connect={other.name}={other.replication_address}'
            for other in self._others(array)
        ]
