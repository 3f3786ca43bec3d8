# SPDX-License-Identifier: Apache-2.0
"""One array: all its state, its lock, its clock and its transactions."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flasharray_simulator import (
    errors,
    limits,
    model,
    names,
    profiles,
    switches,
)
from flasharray_simulator.call import Item
from flasharray_simulator.clock import VirtualClock
from flasharray_simulator.collections import (
    Change,
    Collection,
    Stored,
)
from flasharray_simulator.database import Database
from flasharray_simulator.domain import network
from flasharray_simulator.objects import Objects
from flasharray_simulator.sessions import Sessions, User
from flasharray_simulator.traffic import Traffic

T = TypeVar('T', bound=Stored)
R = TypeVar('R')

ARRAY = 'array'
ENVIRONMENT = 'environment'
DEFAULT_CAPACITY = 100 * 2**40


@dataclass(frozen=True)
class Setup:
    """What an array is told at its start."""

    name: str
    address: str = '127.0.0.1'
    port: int = 8443
    replication_port: int = 7443
    capacity: int | None = None
    profile: profiles.Profile = profiles.PROFILES[profiles.DEFAULT]
    users: tuple[User, ...] = ()
    switches: tuple[model.SwitchSetting, ...] = ()
    protocols: tuple[str, ...] = network.DEFAULT_PROTOCOLS
    mediator: Path | None = None

    @property
    def replication_address(self) -> str:
        return f'{self.address}:{self.replication_port}'


class Mirroring(Protocol):
    """What makes stretched pods the same on two arrays."""

    def run(self, work: Callable[[], R]) -> R: ...

    def before_commit(self, changes: list[Change]) -> None: ...

    def expect_io(self, pod_id: str | None) -> None: ...

    def settles(self, pod_id: str) -> bool: ...


class FlashArray(Objects):
    """The state of one array, kept in one SQLite file.

    Everything is read and changed inside ``transaction()``, which holds
    the array's lock, commits on success and undoes on an exception.
    """

    def __init__(self, setup: Setup, path: Path | str) -> None:
        super().__init__(Database(path))
        self.setup = setup
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.generation = 0
        self.sessions = Sessions()
        self._depth = 0
        self.reachable: dict[str, bool] = {}
        self.parted: set[str] = set()
        self.traffic = Traffic()
        self.link_points: dict[str, int] = {}
        self.observers: list[Callable[[list[Change]], None]] = []
        self.mediator_status = 'online'
        self.mirror: Mirroring | None = None
        self.clock = VirtualClock()
        self._switch_values: dict[str, str] = {}
        with self.transaction():
            self._open_settings()
            limits.apply(self, self.environment.limits)
            self._open_interfaces()
            self.set_switches(
                {
                    setting.name: setting.value
                    for setting in (
                        *self.environment.switches,
                        *setup.switches,
                    )
                }
            )

    def _open_settings(self) -> None:
        settings = self.array_settings.get(ARRAY)
        environment = self.environments.get(ENVIRONMENT)
        if environment is not None:
            self.clock = VirtualClock(
                environment.clock_anchor_real,
                environment.clock_anchor_virtual,
                environment.clock_rate,
            )
        else:
            real, virtual, rate = self.clock.anchors()
            self.environments.put(
                model.Environment(ENVIRONMENT, real, virtual, rate)
            )
        if settings is None:
            settings = model.ArraySettings(
                id=ARRAY,
                array_id=str(uuid.uuid4()),
                name=self.setup.name,
                capacity=self.setup.capacity or DEFAULT_CAPACITY,
                created=self.now(),
                connection_key=str(uuid.uuid4()),
            )
        elif self.setup.capacity:
            settings = replace(settings, capacity=self.setup.capacity)
        self.array_settings.put(settings)

    def _open_interfaces(self) -> None:
        """Make the built-in interfaces, anew if they are to be others."""
        wanted = {
            interface.id: interface
            for interface in network.built_in(
                self.settings.array_id,
                self.setup.address,
                self.setup.protocols,
            )
        }
        for present in self.network_interfaces:
            if present.origin and present.id not in wanted:
                self.network_interfaces.remove(present.id)
        for interface in wanted.values():
            stored = self.network_interfaces.get(interface.id)
            if stored is None or stored.origin != interface.origin:
                self.network_interfaces.put(interface)

    def ports(self) -> list[network.Port]:
        """Return the ports that hosts can log in to, by name."""
        return network.ports(
            self.settings.array_id,
            self.network_interfaces.ordered(),
            self.environment.controllers_down,
        )

    def seen_by(self, initiator: str) -> tuple[str, ...] | None:
        """Return the ports an initiator is logged in to; None for all."""
        paths = self.initiator_paths.get(initiator.casefold())
        return None if paths is None else paths.ports

    def wake(self) -> None:
        """Let the replication and housekeeping threads look again."""
        with self.lock:
            self.generation += 1
            self.changed.notify_all()

    def wait_for_change(self, generation: int, seconds: float) -> None:
        """Return after a change since that generation, or in seconds."""
        with self.changed:
            if self.generation == generation:
                self.changed.wait(seconds)

    def is_reachable(self, peer: str) -> bool:
        """Return whether the replication link to a peer works."""
        return self.reachable.get(peer.casefold(), False)

    def set_reachable(self, peer: str, reachable: bool) -> None:
        with self.lock:
            if self.is_reachable(peer) != reachable:
                self.reachable[peer.casefold()] = reachable
                self.wake()

    def close(self) -> None:
        with self.lock:
            self._database.close()

    def run(self, work: Callable[[], R]) -> R:
        """Do work in a transaction that may change what is in pods.

        What is in a stretched pod changes on both of its arrays, or not.
        ``work`` may be done several times, with the changes undone in
        between; the caller holds no lock.
        """
        if self.mirror is not None and len(self.pod_replicas):
            return self.mirror.run(work)
        with self.transaction():
            return work()

    @property
    def pending(self) -> tuple[Change, ...]:
        """Return what the running transaction has changed so far."""
        return tuple(self._journal.changes)

    def _mirror_changes(self) -> None:
        for observe in self.observers:
            observe(self._journal.changes)
        if self.mirror is not None and len(self.pod_replicas):
            self.mirror.before_commit(self._journal.changes)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; commit at the end, or undo all and re-raise."""
        with self.lock:
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._mirror_changes()
                    self._release_contents()
            except BaseException:
                if self._depth == 1:
                    self._released.clear()
                    self._journal.undo()
                    self._database.rollback()
                    self.content.forget_count()
                raise
            else:
                if self._depth == 1:
                    self._database.commit()
                    if self._journal.forget():
                        self.wake()
            finally:
                self._depth -= 1

    @property
    def settings(self) -> model.ArraySettings:
        return self.array_settings[ARRAY]

    @property
    def environment(self) -> model.Environment:
        return self.environments[ENVIRONMENT]

    @property
    def profile(self) -> profiles.Profile:
        """Return what the array claims to be."""
        name = self.environment.profile
        return profiles.PROFILES.get(name, self.setup.profile)

    @property
    def purity(self) -> str:
        return self.profile.purity(switches.PURITY_6_9_REST.of(self))

    @property
    def switch_values(self) -> switches.Values:
        """Return the switches that are not at their default."""
        return self._switch_values

    def set_switches(self, values: switches.Values) -> None:
        """Keep these switches; all others are at their default."""
        kept = tuple(
            model.SwitchSetting(name, value) for name, value in values.items()
        )
        self.environments.put(replace(self.environment, switches=kept))
        self._switch_values = dict(values)

    @property
    def name(self) -> str:
        return self.settings.name

    def now(self) -> int:
        """Return the virtual time in ms."""
        return self.clock.now()

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def new_serial(self) -> str:
        """Return a volume serial: 16 digits of the array, 8 of a counter."""
        settings = self.settings
        self.array_settings.put(
            replace(settings, next_serial=settings.next_serial + 1)
        )
        head = settings.array_id.replace('-', '')[:16]
        return f'{head}{settings.next_serial:08x}'.upper()

    def reference(self) -> Item:
        return {'name': self.settings.name, 'id': self.settings.array_id}

    def link_is_cut(self, peer: str) -> bool:
        return peer.casefold() in self.environment.cut_links

    def management_is_cut(self, peer: str) -> bool:
        return peer.casefold() in self.environment.cut_management

    def eradication_due(self, destroyed: int, protected: bool = False) -> int:
        """Return when an object destroyed at that time will vanish.

        ``protected`` by SafeMode it has a delay of its own.
        """
        settings = self.settings
        if protected or settings.manual_eradication == 'all-disabled':
            return destroyed + settings.disabled_delay
        return destroyed + settings.eradication_delay

    def time_remaining(
        self, destroyed: int | None, protected: bool = False
    ) -> int | None:
        if destroyed is None:
            return None
        due = self.eradication_due(destroyed, protected)
        return max(0, due - self.now())


def live(
    label: str,
    collection: Collection[T],
    name: str,
    visible: Callable[[T], bool] = lambda stored: True,
) -> T:
    """Return the live object of that name; raise ApiError if there is none."""
    stored = any_state(label, collection, name, visible)
    if getattr(stored, 'destroyed', None) is not None:
        raise errors.has_been_destroyed(label, name)
    return stored


def any_state(
    label: str,
    collection: Collection[T],
    name: str,
    visible: Callable[[T], bool] = lambda stored: True,
) -> T:
    """Return the object of that name, destroyed or not, or raise."""
    stored = collection.find(name)
    if stored is None or not visible(stored):
        raise errors.does_not_exist(label, name)
    return stored


def free_name(label: str, collection: Collection[Any], name: str) -> None:
    """Raise ApiError if an object, live or destroyed, has the name."""
    stored = collection.find(name)
    if stored is None:
        return
    if getattr(stored, 'destroyed', None) is not None:
        raise errors.pending_eradication(label, name)
    raise errors.already_exists(label, name)


def expect_container(
    array: FlashArray, parts: names.ObjectName
) -> model.Pod | None:
    """Return the live pod of a name, None for none; raise if unknown."""
    if parts.pod is None:
        return None
    return live('Pod', array.pods, parts.pod)
