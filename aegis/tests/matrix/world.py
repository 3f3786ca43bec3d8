# SPDX-License-Identifier: Apache-2.0
"""Two emulated sites on two simulated arrays, in a process of their own.

East has the :mod:`~aegis.tests.fixtures.ledger`, and a recovery point of it
lies at west. :meth:`World.restore` makes it so again; what stays is what runs
left on the arrays, which is told apart by not being new.
"""

import dataclasses
import multiprocessing
import os
import signal
import traceback
from multiprocessing import connection
from typing import Any

from pypureclient import flasharray

from aegis.tests.fixtures import arrays, emulator, ledger
from aegis.tests.fixtures import clouds as fakes
from aegis.tests.fixtures.emulator import behaviour, descriptions, inventory
from aegis.tests.matrix import (
    bystanders,
    cases,
    ends,
    faultcases,
    landscape,
    residents,
    stock,
)

PROTECTED = 'east'
RECOVERY = 'west'
PROJECT = '11111111111111111111111111111111'
GROUP = 'tenant-east'
SERVERS = tuple(ledger.SERVERS)
_USER = '9' * 32
_FORK = multiprocessing.get_context('fork')
# Who Aegis is to an array; the emulated Cinder is somebody else.
_CLIENT = 'aegis'
# Without key pairs, which stay.
_COUNTED = frozenset(inventory.KINDS)


@dataclasses.dataclass(frozen=True)
class Sections:
    """The sections of aegis.conf that lead to the world, by label."""

    sites: dict[str, dict[str, Any]]
    arrays: dict[str, dict[str, Any]]


class World:
    """The world, inside its process."""

    def __init__(self) -> None:
        self._arrays = arrays.Arrays()
        self._arrays.setUp()
        self._emulator = emulator.Emulator(
            (self._describe(PROTECTED), self._describe(RECOVERY))
        )
        self._emulator.setUp()
        self._build()
        self._saved = self._in_loop(
            lambda: {name: self._emulator[name].save() for name in self._names}
        )
        self._old: frozenset[str] = frozenset()
        self._is_dark = False

    def close(self) -> None:
        self._emulator.cleanUp()
        self._arrays.cleanUp()

    @property
    def _names(self) -> tuple[str, ...]:
        return (PROTECTED, RECOVERY)

    def _describe(self, name: str) -> emulator.Site:
        array = getattr(self._arrays, name)
        (described,) = emulator.describe(name)
        return dataclasses.replace(
            described,
            array=emulator.Array(
                array.name,
                'flasharray',
                array.management_address,
                array.api_token,
                str(array.ca_file),
            ),
            projects=(emulator.Project('tenant', id=PROJECT),),
        )

    def _build(self) -> None:
        """Protect the application's disks and bring a copy of them west."""
        east = self._arrays.east
        west = self._arrays.west
        for name in self._names:
            # Else Neutron makes one when a run looks, and nobody made it.
            fakes.FakeNetworking(
                self._emulator[name].site, PROJECT, _USER, gate=False
            ).ensure_default_group()
        east.client.post_protection_groups(names=[GROUP])
        ledger.build(
            self._emulator[PROTECTED].site,
            PROJECT,
            ledger.Storing(east.name, GROUP, descriptions.VOLUME_TYPE),
        )
        east.client.post_protection_groups_targets(
            group_names=[GROUP], member_names=[west.name]
        )
        arrays.wait_until(
            lambda: (
                west.client.patch_protection_groups_targets(
                    group_names=[f'{east.name}:{GROUP}'],
                    target=flasharray.TargetProtectionGroupPostPatch(
                        allowed=True
                    ),
                ).status_code
                == 200
            ),
            'the group at its target',
        )
        # A point that is made before that is sent to nobody.
        arrays.wait_until(
            lambda: all(
                target.allowed
                for target in east.client.get_protection_groups_targets(
                    group_names=[GROUP]
                ).items
            ),
            'the source to hear that it may replicate',
        )
        self._replicate()
        arrays.wait_until(
            lambda: list(
                west.client.get_protection_group_snapshots_transfer(
                    names=[f'{east.name}:{GROUP}'],
                    filter='progress="1.0"',
                ).items
            ),
            'a recovery point',
        )

    def _replicate(self) -> None:
        """Have the schedule on; that it is switched on makes a point."""
        self._arrays.east.client.patch_protection_groups(
            names=[GROUP],
            protection_group=flasharray.ProtectionGroup(
                replication_schedule=flasharray.ReplicationSchedule(
                    enabled=True
                )
            ),
        )

    def sections(self) -> Sections:
        """How to reach it."""
        return Sections(
            {name: self._emulator.section(name) for name in self._names},
            {
                array.name: array.options()
                for array in (self._arrays.east, self._arrays.west)
            },
        )

    def restore(self) -> None:
        """Put everything back."""
        self._arrays.east.door.set_management(True)
        self._replicate()
        self._in_loop(self._restore)

    def _restore(self) -> None:
        for name in self._names:
            self._emulator[name].restore(self._saved[name])

    def begin(self, world: cases.World) -> None:
        """Watch from now on; lose the protected site if told so."""
        self._old = frozenset(self._volumes(self._arrays.west))
        self.forget_calls()
        self._is_dark = False
        if world is cases.World.DARK:
            self.lose()

    def forget_calls(self) -> None:
        """Note the calls from now on."""
        self._in_loop(self._clear_logs)
        for array in self._pair:
            array.door.clear_call_log()

    def _clear_logs(self) -> None:
        for name in self._names:
            self._emulator[name].log.clear()

    def lose(self) -> None:
        """Lose the protected site and its array. Idempotent."""
        self._is_dark = True
        self._arrays.east.door.set_management(False)
        self._in_loop(lambda: self._silences.update({None: 'refuse'}))

    def find_again(self) -> None:
        """Have them back as they were. Idempotent."""
        self._in_loop(lambda: self._silences.clear())
        self._arrays.east.door.set_management(True)
        self._is_dark = False

    @property
    def _silences(self) -> dict[str | None, str]:
        return self._emulator[PROTECTED].behaviour.silences

    def calls(self) -> list[tuple[str, str]]:
        """The calls to the sites since then: where, and which."""
        return self._in_loop(
            lambda: [
                (name, entry.document()['name'])
                for name in self._names
                for entry in self._emulator[name].log.entries(0, None)
            ]
        )

    def hang(self, place: str, name: str, number: int) -> None:
        """Have a call done but not answered."""
        fault = behaviour.Fault(
            behaviour.Match(name=name), 'hang', 503, 'after', number, 1
        )
        self._in_loop(lambda: self._emulator[place].behaviour.add_fault(fault))

    def hangs(self, place: str) -> bool:
        """Whether that call came."""
        return not self._in_loop(self._emulator[place].behaviour.faults_left)

    def requests(self) -> list[faultcases.Request]:
        """The calls since then to sites, and those of Aegis to arrays."""
        return self._in_loop(
            lambda: [
                faultcases.Request(
                    name, entry.service, entry.method, entry.template
                )
                for name in self._names
                for entry in self._emulator[name].log.entries()
                if entry.name
            ]
        ) + [
            faultcases.Request(
                array.name,
                faultcases.ARRAY,
                entry['method'],
                entry['path'].strip('/').split('/', 2)[-1],
            )
            for array in self._pair
            for entry in array.door.call_log()
            if _CLIENT in entry['user_agent']
        ]

    def spoil(
        self,
        request: faultcases.Request,
        effect: faultcases.Effect,
        times: int | None,
        silence: float,
    ) -> None:
        """Have calls fail.

        :param times: how many, None for all.
        :param silence: seconds after which nobody waits any more.
        """
        if request.service == faultcases.ARRAY:
            self._spoil_array(request, effect, times, silence)
        else:
            self._spoil_site(request, effect, times)

    def _spoil_array(
        self,
        request: faultcases.Request,
        effect: faultcases.Effect,
        times: int | None,
        silence: float,
    ) -> None:
        (array,) = (e for e in self._pair if e.name == request.place)
        late = effect is faultcases.Effect.LATE
        answers = {
            faultcases.Effect.RESET: 'reset',
            faultcases.Effect.GARBAGE: 'garbage',
        }
        array.door.inject_fault(
            request.method,
            request.path,
            times,
            status=500 if late else effect.status,
            delay=2 * silence if late else None,
            after=late,
            answer=answers.get(effect, 'error'),
            user_agent=_CLIENT,
        )

    def _spoil_site(
        self,
        request: faultcases.Request,
        effect: faultcases.Effect,
        times: int | None,
    ) -> None:
        late = effect is faultcases.Effect.LATE
        fault = behaviour.Fault(
            behaviour.Match(request.service, request.method, request.path),
            'hang' if late else 'status' if effect.status else str(effect),
            effect.status or 503,
            'after' if late else 'before',
            0,
            times,
        )
        self._in_loop(
            lambda: self._emulator[request.place].behaviour.add_fault(fault)
        )

    @property
    def _pair(self) -> tuple[arrays.Array, ...]:
        return (self._arrays.east, self._arrays.west)

    def slow(self, place: str, seconds: float) -> None:
        """Have each call to a site or an array last longer."""
        if place in self._names:
            self._in_loop(
                lambda: self._emulator[place].behaviour.set_latency(
                    behaviour.Match(), seconds
                )
            )
            return
        (array,) = (e for e in self._pair if e.name == place)
        array.door.inject_fault(
            '*', '*', None, delay=seconds, user_agent=_CLIENT
        )

    def release(self) -> None:
        """Let everything be answered again."""
        for array in self._pair:
            array.door.clear_faults()

        def clear() -> None:
            for name in self._names:
                self._emulator[name].behaviour.clear_faults()
                self._emulator[name].behaviour.set_latency(
                    behaviour.Match(), 0.0
                )

        self._in_loop(clear)

    def things(self, operation_id: str) -> list[ends.Thing]:
        """What is at both sites, and new on both arrays."""
        return [each.thing for each in self.standings(operation_id)]

    def standings(self, operation_id: str) -> list[landscape.Standing]:
        """The same, with ids and with whose it is in a run."""
        found = [
            landscape.Standing(
                _covered_by(entry),
                landscape.owner(
                    residents.words_of(entry), entry['name'], operation_id
                ),
                ends.Thing(
                    name,
                    kind,
                    ends.without_ids(entry['name'], operation_id),
                    residents.status_of(entry),
                ),
            )
            for name in self._names
            for kind, entries in self._objects(name).items()
            if kind in _COUNTED
            for entry in entries
        ]
        return [*found, *self._replication(), *self._new_volumes(operation_id)]

    def _replication(self) -> list[landscape.Standing]:
        """The protected group, unless its array does not answer."""
        array = self._arrays.east
        if self._is_dark:
            return []
        answer = array.client.get_protection_groups(names=[GROUP])
        return [
            landscape.Standing(
                group.id,
                '',
                ends.Thing(
                    array.name,
                    'replication',
                    group.name,
                    'on' if group.replication_schedule.enabled else 'off',
                ),
            )
            for group in answer.items
        ]

    def _objects(self, name: str) -> Any:
        return self._in_loop(
            lambda: inventory.objects_of(self._emulator[name].site)
        )

    def _new_volumes(self, operation_id: str) -> list[landscape.Standing]:
        """What is new on the array of the recovery site, which answers."""
        array = self._arrays.west
        new = {
            name: volume
            for name, volume in self._volumes(array).items()
            if name not in self._old
        }
        marks = stock.marks(array) if new else {}
        return [
            landscape.Standing(
                volume.serial,
                landscape.owner(marks.get(name, ()), name, operation_id),
                ends.Thing(
                    array.name,
                    'array volume',
                    ends.without_ids(name, operation_id),
                    f'{volume.connection_count} connections',
                ),
            )
            for name, volume in new.items()
        ]

    def _volumes(self, array: arrays.Array) -> dict[str, Any]:
        answer = array.client.get_volumes(destroyed=False)
        return {volume.name: volume for volume in answer.items}

    def furnish(self) -> None:
        """Have what is no member's business stand at both sites.

        It stays when everything is put back.
        """

        def build() -> None:
            for name, array in zip(self._names, self._pair, strict=True):
                bystanders.build(
                    self._emulator[name].site, PROJECT, array.name
                )
                self._saved[name] = self._emulator[name].save()

        self._in_loop(build)

    def census(self) -> residents.Census:
        """Everything that stands anywhere, as far as it can be seen."""
        unseen = {self._arrays.east.name} if self._is_dark else set()
        return residents.Census(
            (
                *(
                    residents.of_entry(name, kind, entry)
                    for name in self._names
                    for kind, entries in self._objects(name).items()
                    if kind in inventory.KINDS
                    for entry in entries
                ),
                *(
                    resident
                    for array in self._pair
                    if array.name not in unseen
                    for resident in stock.of_array(array)
                ),
            ),
            frozenset(unseen),
        )

    def points(self) -> list[stock.Point]:
        """The recovery points at the recovery array, also incomplete ones."""
        return stock.points(self._arrays.west)

    def tokens(self) -> list[str]:
        """All tokens that were issued."""
        return self._in_loop(
            lambda: [
                token
                for name in self._names
                for token in self._emulator[name].tokens
            ]
        )

    def _in_loop(self, call: Any) -> Any:
        """Call in the thread that the sites belong to."""
        return self._emulator.loop.run_sync(call)


def _covered_by(entry: inventory.Entry) -> str:
    """By which id a leftover tells a thing.

    The interface of a router with a network is told by the router.
    """
    if entry.get('device_owner') == 'network:router_interface':
        return str(entry['device_id'])
    return str(entry['id'])


class WorldProcess:
    """A :class:`World` in a process of its own, with the same methods."""

    def __init__(self) -> None:
        self._commands: connection.Connection
        self._commands, theirs = _FORK.Pipe()
        self._process = _FORK.Process(target=_serve, args=(theirs,))
        self._process.start()
        theirs.close()
        self._receive()

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the world.

        :raises AssertionError: with its traceback, when it raises.
        """
        self._commands.send((method, arguments))
        return self._receive()

    def close(self) -> None:
        """End it; idempotent."""
        if self._process.is_alive():
            self.call('close')
            self._process.join()

    def _receive(self) -> Any:
        try:
            succeeded, answer = self._commands.recv()
        except EOFError:
            succeeded, answer = False, 'the world is gone'
        if not succeeded:
            raise AssertionError(answer)
        return answer


def _serve(commands: connection.Connection) -> None:
    try:
        world = World()
        commands.send((True, None))
    except BaseException:
        commands.send((False, traceback.format_exc()))
        os._exit(1)
    # It ends when it is told to, with all that asks it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            method, arguments = commands.recv()
        except EOFError:
            world.close()
            os._exit(1)
        try:
            commands.send((True, getattr(world, method)(*arguments)))
        except BaseException:
            commands.send((False, traceback.format_exc()))
        if method == 'close':
            os._exit(0)
