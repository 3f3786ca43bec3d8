# SPDX-License-Identifier: Apache-2.0
"""Engines that die, stall or stop in the middle, as real processes."""

import collections
import itertools
import multiprocessing
import os
import signal
from multiprocessing import connection
from typing import Any

from oslo_config import cfg

from aegis import models
from aegis.db import session
from aegis.tests.fixtures import stalling, toy
from aegis.tests.functional.engine import base

OperationState = models.OperationState

STEPS = ('reserve', 'publish', 'disk', 'server', 'check', 'seal')
MOMENTS = ('before', 'acting', 'after')
ALL = {
    'prepare-reserve',
    'prepare-publish',
    *(
        f'm{n}-{step}'
        for n in range(2)
        for step in ('disk', 'server', 'check')
    ),
    'finish-seal',
}


def _serve(conf: cfg.ConfigOpts, owner: str, commands: Any) -> None:
    """An engine process; answers ``running`` and ``stop``."""
    session.dispose()
    session.configure(conf)
    engine = toy.ToyEngine(conf, owner).start()
    while True:
        match commands.recv():
            case 'running':
                commands.send(engine.pool.running)
            case 'stop':
                commands.send(engine.stop())
                os._exit(0)


class EngineProcess:
    """An engine in a process of its own."""

    def __init__(self, conf: cfg.ConfigOpts, owner: str) -> None:
        fork = multiprocessing.get_context('fork')
        self._commands: connection.Connection
        self._commands, theirs = fork.Pipe()
        self._process = fork.Process(
            target=_serve, args=(conf, owner, theirs), daemon=True
        )
        self._process.start()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid or 0, number)

    def kill(self) -> None:
        """``kill -9``; returns when it is dead. Idempotent."""
        self._process.kill()
        self._process.join()

    @property
    def stopped(self) -> bool:
        """Whether a signal has stopped it, so that it can be continued."""
        with open(f'/proc/{self._process.pid}/stat') as stat:
            return stat.read().rpartition(')')[2].split()[0] == 'T'

    def ask(self, command: str) -> Any:
        self._commands.send(command)
        return self._commands.recv()


class CrashTestCase(base.EngineTestCase):
    lease_seconds = 0.4

    def process(self, owner: str = 'process-a') -> EngineProcess:
        process = EngineProcess(self.conf, owner)
        self.addCleanup(process.kill)
        return process

    def hold(self, step: str, moment: str) -> EngineProcess:
        """An engine process that has come to a point and stays there."""
        self.world.pause(step, moment)
        process = self.process()
        toy.wait_until(
            lambda: self.world.is_reached(step, moment), f'{step} {moment}'
        )
        return process

    def assert_done_once(self, things: set[str]) -> None:
        counted = collections.Counter(self.world.calls())
        for thing in things:
            self.assertEqual(1, counted[f'make:{thing}'], thing)

    def _run_through(self, step: str, moment: str) -> None:
        operation = self.begin(waves=(1, 1))
        process = self.hold(step, moment)

        process.kill()
        self.world.proceed()
        self.engine('engine-b')
        ended = self.ended(operation)

        self.assertIs(OperationState.SUCCEEDED, ended.state)
        self.assertEqual(ALL, self.world.things())
        self.assert_done_once(ALL)

    def _revert_through(self, step: str, moment: str) -> None:
        self.world.fail('make:m0-check')
        operation = self.begin(
            waves=(1,), policy=models.MemberFailurePolicy.REVERT
        )
        process = self.hold(step, moment)

        process.kill()
        self.world.proceed()
        self.engine('engine-b')
        ended = self.ended(operation)

        self.assertIs(OperationState.REVERTED, ended.state)
        self.assertEqual('aegis.cloud.resource_failed', ended.error_code)
        self.assertEqual(set(), self.world.things())
        counted = collections.Counter(self.world.calls())
        for thing in ('m0-disk', 'm0-server', 'prepare-reserve'):
            self.assertEqual(1, counted[f'make:{thing}'], thing)
            self.assertEqual(1, counted[f'remove:{thing}'], thing)
        self.assertEqual(
            {models.StepState.REVERTED},
            {
                row.state
                for lane in ('prepare', 'm0')
                for row in self.steps(operation, lane)
            },
        )


class KillTest(CrashTestCase):
    """kill -9 at every point of every step; another engine goes on."""


class KillWhileRevertingTest(CrashTestCase):
    """kill -9 around every undo; another engine goes on."""


def _add(case: type, name: str, run: str, step: str, moment: str) -> None:
    def test(self: CrashTestCase) -> None:
        getattr(self, run)(step, moment)

    setattr(case, f'test_{name}_{step}_{moment}', test)


for _step, _moment in itertools.product(STEPS, MOMENTS):
    _add(KillTest, 'kill', '_run_through', _step, _moment)
for _step, _moment in itertools.product(
    ('check', 'server', 'disk', 'publish', 'reserve'), ('undoing', 'undone')
):
    _add(KillWhileRevertingTest, 'kill', '_revert_through', _step, _moment)


class StallTest(CrashTestCase):
    def test_a_stalled_engine_can_commit_nothing(self) -> None:
        operation = self.begin(waves=(1,))
        stalled = self.hold('server', 'acting')
        stalling.stall(self.admin, stalled)
        self.engine('engine-b')
        ended = self.ended(operation)
        self.assertIs(OperationState.SUCCEEDED, ended.state)
        before = self._rows(operation)

        self.world.proceed()
        stalled.signal(signal.SIGCONT)
        toy.wait_until(lambda: stalled.ask('running') == 0, 'letting go')

        self.assertEqual(before, self._rows(operation))
        self.assert_done_once(self.world.things())

    def test_a_stalled_engine_does_not_act_when_it_wakes(self) -> None:
        operation = self.begin(waves=(1,))
        stalled = self.hold('server', 'before')
        stalling.stall(self.admin, stalled)
        self.world.proceed()
        self.engine('engine-b')
        self.ended(operation)

        stalled.signal(signal.SIGCONT)
        toy.wait_until(lambda: stalled.ask('running') == 0, 'letting go')

        self.assert_done_once(self.world.things())

    def test_a_stalled_revert_undoes_nothing_later(self) -> None:
        self.world.fail('make:m0-check')
        operation = self.begin(waves=(1,))
        stalled = self.hold('server', 'undoing')
        stalling.stall(self.admin, stalled)
        self.world.proceed()
        self.engine('engine-b')
        self.ended(operation)
        before = self._rows(operation)

        stalled.signal(signal.SIGCONT)
        toy.wait_until(lambda: stalled.ask('running') == 0, 'letting go')

        self.assertEqual(before, self._rows(operation))
        self.assertEqual(set(), self.world.things())

    def _rows(self, operation: models.Operation) -> list[Any]:
        return [
            (self.lane(operation, name), self.steps(operation, name))
            for name in ('prepare', 'm0', 'finish')
        ]


class TwoEnginesTest(CrashTestCase):
    lease_seconds = 30.0

    def test_share_the_lanes(self) -> None:
        self.config(group='engine', max_concurrent_lanes=3)
        operation = self.begin(waves=(1,) * 8 + (2,) * 4)
        processes = [self.process('process-a'), self.process('process-b')]
        self.engine('engine-c')

        ended = self.ended(operation)

        self.assertIs(OperationState.SUCCEEDED, ended.state)
        self.assertEqual(3 * 12 + 3, len(self.world.things()))
        self.assert_done_once(self.world.things())
        for process in processes:
            self.assertEqual([], process.ask('stop'))

    def test_one_is_killed_and_the_others_finish(self) -> None:
        self.config(group='engine', lease_seconds=0.4)
        operation = self.begin(waves=(1,) * 6)
        victim = self.hold('disk', 'acting')
        self.engine('engine-b')
        victim.kill()
        self.world.proceed()

        ended = self.ended(operation)

        self.assertIs(OperationState.SUCCEEDED, ended.state)
        self.assert_done_once(self.world.things())


class GracefulStopTest(CrashTestCase):
    # So long that only a lease that was given up lets another engine go on.
    lease_seconds = 600.0

    def test_hands_over_at_once_and_undoes_nothing(self) -> None:
        operation = self.begin(waves=(1, 1))
        self.world.pause('server', 'acting')
        engine = self.engine('engine-a')
        toy.wait_until(
            lambda: self.world.is_reached('server', 'acting'), 'a server'
        )
        engine.services.waiter.stop()
        self.world.proceed()

        released = engine.stop()

        self.assertEqual([operation.id], released)
        self.assertNotIn('remove', ' '.join(self.world.calls()))
        self.engine('engine-b')
        ended = self.ended(operation)
        self.assertIs(OperationState.SUCCEEDED, ended.state)
        self.assertEqual(ALL, self.world.things())
        self.assert_done_once(ALL)
