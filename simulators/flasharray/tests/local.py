# SPDX-License-Identifier: Apache-2.0
"""A pair of arrays in the test's own process, moved step by step.

Real applications and real databases, but no threads and no sockets: what
an array does by itself happens when the test says so.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from flasharray_simulator.application import Application
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.call_log import CallLog
from flasharray_simulator.domain import access
from flasharray_simulator.door_server import DoorApplication
from flasharray_simulator.faults import Faults
from flasharray_simulator.housekeeping import Housekeeper
from flasharray_simulator.replication import peers, wire
from flasharray_simulator.replication.receiver import Receiver
from flasharray_simulator.replication.sender import PeerLink
from flasharray_simulator.sessions import User

VERSION = '2.42'
_TOKEN = 'token'
_MOST_TURNS = 10_000


class Reply:
    """Status and decoded body of an answer."""

    def __init__(self, status: int, text: bytes) -> None:
        self.status = status
        self.body: dict[str, Any] = json.loads(text) if text else {}

    @property
    def items(self) -> list[dict[str, Any]]:
        return list(self.body['items'])

    @property
    def message(self) -> str:
        return '; '.join(e['message'] for e in self.body.get('errors', ()))


class _SteppedArray(FlashArray):
    """Lets the network go on where a call waits for a peer."""

    wait: Callable[[], object]

    def wait_for_change(self, generation: int, seconds: float) -> None:
        self.wait()


class LocalArray:
    """One array; ``door`` and ``rest`` call it as clients would."""

    powered = True

    def __init__(self, name: str, directory: Path, network: 'Network') -> None:
        self.name = name
        self._directory = directory
        self._network = network
        self._tokens: Mapping[str, str] = {}
        network.arrays[name] = self
        self.open()

    def open(self) -> None:
        """Start from what is on the disk."""
        user = User('pureuser', _TOKEN)
        setup = Setup(self.name, address=self.name, users=(user,))
        self.array = _SteppedArray(setup, self._directory / self.name)
        self.array.wait = self._network.turn
        with self.array.transaction():
            access.configure(self.array, setup.users)
        self.log = CallLog()
        self.faults = Faults()
        self._api = Client(Application(self.array, self.log, self.faults))
        self._door = Client(DoorApplication(self))  # type: ignore[arg-type]
        self.replication = Client(Receiver(self.array))
        self._housekeeper = Housekeeper(self.array)
        self.links: dict[str, PeerLink] = {}

    def connect(self, peer: str) -> None:
        with self.array.transaction():
            peers.configure(self.array, peer, f'{peer}:7443')

    def kill(self) -> None:
        """End it between two transactions, as a kill would."""
        self.array.close()

    def keep_house(self) -> None:
        self._housekeeper.work(thoroughly=True)

    def set_power(self, up: bool) -> None:
        raise NotImplementedError('there are no ports to close')

    def call(
        self, method: str, path: str, body: Any = None, /, **query: str
    ) -> Reply:
        """Call the REST API; log in when the session is over."""
        reply = self._request(method, path, body, query, self._tokens)
        if reply.status != 401:
            return reply
        answer = self._api.post(
            f'/api/{VERSION}/login', headers={'api-token': _TOKEN}
        )
        self._tokens = {'x-auth-token': answer.headers['x-auth-token']}
        return self._request(method, path, body, query, self._tokens)

    def _request(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Reply:
        answer = self._api.open(
            f'/api/{VERSION}/{path}',
            method=method,
            query_string=query,
            data=None if body is None else json.dumps(body),
            headers=headers,
        )
        return Reply(answer.status_code, answer.get_data())

    def command(self, name: str, /, **body: Any) -> Any:
        """Give the side door a command."""
        answer = self._door.post(f'/{name}', data=json.dumps(body))
        assert answer.status_code == 200, answer.get_data()
        return json.loads(answer.get_data())

    def write(self, volume: str, offset: int, data: bytes) -> None:
        answer = self._door.put(
            '/content',
            query_string={'name': volume, 'offset': offset},
            data=data,
        )
        assert answer.status_code == 200, answer.get_data()

    def turn(self) -> bool:
        """Let each link do one step; return whether there is more to do."""
        busy = False
        before = self.array.generation
        for connection in self.array.array_connections:
            link = self.links.get(connection.id)
            if link is None:
                link = PeerLink(
                    self.array, connection.id, self._network.open, 0.0
                )
                self.links[connection.id] = link
            busy |= link.turn() == 0.0
        return busy or self.array.generation != before


class Network:
    """Carries messages between the arrays of one process."""

    def __init__(self) -> None:
        self.arrays: dict[str, LocalArray] = {}

    def turn(self) -> bool:
        """Let every link do one step; return whether one has more to do."""
        return any([array.turn() for array in self.arrays.values()])

    def open(self, address: str) -> Any:
        return _Channel(address, self.arrays[address.partition(':')[0]])


class _Channel(wire.Channel):
    def __init__(self, address: str, peer: LocalArray) -> None:
        self.address = address
        self._peer = peer

    def send(
        self, verb: str, header: wire.Header, payload: bytes = b''
    ) -> wire.Header:
        answer = self._peer.replication.post(
            f'/{verb}', data=wire.pack(header, payload)
        )
        if answer.status_code == 409:
            raise wire.Rejected(answer.get_data(as_text=True))
        if answer.status_code != 200:
            raise wire.LinkDown(f'status {answer.status_code}')
        return dict(json.loads(answer.get_data()))

    def close(self) -> None:
        pass


class LocalPair:
    """Two connected arrays whose clocks stand still unless moved."""

    def __init__(self, names: tuple[str, str], directory: Path) -> None:
        self._network = Network()
        self._arrays = [
            LocalArray(name, directory, self._network) for name in names
        ]
        for one, other in (self._arrays, self._arrays[::-1]):
            one.connect(other.name)
            one.command('clock-rate', rate=0)
        moment = max(one.command('clock') for one in self._arrays)
        for one in self._arrays:
            one.command(
                'advance-clock', milliseconds=moment - one.command('clock')
            )
        self.settle()

    def __getitem__(self, side: int) -> LocalArray:
        return self._arrays[side]

    def turns(self, count: int) -> None:
        """Let replication do so many steps, and no more."""
        for _ in range(count):
            self._network.turn()

    def settle(self) -> None:
        """Let replication do all it can."""
        for _ in range(_MOST_TURNS):
            if not self._network.turn():
                return
        raise AssertionError('replication does not come to an end')

    def set_link(self, up: bool) -> None:
        for one, other in (self._arrays, self._arrays[::-1]):
            one.command('link', peer=other.name, up=up)

    def restart(self, side: int) -> None:
        self._arrays[side].kill()
        self._arrays[side].open()

    def close(self) -> None:
        for one in self._arrays:
            one.kill()
