# SPDX-License-Identifier: Apache-2.0
import contextlib
import dataclasses

from hypothesis import settings, stateful, strategies

from aegis.storage import base as contract
from aegis.storage import errors
from aegis.storage.flasharray import driver, faults, tagged
from aegis.tests import base
from aegis.tests.unit.storage.flasharray import fakes

GROUP = contract.ReplicationGroup('fa-east', 'pg')
OPERATION = contract.Tag('aegis:operation', 'operation-1')


def tags(member):
    return (OPERATION, contract.Tag('aegis:member', member))


def promotion(volume, name=None, member=None):
    return contract.Promotion(
        volume, name or f'new-{volume}', tags(member or f'member-{volume}')
    )


def bring_point(array, volumes, minute=1):
    array.add_point(
        'fa-east:pg',
        str(minute),
        volumes,
        fakes.at(minute),
        completed=fakes.at(minute + 1),
    )
    found = driver.FlashArrayDriver(array.name, array)
    return found.recovery_points(GROUP, 1)[0]


class PromotionTestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.start()

    def start(self, batch=True):
        self.array = fakes.FakeClient('fa-west', batch)
        self.driver = driver.FlashArrayDriver('fa-west', self.array)
        self.point = bring_point(self.array, ['v', 'w'])
        self.array.calls.clear()

    def promote(self, *promotions):
        return self.driver.promote(self.point, promotions)


class PromoteTest(PromotionTestCase):
    def test_answers_come_in_order_and_were_read_back(self):
        found = self.promote(promotion('w'), promotion('v'))
        self.assertEqual(
            [
                contract.PromotedVolume(
                    name=f'new-{name}',
                    serial=self.array.volume(f'new-{name}').serial,
                    size_bytes=fakes.GIB,
                    source=f'fa-east:{name}',
                    connected=False,
                    tags=tuple(
                        sorted(tags(f'member-{name}'), key=lambda t: t.key)
                    ),
                )
                for name in ('w', 'v')
            ],
            found,
        )

    def test_nothing_to_promote_asks_nothing_of_volumes(self):
        self.assertEqual([], self.promote())
        self.assertEqual(0, self.array.count('volumes'))

    def test_a_second_time_changes_nothing(self):
        first = self.promote(promotion('v'), promotion('w'))
        self.array.calls.clear()
        self.assertEqual(first, self.promote(promotion('v'), promotion('w')))
        self.assertEqual([], self.array.writes)

    def test_a_renamed_volume_is_recognised(self):
        self.promote(promotion('v'))
        self.array.change_volume('new-v', name='volume-1-cinder')
        (found,) = self.promote(promotion('v'))
        self.assertEqual('volume-1-cinder', found.name)

    def test_volumes_of_one_member_are_told_apart_after_a_rename(self):
        wanted = [promotion('v', member='m'), promotion('w', member='m')]
        self.promote(*wanted)
        self.array.change_volume('new-v', name='volume-2-cinder')
        self.array.change_volume('new-w', name='volume-1-cinder')
        self.assertEqual(
            ['volume-2-cinder', 'volume-1-cinder'],
            [volume.name for volume in self.promote(*wanted)],
        )

    def test_the_missing_half_is_made(self):
        self.promote(promotion('v'))
        serial = self.array.volume('new-v').serial
        found = self.promote(promotion('v'), promotion('w'))
        self.assertEqual(serial, found[0].serial)
        self.assertEqual('new-w', found[1].name)

    def test_calls_do_not_grow_with_volumes(self):
        volumes = [f'v{number}' for number in range(60)]
        self.point = bring_point(self.array, volumes, minute=5)
        self.array.calls.clear()
        self.promote(*[promotion(volume) for volume in volumes])
        self.assertEqual(7, len(self.array.calls))

    def test_members_of_different_operations_are_found_too(self):
        one = contract.Promotion('v', 'a', (contract.Tag('o', 'one'),))
        two = contract.Promotion('w', 'b', (contract.Tag('o', 'two'),))
        first = self.promote(one, two)
        self.assertEqual(first, self.promote(one, two))
        self.assertEqual(1, self.array.count('copy'))


class RefusalTest(PromotionTestCase):
    def assertRefused(self, kind, *promotions):
        error = self.assertRaises(kind, self.promote, *promotions)
        self.assertEqual([], self.array.writes)
        return error

    def test_a_strangers_volume_is_never_taken(self):
        self.array.add_volume('new-v', source='fa-east:v')
        error = self.assertRefused(errors.NameTaken, promotion('v'))
        self.assertIn('new-v', str(error))

    def test_nor_one_of_another_operation(self):
        self.array.add_volume('NEW-V')
        self.array.set_tags('NEW-V', [contract.Tag('aegis:operation', 'x')])
        self.assertRefused(errors.NameTaken, promotion('v'))

    def test_nor_is_anything_made_beside_it(self):
        self.array.add_volume('new-w')
        self.assertRefused(errors.NameTaken, promotion('v'), promotion('w'))
        self.assertRaises(KeyError, self.array.volume, 'new-v')

    def test_a_name_that_a_destroyed_stranger_holds_is_not_free(self):
        self.array.add_volume('new-v', destroyed=True)
        error = self.assertRefused(errors.NameTaken, promotion('v'))
        self.assertIn('eradicated', str(error))

    def test_a_volume_the_operator_destroyed_is_left_alone(self):
        self.promote(promotion('v'))
        self.array.set_destroyed(['new-v'], True)
        self.array.calls.clear()
        self.assertRefused(errors.NameTaken, promotion('v'))

    def test_a_volume_without_a_copy(self):
        self.assertRefused(errors.PointIncomplete, promotion('x'))

    def test_an_incomplete_point(self):
        self.array.destroy_snapshot(self.point.name)
        self.assertRefused(errors.PointIncomplete, promotion('v'))

    def test_one_name_for_two_volumes(self):
        self.assertRefused(
            errors.GuardFailed,
            promotion('v', 'same'),
            promotion('w', 'SAME'),
        )

    def test_a_volume_without_birth_tags(self):
        self.assertRefused(
            errors.GuardFailed, contract.Promotion('v', 'new-v', ())
        )

    def test_a_volume_that_is_too_small(self):
        self.promote(promotion('v'))
        self.array.change_volume('new-v', size_bytes=1)
        self.array.calls.clear()
        self.assertRefused(errors.GuardFailed, promotion('v'))

    def test_a_synchronous_group(self):
        group = dataclasses.replace(GROUP, kind=contract.ReplicationKind.SYNC)
        self.point = dataclasses.replace(self.point, group=group)
        self.assertRefused(errors.ArrayRefused, promotion('v'))


class InterruptionTest(PromotionTestCase):
    def test_a_lost_answer_is_looked_up(self):
        self.array.fail('copy', faults.OutcomeUnknown('?'), done=True)
        self.promote(promotion('v'))
        self.assertEqual(1, self.array.count('copy'))

    def test_a_lost_request_is_sent_again(self):
        self.array.fail('copy', faults.OutcomeUnknown('?'))
        self.promote(promotion('v'))
        self.assertEqual(2, self.array.count('copy'))

    def test_a_dead_array_is_not_asked_for_ever(self):
        for _ in range(9):
            self.array.fail('copy', faults.OutcomeUnknown('?'))
        self.assertRaises(
            errors.ArrayUnreachable, self.promote, promotion('v')
        )
        self.assertEqual(2, self.array.count('copy'))

    def test_an_older_array_is_healed_where_tags_are_missing(self):
        self.start(batch=False)
        self.array.fail('tag', errors.ArrayUnreachable('gone'))
        self.assertRaises(
            errors.ArrayUnreachable, self.promote, promotion('v')
        )
        self.assertEqual({}, self.array.tags('new-v'))
        serial = self.array.volume('new-v').serial
        (found,) = self.promote(promotion('v'))
        self.assertEqual(serial, found.serial)
        self.assertEqual(set(tags('member-v')), set(found.tags))

    def test_an_older_array_is_not_healed_where_a_stranger_is(self):
        self.start(batch=False)
        for fields in (
            {'source': None},
            {'source': 'fa-east:other'},
            {'source': 'fa-east:v', 'connections': 1},
        ):
            self.array.add_volume('new-v', **fields)
            self.assertRaises(errors.NameTaken, self.promote, promotion('v'))
        self.array.add_volume('new-v', source='fa-east:v')
        self.array.set_tags('new-v', [contract.Tag('other', 'x')])
        self.assertRaises(errors.NameTaken, self.promote, promotion('v'))


class AgainAfterDiscardTest(PromotionTestCase):
    """A name stays taken for a day after its volume was discarded."""

    def setUp(self):
        super().setUp()
        self.promote(promotion('v'))
        self.array.change_volume('new-v', source='somebody:wrote')
        self.driver.discard(['new-v'], [OPERATION])

    def test_the_volume_is_filled_again(self):
        (found,) = self.promote(promotion('v'))
        self.assertEqual('new-v', found.name)
        self.assertEqual('fa-east:v', found.source)
        self.assertNotIn(tagged.DISCARDED.key, self.array.tags('new-v'))

    def test_an_interruption_never_passes_old_content_off(self):
        for method in ('copy', 'untag'):
            self.array.fail(method, errors.ArrayUnreachable('gone'))
            self.assertRaises(
                errors.ArrayUnreachable, self.promote, promotion('v')
            )
        (found,) = self.promote(promotion('v'))
        self.assertEqual('fa-east:v', found.source)
        self.assertEqual(1, self.array.count('set_destroyed') - 1)

    def test_a_host_on_it_stops_that(self):
        self.array.fail('copy', errors.ArrayUnreachable('gone'))
        self.assertRaises(
            errors.ArrayUnreachable, self.promote, promotion('v')
        )
        self.array.change_volume('new-v', connections=1)
        self.assertRaises(errors.VolumeInUse, self.promote, promotion('v'))

    def test_a_renamed_one_does_not_matter(self):
        self.array.change_volume('new-v', name='volume-1-cinder')
        (found,) = self.promote(promotion('v'))
        self.assertEqual('new-v', found.name)
        self.assertTrue(self.array.volume('volume-1-cinder').destroyed)


class Interrupted(stateful.RuleBasedStateMachine):
    """Whatever fails whenever: one volume each, and strangers untouched."""

    def __init__(self):
        super().__init__()
        self.array = fakes.FakeClient('fa-west')
        self.array.add_volume('stranger', connections=1)
        self.driver = driver.FlashArrayDriver('fa-west', self.array)
        self.volumes = ['a', 'b', 'c']
        self.point = bring_point(self.array, self.volumes)
        self.renames = 0

    @stateful.rule(
        method=strategies.sampled_from(
            [
                'volumes',
                'tags_of',
                'tags_like',
                'copy',
                'tag',
                'untag',
                'set_destroyed',
            ]
        ),
        kind=strategies.sampled_from(
            [faults.OutcomeUnknown, errors.ArrayBusy, errors.ArrayFailed]
        ),
        done=strategies.booleans(),
    )
    def fail(self, method, kind, done):
        self.array.fail(method, kind('injected'), done)

    @stateful.rule(
        volumes=strategies.lists(
            strategies.sampled_from(['a', 'b', 'c']), unique=True, min_size=1
        )
    )
    def promote(self, volumes):
        wanted = [promotion(volume, member='shared') for volume in volumes]
        with contextlib.suppress(errors.StorageError):
            found = self.driver.promote(self.point, wanted)
            for volume, one in zip(volumes, found, strict=True):
                assert one.source == f'fa-east:{volume}'
                assert OPERATION in one.tags
                stored = self.array.tags(one.name)
                assert tagged.DISCARDED.key not in stored

    @stateful.rule()
    def write_and_discard(self):
        """A server writes into the volumes before they are discarded."""
        with contextlib.suppress(errors.StorageError):
            found = self.driver.find([OPERATION])
            for one in found:
                self.array.change_volume(
                    one.name, source=one.source.replace('fa-east', 'dirty')
                )
            with contextlib.suppress(errors.StorageError):
                self.driver.discard([one.name for one in found], [OPERATION])
                assert self.driver.find([OPERATION]) == []
        for name, volume in list(self.array._volumes.items()):
            # One that was not discarded lives on, and is not promoted anew.
            marked = tagged.DISCARDED.key in self.array.tags(name)
            if volume.source and not marked:
                self.array.change_volume(
                    name, source=volume.source.replace('dirty', 'fa-east')
                )

    @stateful.rule()
    def rename(self):
        """Cinder manages a volume."""
        with contextlib.suppress(errors.StorageError):
            for one in self.driver.find([OPERATION])[:1]:
                self.renames += 1
                self.array.change_volume(
                    one.name, name=f'volume-{self.renames}-cinder'
                )

    @stateful.invariant()
    def one_volume_each(self):
        live = [
            volume.source
            for volume in self.array._volumes.values()
            if not volume.destroyed and volume.source
        ]
        assert len(live) == len(set(live)), live

    @stateful.invariant()
    def the_stranger_is_untouched(self):
        stranger = self.array.volume('stranger')
        assert not stranger.destroyed
        assert self.array.tags('stranger') == {}

    def teardown(self):
        self.array._faults.clear()
        self.promote(self.volumes)
        assert len(self.driver.find([OPERATION])) == len(self.volumes)


class InterruptedTest(Interrupted.TestCase):
    settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
