# SPDX-License-Identifier: Apache-2.0
"""What the base makes of a step's observe, act and undo."""

import dataclasses
from typing import Any

import fixtures

from aegis import models
from aegis.common import exception, permits, retry
from aegis.storage import errors as storage_errors
from aegis.tasks import base, looks
from aegis.tests import base as test_base
from aegis.tests.fixtures import journal

LaneState = models.LaneState
StepState = models.StepState


@dataclasses.dataclass(frozen=True)
class Thing:
    name: str
    size: int


class World:
    """What the toy steps change; each test has its own."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.calls: list[str] = []
        self.errors: dict[str, list[Exception]] = {}
        self.observations_missed = 0
        self.refusals = 0

    def call(self, name: str) -> None:
        self.calls.append(name)
        if self.errors.get(name):
            raise self.errors[name].pop(0)


def unavailable() -> exception.CloudUnavailable:
    return exception.CloudUnavailable(
        service='nova', site='west', reason='refused'
    )


class CreateDisk(base.JournaledTask):
    step = 'create_disk'
    service = 'cinder'
    result_type = Thing
    provides = 'disk'
    world: World

    def intent(self) -> dict[str, Any]:
        return {'name': 'disk'}

    def observe(self) -> Thing | None:
        self.world.call('observe_disk')
        return self.world.things.get('disk')

    def act(self) -> None:
        self.world.call('act_disk')
        self.world.things['disk'] = Thing('disk', 3)

    def undo(self, result: Thing | None) -> None:
        self.world.call(f'undo_disk:{result.size if result else None}')
        self.world.things.pop('disk', None)


class CreateServer(base.JournaledTask):
    step = 'create_server'
    service = 'nova'
    result_type = Thing
    provides = 'server'
    timeout = 100.0
    poll_interval = 10.0
    retry = retry.RetryPolicy(initial_interval=1, maximum_attempts=3, jitter=0)
    world: World

    def observe(self, disk: Thing) -> Thing | None:
        self.world.call('observe_server')
        if self.world.observations_missed > 0:
            self.world.observations_missed -= 1
            self.pending = 'the server is BUILD'
            return None
        return self.world.things.get('server')

    def act(self, disk: Thing) -> None:
        self.world.call('act_server')
        self.world.things['server'] = Thing('server', disk.size)

    def undo(self, result: Thing | None, disk: Thing) -> list[models.Leftover]:
        self.world.call(f'undo_server:{result.size if result else None}')
        if self.world.refusals:
            self.world.refusals -= 1
            return [models.Leftover('nova', 'server', '1', 'web', 'No.')]
        self.world.things.pop('server', None)
        return []


class Announce(base.JournaledTask):
    step = 'announce'
    result_type = bool
    reversible = False
    world: World

    def observe(self) -> bool | None:
        self.world.call('observe_announce')
        return True

    def undo(self, result: bool | None) -> None:
        self.world.call('undo_announce')


class CreatePort(base.JournaledTask):
    step = 'create_port'
    service = 'neutron'
    result_type = Thing
    world: World

    def observe(self) -> Thing | None:
        return self.world.things.get('port')

    def act(self) -> base.Births:
        self.world.things['port'] = Thing('port', 1)
        self.world.call('act_port')
        return {'ports': ['p1']}


class Boom(base.JournaledTask):
    step = 'boom'
    result_type = bool
    world: World

    def observe(self) -> bool | None:
        self.world.call('observe_boom')
        raise exception.ValidationFailed(reason='no answer.')


class JournaledTaskTest(test_base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.world = World()
        for task in (CreateDisk, CreateServer, CreatePort, Announce, Boom):
            task.world = self.world
        self.rig = journal.LaneRig(self.conf, member=journal.make_member())

    def states(self) -> dict[str, StepState]:
        return {s.name: s.state for s in self.rig.store.steps.values()}

    def test_acts_and_records_what_it_observed(self) -> None:
        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.SUCCEEDED, state)
        row = self.rig.store.step('create_disk')
        self.assertIs(StepState.SUCCEEDED, row.state)
        self.assertEqual({'name': 'disk', 'size': 3}, row.result)
        self.assertEqual({'name': 'disk'}, row.intent)

    def test_what_a_step_says_it_made_is_noted(self) -> None:
        known = self.looks_after(CreatePort)

        self.assertEqual({'p1'}, known.born('ports'))
        self.assertEqual(4.0, known.first('neutron'))

    def test_what_a_step_does_not_tell_is_in_doubt(self) -> None:
        known = self.looks_after(CreateDisk)

        self.assertIsNone(known.first('cinder'))
        self.assertEqual(4.0, known.first('neutron'))

    def test_what_was_made_by_a_call_that_failed_is_in_doubt(self) -> None:
        self.world.errors['act_port'] = [unavailable()]

        known = self.looks_after(CreatePort)

        self.assertEqual(frozenset(), known.born('ports'))
        self.assertIsNone(known.first('neutron'))

    def looks_after(self, step: type[base.JournaledTask]) -> looks.Looks:
        """What a new lane knows after one step."""
        known = looks.Looks(10.0, unborn=4.0)
        environment = dataclasses.replace(self.rig.environment(), looks=known)
        step(environment).execute()
        return known

    def test_does_not_act_when_it_is_so_already(self) -> None:
        self.world.things['disk'] = Thing('disk', 3)

        self.rig.run(CreateDisk)

        self.assertEqual(['observe_disk'], self.world.calls)

    def test_needs_one_transaction_per_step_and_one_for_the_lane(self) -> None:
        self.rig.run(CreateDisk, CreateServer)

        self.assertEqual(2 + 1, self.rig.store.commits)

    def test_a_kill_right_after_a_step_has_it_observed_anew(self) -> None:
        with self.rig.killed_at('create_disk', 'after'):
            self.rig.run(CreateDisk, CreateServer)
        self.assertEqual({'create_disk': StepState.RUNNING}, self.states())
        self.world.calls.clear()

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual('observe_disk', self.world.calls[0])
        self.assertNotIn('act_disk', self.world.calls)

    def test_an_irreversible_step_is_not_observed_anew(self) -> None:
        with self.rig.killed_at('announce', 'after'):
            self.rig.run(Announce)
        self.assertIs(StepState.SUCCEEDED, self.states()['announce'])
        self.world.calls.clear()

        state = self.rig.run(Announce)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual([], self.world.calls)

    def test_a_step_of_the_whole_group_is_not_observed_anew(self) -> None:
        self.rig = journal.LaneRig(self.conf)
        with self.rig.killed_at('create_disk', 'after'):
            self.rig.run(CreateDisk)
        self.world.calls.clear()

        state = self.rig.run(CreateDisk)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual([], self.world.calls)

    def test_replays_a_succeeded_step_without_a_call(self) -> None:
        with self.rig.killed_at('create_server', 'before'):
            self.rig.run(CreateDisk, CreateServer)
        self.world.calls.clear()

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual(
            ['observe_server', 'act_server', 'observe_server'],
            self.world.calls,
        )
        self.assertEqual(Thing('server', 3), self.world.things['server'])

    def test_looks_before_it_acts_after_a_kill_inside_the_step(self) -> None:
        with self.rig.killed_at('create_disk', 'acting'):
            state = self.rig.run(CreateDisk)
        self.assertIs(LaneState.RUNNING, state)
        self.assertEqual({'create_disk': StepState.RUNNING}, self.states())
        self.world.calls.clear()

        state = self.rig.run(CreateDisk)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual(['observe_disk'], self.world.calls)

    def test_a_kill_undoes_nothing(self) -> None:
        for moment in ('before', 'acting', 'after'):
            with self.rig.killed_at('create_server', moment):
                self.rig.run(CreateDisk, CreateServer)
            self.assertNotIn('undo', ' '.join(self.world.calls))
            self.assertIn('disk', self.world.things)

    def test_polls_until_it_is_so(self) -> None:
        self.rig.waiter.on_wait = lambda seconds: None
        self.world.observations_missed = 4

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual(3, len(self.rig.waiter.waits))
        self.assertEqual(1, self.world.calls.count('act_server'))

    def test_polls_ever_more_slowly_but_as_often_as_it_says(self) -> None:
        self.world.observations_missed = 1000

        self.rig.run(CreateDisk, CreateServer)

        waits = self.rig.waiter.waits[:-1]
        self.assertEqual(sorted(waits), waits)
        self.assertLess(waits[0], 1.0)
        self.assertEqual(10.0, waits[-1])

    def test_gives_up_at_its_deadline(self) -> None:
        self.world.observations_missed = 1000

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.REVERTED, state)
        row = self.rig.store.step('create_server')
        self.assertEqual(exception.StepTimeout.code, row.error_code)
        self.assertIn('the server is BUILD', row.message)
        self.assertEqual(100.0, self.rig.waiter.now)

    def test_repeats_retryable_errors_ever_more_slowly(self) -> None:
        self.world.errors['act_server'] = [unavailable(), unavailable()]

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual([1.0, 2.0], self.rig.waiter.waits)
        self.assertEqual(
            ['observe_server', 'act_server'] * 3 + ['observe_server'],
            self.world.calls[3:],
        )

    def test_gives_up_after_too_many_retryable_errors(self) -> None:
        self.world.errors['act_server'] = [unavailable() for _ in range(3)]

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.REVERTED, state)
        row = self.rig.store.step('create_server')
        self.assertEqual(exception.CloudUnavailable.code, row.error_code)
        self.assertIn(exception.CloudUnavailable.remedy, row.message)

    def test_a_refusal_that_ends_an_outage_is_not_believed(self) -> None:
        self.world.errors['act_server'] = [
            unavailable(),
            storage_errors.VolumeInUse('x'),
        ]

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.SUCCEEDED, state)

    def test_reverts_in_reverse_order_with_the_results(self) -> None:
        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(
            ['undo_server:3', 'undo_disk:3'], self.world.calls[-2:]
        )
        self.assertEqual({}, self.world.things)
        self.assertEqual({StepState.REVERTED}, set(self.states().values()))
        self.assertEqual(
            exception.ValidationFailed.code, self.rig.store.lane.error_code
        )

    def test_undoes_a_step_that_failed_itself(self) -> None:
        self.world.errors['act_server'] = [RuntimeError('secret')]

        self.rig.run(CreateDisk, CreateServer)

        self.assertIn('undo_server:None', self.world.calls)
        row = self.rig.store.step('create_server')
        self.assertEqual('aegis.internal', row.error_code)
        self.assertNotIn('secret', row.message)

    def test_leaves_an_irreversible_step_alone(self) -> None:
        state = self.rig.run(CreateDisk, Announce, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertNotIn('undo_announce', self.world.calls)
        self.assertIs(StepState.SUCCEEDED, self.states()['announce'])

    def test_cancel_stops_before_the_next_step_and_undoes(self) -> None:
        def cancel(seconds: float) -> None:
            self.rig.store.cancel_requested = True

        self.rig.waiter.on_wait = cancel
        self.world.observations_missed = 2

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.CANCELLED, state)
        self.assertNotIn('observe_boom', self.world.calls)
        self.assertEqual({}, self.world.things)

    def test_cancel_is_too_late_past_the_point_of_no_return(self) -> None:
        journaled = self.rig.run(Announce)
        self.assertIs(LaneState.SUCCEEDED, journaled)
        self.rig.store.lane = dataclasses.replace(
            self.rig.store.lane, state=LaneState.QUEUED
        )
        self.rig.store.cancel_requested = True

        state = self.rig.run(Announce, CreateDisk)

        self.assertIs(LaneState.SUCCEEDED, state)

    def test_an_order_to_undo_is_seen_before_the_next_step(self) -> None:
        def order(seconds: float) -> None:
            self.rig.store.lane = dataclasses.replace(
                self.rig.store.lane,
                direction=models.LaneDirection.REVERT,
                reason='Another member failed.',
            )

        self.rig.waiter.on_wait = order
        self.world.observations_missed = 2

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertNotIn('observe_boom', self.world.calls)
        self.assertEqual('Another member failed.', self.rig.store.lane.reason)

    def test_undoes_a_lane_that_had_succeeded(self) -> None:
        self.rig.run(CreateDisk, CreateServer)
        self.world.calls.clear()

        state = self.rig.undo(CreateDisk, CreateServer)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(['undo_server:3', 'undo_disk:3'], self.world.calls)

    def test_goes_on_reverting_after_a_kill(self) -> None:
        self.world.errors['undo_disk:3'] = [exception.FenceLost()]
        state = self.rig.run(CreateDisk, CreateServer, Boom)
        self.assertIs(LaneState.REVERTING, state)
        self.assertIs(StepState.REVERTED, self.states()['create_server'])
        self.assertIs(StepState.REVERTING, self.states()['create_disk'])
        self.world.calls.clear()

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(['undo_disk:3'], self.world.calls)
        self.assertEqual(
            exception.ValidationFailed.code, self.rig.store.lane.error_code
        )

    def test_what_cannot_be_undone_is_a_debt(self) -> None:
        self.world.errors['undo_server:3'] = [
            storage_errors.VolumeInUse('x')
        ] * 2

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.FAILED, state)
        self.assertIn('undo_disk:3', self.world.calls)
        (leftover,) = self.rig.store.step('create_server').leftovers
        self.assertEqual('nova', leftover.service)
        self.assertIn(storage_errors.VolumeInUse.remedy, leftover.reason)

    def test_what_is_refused_once_is_asked_for_again(self) -> None:
        self.world.refusals = 1

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertNotIn('server', self.world.things)

    def test_what_is_refused_every_time_is_left_over(self) -> None:
        self.world.refusals = CreateServer.retry.undo_attempts

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.FAILED, state)
        (leftover,) = self.rig.store.step('create_server').leftovers
        self.assertEqual('web', leftover.name)
        self.assertEqual(0, self.world.refusals)

    def test_undo_repeats_retryable_errors(self) -> None:
        self.world.errors['undo_server:3'] = [unavailable()]

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(2, self.world.calls.count('undo_server:3'))

    def test_that_something_is_gone_is_looked_at_again(self) -> None:
        self.world.errors['undo_server:3'] = [
            exception.CloudNotFound(
                service='nova', site='west', http_status=404, reason='gone'
            )
        ]

        state = self.rig.run(CreateDisk, CreateServer, Boom)

        self.assertIs(LaneState.REVERTED, state)
        self.assertNotIn('server', self.world.things)

    def test_losing_the_fence_records_and_undoes_nothing(self) -> None:
        self.world.observations_missed = 2
        self.rig.waiter.on_wait = lambda seconds: self.rig.store.take_over()

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.RUNNING, state)
        self.assertIs(StepState.RUNNING, self.states()['create_server'])
        self.assertNotIn('undo', ' '.join(self.world.calls))

    def test_a_lane_whose_lease_is_lost_is_not_waited_for(self) -> None:
        self.world.observations_missed = 1000

        def lose(seconds: float) -> None:
            self.rig.holds = False

        self.rig.waiter.on_wait = lose

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.RUNNING, state)
        self.assertEqual(1, len(self.rig.waiter.waits))
        self.assertNotIn('undo', ' '.join(self.world.calls))

    def test_nothing_is_done_without_a_lease(self) -> None:
        self.rig.holds = False

        self.rig.run(CreateDisk)

        self.assertEqual(['observe_disk'], self.world.calls)

    def test_a_lease_lost_inside_a_step_stops_its_next_change(self) -> None:
        def lose_and_go_on() -> None:
            self.rig.holds = False
            permits.require()
            self.world.things['disk'] = Thing('disk', 3)

        self.useFixture(
            fixtures.MonkeyPatch(
                f'{__name__}.CreateDisk.act', lambda task: lose_and_go_on()
            )
        )

        state = self.rig.run(CreateDisk)

        self.assertIs(LaneState.RUNNING, state)
        self.assertEqual({}, self.world.things)

    def test_a_stopping_process_lets_go_at_the_next_wait(self) -> None:
        self.world.observations_missed = 2
        self.rig.waiter.on_wait = lambda seconds: self.rig.waiter.stop()

        state = self.rig.run(CreateDisk, CreateServer)

        self.assertIs(LaneState.RUNNING, state)
        self.assertNotIn('undo', ' '.join(self.world.calls))

    def test_a_stopping_process_begins_no_step(self) -> None:
        self.rig.waiter.stop()

        self.rig.run(CreateDisk)

        self.assertEqual([], self.world.calls)

    def test_waiting_is_charged_to_the_service(self) -> None:
        self.world.observations_missed = 2

        self.rig.run(CreateDisk, CreateServer)

        row = self.rig.store.step('create_server')
        self.assertEqual({'nova'}, set(row.service_seconds))

    def test_refuses_parameters_that_observe_does_not_take(self) -> None:
        class Wrong(CreateDisk):
            def act(self, elsewhere: Thing) -> None:
                pass

        self.assertRaises(TypeError, Wrong, self.rig.environment())

    def test_failing_to_say_the_intent_reverts_the_lane(self) -> None:
        class Silent(Boom):
            step = 'silent'

            def intent(self) -> dict[str, Any]:
                raise exception.ValidationFailed(reason='no plan.')

        state = self.rig.run(CreateDisk, Silent)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(
            exception.ValidationFailed.code, self.rig.store.lane.error_code
        )
        self.assertEqual({}, self.world.things)
