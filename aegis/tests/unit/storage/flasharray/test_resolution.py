# SPDX-License-Identifier: Apache-2.0
from aegis.storage import base as contract
from aegis.storage.flasharray import driver
from aegis.tests import base
from aegis.tests.unit.storage.flasharray import fakes


def reference(volume_id, name=None, array=None):
    return contract.VolumeReference(volume_id, array, name)


class ResolveTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.array = fakes.FakeClient('fa-east')
        self.driver = driver.FlashArrayDriver('fa-east', self.array)

    def one(self, *arguments):
        (found,) = self.driver.resolve([reference(*arguments)])
        return found

    def test_everything_about_a_volume(self):
        self.array.add_volume(
            'v', serial='S', size_bytes=7, source='s', connections=1
        )
        self.array.set_tags('v', [contract.Tag('k', 'x')])
        self.array.add_group('pg', ['v'], ['fa-west'])
        self.assertEqual(
            contract.ResolvedVolume(
                volume_id='1',
                array='fa-east',
                name='v',
                serial='S',
                size_bytes=7,
                source='s',
                connected=True,
                tags=(contract.Tag('k', 'x'),),
                groups=(contract.ReplicationGroup('fa-east', 'pg'),),
                targets=(
                    contract.ReplicationTarget('fa-west', True, 'replicating'),
                ),
            ),
            self.one('1', 'v'),
        )

    def test_what_is_not_there_is_said_in_its_place(self):
        self.array.add_volume('v')
        found = self.driver.resolve(
            [reference('0', 'x'), reference('1', 'v'), reference('2')]
        )
        self.assertEqual(
            [('0', None), ('1', 'v'), ('2', None)],
            [(volume.volume_id, volume.name) for volume in found],
        )
        self.assertEqual(
            contract.ResolvedVolume('0', 'fa-east', None), found[0]
        )

    def test_without_a_name_the_one_of_cinder_is_tried(self):
        for name in (
            'volume-1-cinder',
            'pod::volume-2-cinder',
            'group/volume-3-cinder',
        ):
            self.array.add_volume(name)
        found = self.driver.resolve([reference(i) for i in '123'])
        self.assertEqual(
            [
                'volume-1-cinder',
                'pod::volume-2-cinder',
                'group/volume-3-cinder',
            ],
            [volume.name for volume in found],
        )

    def test_a_stale_name_gives_way_to_the_one_of_cinder(self):
        self.array.add_volume('volume-1-cinder')
        self.assertEqual('volume-1-cinder', self.one('1', 'gone').name)

    def test_a_name_that_only_ends_alike_is_another_volume(self):
        self.array.add_volume('my-volume-1-cinder')
        self.assertIsNone(self.one('1').name)

    def test_a_destroyed_volume_is_not_there(self):
        self.array.add_volume('v', destroyed=True)
        self.assertIsNone(self.one('1', 'v').name)

    def test_the_array_has_the_last_word_on_case(self):
        self.array.add_volume('Volume-A')
        self.assertEqual('Volume-A', self.one('1', 'vOLUME-a').name)

    def test_two_references_may_mean_one_volume(self):
        self.array.add_volume('v')
        found = self.driver.resolve([reference('1', 'v'), reference('2', 'v')])
        self.assertEqual(['v', 'v'], [volume.name for volume in found])

    def test_a_group_without_target_does_not_replicate(self):
        self.array.add_volume('v')
        self.array.add_group('local', ['v'])
        self.array.add_group('pg', ['v'], ['fa-west'])
        self.assertEqual(
            ['pg'], [group.name for group in self.one('1', 'v').groups]
        )

    def test_all_groups_and_each_target_once(self):
        self.array.add_volume('v')
        self.array.add_group('one', ['v'], ['fa-west'])
        self.array.add_group('two', ['v'], ['fa-west', 'fa-south'])
        found = self.one('1', 'v')
        self.assertEqual(2, len(found.groups))
        self.assertEqual(
            ['fa-west', 'fa-south'],
            [target.array for target in found.targets],
        )

    def test_nothing_is_asked_for_nothing(self):
        self.assertEqual([], self.driver.resolve([]))

    def test_calls_do_not_grow_with_volumes(self):
        names = [f'v{number}' for number in range(60)]
        for name in names:
            self.array.add_volume(name)
        self.array.add_group('pg', names, ['fa-west'])
        self.driver.resolve([reference(name, name) for name in names])
        self.assertLessEqual(len(self.array.calls), 5)
