# SPDX-License-Identifier: Apache-2.0
"""The two copies of a pod under cuts, kills and a lost mediator."""

import unittest
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis
from hypothesis import stateful
from hypothesis import strategies as st

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    eradication,
    group_members,
    pod_status,
    protection,
    retention,
    volumes,
)
from tests import support
from tests.mirror_rig import NAMES, Kill, Killed, Rig

SIDES = st.sampled_from(NAMES)
GIB = 2**30


def create(array: FlashArray, name: str) -> Callable[[], Any]:
    return lambda: volumes.create(
        array, volumes.NewVolume(f'pod::{name}', GIB)
    )


def write(array: FlashArray, name: str, data: bytes) -> Callable[[], Any]:
    def work() -> model.Volume:
        volume = volumes.find_live(array, f'pod::{name}')
        content = array.content.write(volume.content, 0, data)
        return array.volumes.put(replace(volume, content=content))

    return work


class MirrorCase(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.rig = Rig(self.enterContext(support.directory()))
        self.addCleanup(self.rig.close)
        self.rig.stretch()

    def do(self, side: str, make: Callable[..., Any], *fields: Any) -> Any:
        work = make(self.rig.arrays[side], *fields)
        return self.rig.try_on(side, work)

    def read(self, side: str, name: str, length: int) -> bytes:
        array = self.rig.arrays[side]
        with array.lock:
            stored = volumes.find(array, f'pod::{name}')
            return array.content.read(stored.content, 0, length)

    def assert_same(self) -> None:
        self.rig.heal()
        self.assertEqual(self.rig.image('east'), self.rig.image('west'))


class KillTest(MirrorCase):
    def kill_in_call(self, side: str, verb: str, after: bool) -> None:
        self.rig.kill = Kill(side, verb, after)
        with self.assertRaises(Killed):
            self.do(side, create, f'killed-{side}-{verb}')

    def test_between_the_two_commits(self) -> None:
        for side in NAMES:
            with self.subTest(side):
                self.do(side, create, f'before-{side}')
                self.kill_in_call(side, 'mirror-apply', after=True)
                self.do(self.rig.other(side), create, f'after-{side}')
                self.assert_same()
                for one in NAMES:
                    names = {v.name for v in self.rig.arrays[one].volumes}
                    self.assertIn(f'pod::before-{side}', names)
                    self.assertIn(f'pod::after-{side}', names)

    def test_before_the_other_knows(self) -> None:
        for side in NAMES:
            with self.subTest(side):
                self.kill_in_call(side, 'mirror-apply', after=False)
                self.assert_same()
                self.do(side, create, f'again-{side}')
                self.assert_same()

    def test_with_the_lock_of_the_pair(self) -> None:
        other = max(NAMES, key=lambda n: self.rig.arrays[n].settings.array_id)
        self.kill_in_call(other, 'mirror-lock', after=True)
        self.do(self.rig.other(other), create, 'after')
        self.assert_same()

    def test_in_every_part_of_a_resync(self) -> None:
        self.do('east', create, 'v')
        for verb in (
            'mirror-beat',
            'stage-open',
            'stage-blocks',
            'mirror-install',
        ):
            for after in (False, True):
                with self.subTest(verb, after=after):
                    self.rig.linked = False
                    data = f'{verb} {after}'.encode()
                    self.do('east', write, 'v', data)
                    self.rig.turn('west')
                    self.rig.linked = True
                    self.rig.kill = Kill('east', verb, after)
                    for _ in range(5):
                        self.rig.turn('west')
                        self.rig.turn('east')
                    self.assert_same()
                    self.assertEqual(data, self.read('west', 'v', len(data)))


class StatusTest(MirrorCase):
    def test_the_other_copy_is_not_online_before_it_is_made(self) -> None:
        """Clients look at the pod while it is, and then use that copy."""
        seen = []

        def look(verb: str) -> None:
            if verb == 'mirror-install':
                array = self.rig.arrays['east']
                pod = array.pods.find('pod')
                seen.append([one.status for one in pod_status.of(array, pod)])

        self.rig.on_send = look
        self.rig.linked = False
        self.do('east', create, 'v')
        self.rig.turn('west')
        self.rig.linked = True
        self.assert_same()

        self.assertEqual([['online', 'resyncing']], seen)


class BytesTest(MirrorCase):
    def test_a_write_sends_only_the_blocks_it_changes(self) -> None:
        self.do('east', create, 'v')
        self.do('east', write, 'v', bytes(range(256)) * 12_800)
        sizes = []
        answer = self.rig.answer

        def measured(name: str, verb: str, header: Any, data: bytes) -> Any:
            sizes.append(len(data))
            return answer(name, verb, header, data)

        self.rig.answer = measured  # type: ignore[method-assign]
        self.do('west', write, 'v', b'few')
        self.assertEqual(32_768, sum(sizes))
        self.assert_same()

    def test_a_snapshot_sends_no_blocks(self) -> None:
        self.do('east', create, 'v')
        self.do('east', write, 'v', bytes(range(256)) * 1000)
        array = self.rig.arrays['east']
        before = self.rig.arrays['west'].content.stored_bytes()
        self.rig.try_on(
            'east',
            lambda: volumes.snapshot(
                array, volumes.find(array, 'pod::v'), 's'
            ),
        )
        self.assertEqual(
            before, self.rig.arrays['west'].content.stored_bytes()
        )
        self.assert_same()

    def test_nothing_is_kept_that_nobody_uses(self) -> None:
        self.do('east', create, 'v')
        for number in range(4):
            self.do('east', write, 'v', bytes([number + 1]) * 32_768)
        for name in NAMES:
            self.assertEqual(
                32_768, self.rig.arrays[name].content.stored_bytes()
            )


class LocalWorkTest(MirrorCase):
    def test_work_outside_of_pods_asks_nobody(self) -> None:
        self.rig.linked = False
        array = self.rig.arrays['west']
        array.run(
            lambda: volumes.create(array, volumes.NewVolume('local', GIB))
        )
        self.assertTrue(self.rig.replica('west').in_sync)


class ScheduleTest(MirrorCase):
    def protect(self) -> None:
        self.do('east', create, 'v')
        array = self.rig.arrays['east']

        def work() -> None:
            group = protection.create(array, 'pod::pg')
            volume = volumes.find(array, 'pod::v')
            group_members.add_volume(array, group, volume)
            array.protection_groups.put(
                replace(
                    group,
                    snapshot_schedule=model.Schedule(True, 3_600_000),
                    snapshot_due=array.now(),
                )
            )

        self.rig.try_on('east', work)

    def work(self, side: str) -> None:
        array = self.rig.arrays[side]
        array.run(lambda: retention.run_due_schedules(array))

    def count(self) -> list[int]:
        return [len(a.group_snapshots) for a in self.rig.arrays.values()]

    def test_one_of_the_arrays_takes_what_is_due(self) -> None:
        self.protect()
        for side in NAMES:
            self.work(side)
        self.assertEqual([1, 1], self.count())
        self.assert_same()

    def test_the_other_one_does_when_it_is_alone(self) -> None:
        self.protect()
        self.rig.linked = False
        self.rig.turn('west')
        self.work('east')
        self.work('west')
        self.assertEqual([0, 1], self.count())
        self.assert_same()
        self.assertEqual([1, 1], self.count())

    def test_what_is_over_is_eradicated_on_both(self) -> None:
        self.do('east', create, 'v')
        array = self.rig.arrays['west']
        self.rig.try_on(
            'west',
            lambda: volumes.destroy(array, volumes.find(array, 'pod::v')),
        )
        for side in NAMES:
            one = self.rig.arrays[side]
            one.clock.advance(2 * model.DAY)
            one.run(lambda a=one: eradication.sweep(a))
        for one in self.rig.arrays.values():
            self.assertEqual([], list(one.volumes))


class TwoCopies(stateful.RuleBasedStateMachine):
    """What was acknowledged is never lost, and never two go on apart."""

    def __init__(self) -> None:
        super().__init__()
        self.context = support.directory()
        self.root = self.context.__enter__()
        self.number = 0
        self.known: dict[str, bytes] = {}
        self.unsure: dict[str, set[bytes]] = {}
        self.gone: set[str] = set()

    @stateful.initialize(keeper=SIDES)
    def stretch(self, keeper: str) -> None:
        self.rig = Rig(self.root, keeper)
        self.rig.stretch()

    def teardown(self) -> None:
        self.rig.close()
        self.context.__exit__(None, None, None)

    def attempt(self, side: str, work: Callable[[], Any]) -> bool | None:
        """Return whether it was done; None if nobody can know."""
        try:
            self.rig.try_on(side, work)
        except errors.ApiError:
            return None if self.rig.kill else False
        except Killed:
            return None
        return True

    @stateful.rule(side=SIDES)
    def create(self, side: str) -> None:
        self.number += 1
        name = f'v{self.number}'
        done = self.attempt(side, create(self.rig.arrays[side], name))
        if done:
            self.known[name] = b''
        elif done is None:
            self.unsure[name] = {b''}

    @stateful.precondition(lambda self: self.known)
    @stateful.rule(side=SIDES, data=st.data())
    def write(self, side: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        self.number += 1
        text = f'write {self.number}'.encode()
        done = self.attempt(side, write(self.rig.arrays[side], name, text))
        if done:
            self.known[name] = text
            self.unsure.pop(name, None)
        else:
            self.unsure.setdefault(name, set()).add(text)

    @stateful.precondition(lambda self: self.known)
    @stateful.rule(side=SIDES, data=st.data())
    def snapshot(self, side: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        array = self.rig.arrays[side]
        self.attempt(
            side,
            lambda: volumes.snapshot(
                array, volumes.find(array, f'pod::{name}'), None
            ),
        )

    @stateful.precondition(lambda self: self.known)
    @stateful.rule(side=SIDES, data=st.data())
    def eradicate(self, side: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        array = self.rig.arrays[side]
        done = self.attempt(
            side,
            lambda: volumes.eradicate(
                array, volumes.find(array, f'pod::{name}')
            ),
        )
        if done is not False:
            del self.known[name]
            self.unsure.pop(name, None)
        if done:
            self.gone.add(name)

    @stateful.rule()
    def cut(self) -> None:
        self.rig.linked = False

    @stateful.rule()
    def join(self) -> None:
        self.rig.linked = True

    @stateful.rule(side=SIDES, lost=st.booleans())
    def mediator(self, side: str, lost: bool) -> None:
        status = 'unreachable' if lost else 'online'
        self.rig.set_mediator(side, status)

    @stateful.rule(side=SIDES)
    def turn(self, side: str) -> None:
        self.rig.turn(side)

    @stateful.rule(side=SIDES)
    def restart(self, side: str) -> None:
        self.rig.restart(side)

    @stateful.rule(
        side=SIDES,
        verb=st.sampled_from(
            (
                'mirror-apply',
                'mirror-lock',
                'mirror-beat',
                'mirror-install',
                'stage-blocks',
                'mirror-elect',
            )
        ),
        after=st.booleans(),
    )
    def plan_kill(self, side: str, verb: str, after: bool) -> None:
        self.rig.kill = Kill(side, verb, after)

    @stateful.rule()
    def heal(self) -> None:
        self.rig.heal()
        assert self.rig.image('east') == self.rig.image('west')
        for name, text in self.known.items():
            self.check(name, text)
        present = {v.name for v in self.rig.arrays['west'].volumes}
        assert not present & {f'pod::{name}' for name in self.gone}

    def check(self, name: str, text: bytes) -> None:
        array = self.rig.arrays['west']
        volume = array.volumes.find(f'pod::{name}')
        assert volume is not None, f'{name} is lost'
        allowed = {text} | self.unsure.pop(name, set())
        with array.lock:
            found = array.content.read(volume.content, 0, 32).rstrip(b'\0')
        assert found in allowed, f'{name}: {found!r}, not {allowed}'
        self.known[name] = found

    @stateful.invariant()
    def never_two_apart(self) -> None:
        alone = [
            name
            for name in NAMES
            if self.rig.replica(name).status == 'online'
            and not self.rig.replica(name).in_sync
        ]
        assert len(alone) < 2, alone


TwoCopies.TestCase.settings = hypothesis.settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
TwoCopiesTest = TwoCopies.TestCase
