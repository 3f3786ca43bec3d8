# SPDX-License-Identifier: Apache-2.0
import dataclasses
from unittest import mock

import fixtures

from aegis import models
from aegis.clouds import objects
from aegis.common import exception, names, watch
from aegis.tasks import access, looks, results, storage
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal

WEB = bench.MEMBERS['web']


class Task(access.GroupTask):
    step = 'toy'
    service = 'cinder'
    result_type = results.Recorded

    def observe(self) -> None:
        pass


def refusal() -> exception.CloudConflict:
    return exception.CloudConflict(
        service='cinder', site='west', http_status=409, reason='busy'
    )


class AccessTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.west = self.bench.west

    def task(self, member: str | None = None) -> Task:
        return Task(self.bench.rig(member).environment())


class GroupTaskTest(AccessTestCase):
    def birth(self, task: Task) -> tuple[objects.Pair, ...]:
        return tuple(
            objects.Pair(key, value)
            for key, value in task.birth.metadata.items()
        )

    def test_a_lane_of_the_group_has_no_member(self) -> None:
        self.assertRaises(RuntimeError, lambda: self.task().member_id)

    def test_what_is_shared_is_born_of_the_group(self) -> None:
        self.assertEqual(
            names.Birth(journal.OPERATION_ID, journal.GROUP_ID),
            self.task().birth,
        )

    def test_what_is_a_members_is_born_of_it(self) -> None:
        self.assertEqual(
            names.Birth(journal.OPERATION_ID, WEB), self.task('web').birth
        )

    def test_both_sides_are_reached_in_their_own_projects(self) -> None:
        task = self.task()

        self.assertEqual(
            ('west', application.WEST_PROJECT),
            (task.target.site, task.target.project_id),
        )
        self.assertEqual(
            ('east', application.EAST_PROJECT),
            (task.source.site, task.source.project_id),
        )

    def test_own_things_carry_the_whole_birth(self) -> None:
        task = self.task('web')
        for name, metadata in (
            ('ours', self.birth(task)),
            ('half', self.birth(task)[:1]),
            ('others', self.birth(self.task('database'))),
            ('nobodys', ()),
        ):
            self.west.add_volume(
                application.WEST_PROJECT, name, metadata=metadata
            )

        self.assertEqual(
            ['ours'], [volume.name for volume in task.own('volumes')]
        )

    def test_things_of_another_project_are_not_own(self) -> None:
        task = self.task('web')
        self.west.add_volume('other', 'ours', metadata=self.birth(task))

        self.assertEqual((), tuple(task.own('volumes')))

    def test_half_made_things_are_own(self) -> None:
        task = self.task('web')
        network = self.west.add_network(application.WEST_PROJECT, 'front')
        mark = ' '.join(task.birth.tags)
        for owner in ('', mark):
            self.west.add_port(
                application.WEST_PROJECT, network.id, device_owner=owner
            )
        self.west.add_floating_ip(
            application.WEST_PROJECT, 'n', '198.18.62.9', description=mark
        )

        self.assertEqual(
            [mark], [port.device_owner for port in task.own('ports')]
        )
        self.assertEqual(1, len(task.own('floating_ips')))

    def test_one_look_is_sorted_once_for_all(self) -> None:
        for number in range(5):
            self.west.add_volume(application.WEST_PROJECT, f'v{number}')
        looking = watch.Watch(lambda: self.west.volumes.values(), 1000.0)
        seen = []

        def key(volume: objects.Volume) -> str:
            seen.append(volume.name)
            return volume.name

        with mock.patch.object(Task, '_watch', return_value=looking):
            for name in bench.MEMBERS:
                task = self.new_task(name)
                (found,) = task.own('volumes', (key, 'v3'))
                self.assertEqual('v3', found.name)

        self.assertEqual(5, len(seen))

    def new_task(self, member: str) -> Task:
        """A task of a lane whose wave began long ago."""
        return Task(
            dataclasses.replace(
                self.bench.rig(member).environment(),
                looks=looks.Looks(0.0, unborn=-1.0),
            )
        )

    def long_watch(self, task: Task) -> mock.Mock:
        """Have volumes come from a list that is long; what it is asked."""
        cinder = task.target.volume
        calls = mock.Mock(
            list=mock.Mock(side_effect=cinder.list_volumes),
            read=mock.Mock(side_effect=cinder.read_volumes),
        )
        self.useFixture(
            fixtures.MockPatchObject(
                Task,
                '_watch',
                return_value=watch.Watch(
                    calls.list,
                    0.0,
                    task.environment.waiter.monotonic,
                    calls.read,
                    long_list=1,
                ),
            )
        )
        return calls

    def touch(self, task: Task) -> None:
        """Have the task change something at Cinder now."""
        waiter = task.environment.waiter
        waiter.wait(1.0)
        task.environment.looks.touch('cinder', waiter.monotonic())

    def add_volumes(self, task: Task) -> tuple[objects.Volume, ...]:
        return tuple(
            self.west.add_volume(
                application.WEST_PROJECT, name, metadata=metadata
            )
            for name, metadata in (
                ('early', self.birth(task)),
                ('late', self.birth(task)),
                ('nobodys', ()),
            )
        )

    def test_of_a_long_list_a_lane_asks_for_its_own(self) -> None:
        task = self.new_task('web')
        self.add_volumes(task)
        calls = self.long_watch(task)
        task.own('volumes')
        made = self.west.add_volume(application.WEST_PROJECT, 'made')

        task.environment.looks.bear('volumes', [made.id])
        self.touch(task)
        found = {volume.name for volume in task.own('volumes')}

        self.assertEqual({'early', 'late', 'made'}, found)
        self.assertEqual(1, calls.list.call_count)
        self.assertEqual(1, calls.read.call_count)

    def test_what_a_lane_made_and_is_gone_is_told(self) -> None:
        task = self.new_task('web')
        self.add_volumes(task)
        self.long_watch(task)
        task.own('volumes')

        task.environment.looks.bear('volumes', ['v9'])
        self.touch(task)

        error = self.assertRaises(exception.CloudNotFound, task.own, 'volumes')
        self.assertIn('GET /volumes/v9', str(error))

    def test_a_long_list_shows_what_nobody_knows_of(self) -> None:
        task = self.new_task('web')
        self.add_volumes(task)
        calls = self.long_watch(task)
        task.own('volumes')
        self.add_volumes(task)

        task.environment.looks.doubt('cinder')
        self.touch(task)

        self.assertEqual(4, len(task.own('volumes')))
        self.assertFalse(calls.read.called)

    def test_who_looks_anew_lists_all(self) -> None:
        task = self.new_task('web')
        self.add_volumes(task)
        calls = self.long_watch(task)
        task.own('volumes')

        task.environment.waiter.wait(1.0)
        task.looks_anew = True
        task.own('volumes')

        self.assertEqual(2, calls.list.call_count)
        self.assertFalse(calls.read.called)

    def test_what_was_removed_is_looked_for_again(self) -> None:
        task = self.new_task('web')
        self.add_volumes(task)
        self.long_watch(task)

        leftovers = task.clear(
            'volume',
            lambda: task.own('volumes'),
            lambda volume: self.west.volumes.pop(volume.id),
        )

        self.assertEqual((), leftovers)

    def test_what_is_known_is_asked_for_by_id(self) -> None:
        task = self.new_task('web')
        early, late, _ = self.add_volumes(task)
        calls = self.long_watch(task)
        task.own('volumes')
        self.touch(task)

        found = task.known('volumes', {early.id, late.id, 'gone'})

        self.assertEqual({early.id, late.id}, found.keys())
        self.assertEqual(1, calls.list.call_count)

    def test_members_that_were_removed_since_are_left_out(self) -> None:
        self.assertEqual(2, len(self.task().manifest.members))
        del self.bench.records.members[WEB]

        (left,) = self.task().manifest.members

        self.assertEqual('database', left.server.name)

    def test_a_members_lane_reads_that_member_only(self) -> None:
        (member,) = self.task('web').manifest.members
        self.assertEqual('web', member.server.name)

    def test_a_member_that_was_never_captured(self) -> None:
        self.bench.records.checkpoint = None
        error = self.assertRaises(
            exception.MemberNotFound, lambda: self.task('web').captured
        )
        self.assertEqual('aegis.member.not_found', error.code)

    def test_a_shared_result_is_read_back(self) -> None:
        promotion = results.Promotion('fa-west', 4)
        self.bench.shared[access.PREPARE_LANE, 'promote_volumes'] = {
            'array': 'fa-west',
            'volumes': 4,
        }
        self.assertEqual(
            promotion, self.task('web').shared(storage.PromoteVolumes)
        )

    def test_a_group_without_members_has_no_replication(self) -> None:
        error = self.assertRaises(
            exception.FailoverGroupEmpty,
            access.replication_of,
            journal.make_group(replication_array=None),
        )
        self.assertEqual('aegis.failover_group.empty', error.code)

    def test_a_volume_that_has_gone(self) -> None:
        error = self.assertRaises(
            exception.CloudNotFound,
            self.task('web').required,
            'volumes',
            {'v1'},
        )
        self.assertIn('there is no volume v1', error.detail)


class ClearTest(AccessTestCase):
    """Having things go."""

    def setUp(self) -> None:
        super().setUp()
        self.things = {
            name: self.west.add_volume(application.WEST_PROJECT, name)
            for name in ('a', 'b', 'c')
        }
        self.asked: list[str] = []

    def look(self) -> list[objects.Volume]:
        return list(self.things.values())

    def remove(self, volume: objects.Volume) -> None:
        self.asked.append(volume.name)
        del self.things[volume.name]

    def clear(self, remove: object) -> tuple[models.Leftover, ...]:
        task = self.task('web')
        return task.clear('volume', self.look, remove)

    def test_everything_goes(self) -> None:
        self.assertEqual((), self.clear(self.remove))
        self.assertEqual(['a', 'b', 'c'], self.asked)

    def test_a_refusal_keeps_nobody_else(self) -> None:
        def remove(volume: objects.Volume) -> None:
            if volume.name == 'a':
                raise refusal()
            self.remove(volume)

        (leftover,) = self.clear(remove)

        self.assertEqual(
            ('cinder', 'volume', 'a'),
            (leftover.service, leftover.resource_type, leftover.name),
        )
        self.assertIn('busy', leftover.reason)
        self.assertEqual(['b', 'c'], self.asked)

    def test_a_refusal_need_not_last(self) -> None:
        refused = []

        def remove(volume: objects.Volume) -> None:
            if volume.name == 'a' and len(refused) < 3:
                refused.append(volume.name)
                raise refusal()
            self.remove(volume)

        self.assertEqual((), self.clear(remove))

    def test_what_goes_by_itself_keeps_nobody_else(self) -> None:
        def remove(volume: objects.Volume) -> None:
            self.remove(volume)
            if volume.name == 'a':
                raise exception.CloudNotFound(
                    service='cinder', site='west', http_status=404, reason='-'
                )

        self.assertEqual((), self.clear(remove))

    def test_what_stays_tells_its_state(self) -> None:
        left = self.clear(lambda volume: None)

        self.assertEqual(3, len(left))
        for leftover in left:
            self.assertIn('It is still in state available.', leftover.reason)

    def test_what_is_listed_though_it_is_said_to_be_gone_tells_so(
        self,
    ) -> None:
        left = self.clear(
            mock.Mock(
                side_effect=exception.CloudNotFound(
                    service='cinder', site='west', http_status=404, reason='-'
                )
            )
        )

        self.assertEqual(3, len(left))
        for leftover in left:
            self.assertIn('404', leftover.reason)

    def test_what_may_be_repeated_is_left_to_the_base(self) -> None:
        self.assertRaises(
            exception.CloudUnavailable,
            self.clear,
            mock.Mock(
                side_effect=exception.CloudUnavailable(
                    service='cinder', site='west', reason='-'
                )
            ),
        )

    def test_a_stopping_engine_lets_go(self) -> None:
        rig = self.bench.rig('web')
        rig.waiter.stop()
        task = Task(rig.environment())

        self.assertRaises(
            exception.Interrupted, task.wait_until, lambda: False, 10
        )
