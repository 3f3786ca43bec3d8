# SPDX-License-Identifier: Apache-2.0
"""Two arrays in one thread that share a pod, and can be parted or killed."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.domain import pods
from flasharray_simulator.mediator import Mediator
from flasharray_simulator.replication import (
    mirror_stretch,
    mirror_verbs,
    peers,
    pod_image,
    pod_stage,
)
from flasharray_simulator.replication.mirror import Mirror
from flasharray_simulator.replication.mirror_keeper import MirrorKeeper
from flasharray_simulator.replication.mirror_links import MirrorLinks
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.wire import Channel, Header, LinkDown

R = TypeVar('R')

NAMES = ('east', 'west')
_MOST_ROUNDS = 60


class Killed(BaseException):
    """The process of an array ended in the middle of what it did."""


@dataclass
class Kill:
    """Ends the sender of a verb: before it is sent, or after the answer."""

    name: str
    verb: str
    after: bool = True


class Wire(Channel):
    """Calls the other array at once; JSON all the same."""

    def __init__(self, rig: 'Rig', name: str) -> None:
        super().__init__(rig.other(name))
        self._rig = rig
        self._name = name

    def send(self, verb: str, header: Header, payload: bytes = b'') -> Header:
        rig = self._rig
        if not rig.linked:
            raise LinkDown('cut')
        rig.on_send(verb)
        kill = rig.kill
        planned = (
            kill is not None and kill.name == self._name and kill.verb == verb
        )
        if planned and not kill.after:
            raise Killed
        answer = rig.answer(rig.other(self._name), verb, header, payload)
        if planned:
            raise Killed
        return answer


class Rig:
    """The two arrays, by name; ``linked`` and ``kill`` are set by tests.

    ``keeper`` is the array that keeps the lock of the pair.
    """

    def __init__(self, root: Path, keeper: str = 'east') -> None:
        self._root = root
        self.mediator = Mediator(root / 'mediator')
        self.linked = True
        self.kill: Kill | None = None
        self.on_send: Callable[[str], None] = lambda verb: None
        self.arrays: dict[str, FlashArray] = {}
        self.mirrors: dict[str, Mirror] = {}
        self.keepers: dict[str, MirrorKeeper] = {}
        for name in NAMES:
            self._open(name)
            self._identify(name, name == keeper)
        for name in NAMES:
            self._connect(name)
        self.pod_id = ''

    def close(self) -> None:
        for array in self.arrays.values():
            array.close()

    def other(self, name: str) -> str:
        return NAMES[1 - NAMES.index(name)]

    def _open(self, name: str) -> None:
        array = FlashArray(Setup(name), self._root / f'{name}.sqlite3')
        links = MirrorLinks(array, lambda address: Wire(self, name))
        mirror = Mirror(array, self.mediator, links)
        array.mirror = mirror
        self.arrays[name] = array
        self.mirrors[name] = mirror
        self.keepers[name] = MirrorKeeper(
            array, Pacer(array, name), 'connection', beat_every=0.0
        )

    def _identify(self, name: str, lowest: bool) -> None:
        array = self.arrays[name]
        identifier = str(uuid.UUID(int=0 if lowest else 1))
        with array.transaction():
            array.array_settings.put(
                replace(array.settings, array_id=identifier)
            )

    def _connect(self, name: str) -> None:
        array = self.arrays[name]
        other = self.other(name)
        with array.transaction():
            array.array_connections.put(
                model.ArrayConnection(
                    id='connection',
                    name=other,
                    kind=peers.SYNC,
                    replication_address=other,
                    peer_id=self.arrays[other].settings.array_id,
                )
            )
        array.set_reachable(other, True)

    def answer(
        self, name: str, verb: str, header: Header, payload: bytes
    ) -> Header:
        """Let an array answer as its replication port would."""
        array = self.arrays[name]
        plain = json.loads(json.dumps(header))
        free = mirror_verbs.verbs(array)
        if verb in free:
            answer = free[verb](plain, payload)
        else:
            with array.transaction():
                answer = pod_stage.verbs(array)[verb](plain, payload)
        return dict(json.loads(json.dumps(answer)))

    def restart(self, name: str) -> None:
        """Start an array anew from its disk, as after a kill."""
        self.kill = None
        self.arrays[name].close()
        self._open(name)
        self.arrays[name].set_reachable(self.other(name), True)
        self.keepers[self.other(name)].lose()

    def try_on(self, name: str, work: Callable[[], R]) -> R:
        """Do work on an array; restart it if it is killed meanwhile."""
        try:
            return self.arrays[name].run(work)
        except Killed:
            self.restart(name)
            raise

    def stretch(self) -> None:
        array = self.arrays['east']
        with array.transaction():
            self.pod_id = pods.create(array, pods.NewPod('pod')).id
        mirror_stretch.stretch(array, 'pod', 'west')
        self.heal()

    def turn(self, name: str) -> None:
        """Do what the link's thread of an array does next."""
        keeper = self.keepers[name]
        array = self.arrays[name]
        wire = Wire(self, name)

        def send(verb: str, header: Header, payload: bytes) -> Header:
            return wire.send(verb, {'source': name, **header}, payload)

        try:
            if not self.linked:
                raise LinkDown('cut')
            connection = array.array_connections['connection']
            keeper.step(connection, send)
        except LinkDown:
            keeper.lose()
        except Killed:
            self.restart(name)

    def heal(self) -> None:
        """Join the arrays and let them work until they are in sync."""
        self.linked = True
        self.kill = None
        for name in NAMES:
            self.set_mediator(name, 'online')
        for _ in range(_MOST_ROUNDS):
            if all(self.replica(name).in_sync for name in NAMES):
                return
            for name in NAMES:
                self.turn(name)
        raise AssertionError(
            f'not in sync: {[self.replica(name) for name in NAMES]}'
        )

    def replica(self, name: str) -> model.PodReplica:
        return self.arrays[name].pod_replicas[self.pod_id]

    def set_mediator(self, name: str, status: str) -> None:
        array = self.arrays[name]
        with array.transaction():
            array.environments.put(replace(array.environment, mediator=status))

    def image(self, name: str) -> frozenset[tuple[str, Any]]:
        array = self.arrays[name]
        with array.transaction():
            image = pod_image.take(array, self.pod_id)
        return frozenset(image.objects)
