# SPDX-License-Identifier: Apache-2.0
"""Volumes and their snapshots, from creation to deletion."""

from typing import Any

from cinder import exception
from cinder.volume.drivers import pure

from tests import support
from tests.cinder import rows
from tests.cinder.cases import CinderCase, every_driver, kind_of

MIB = 2**20
UNLIMITED = {'iops_limit': 100_000_000, 'bandwidth_limit': 549_755_813_888}


@every_driver
class VolumeTest(CinderCase):
    def test_a_local_volume_is_not_replicated(self) -> None:
        volume = self.create()
        self.assertEqual(support.GIB, self.on_array(volume)['provisioned'])
        self.assertNotIn(volume.provider_id, self.members('cinder-group'))
        self.assertEqual('disabled', volume.replication_status)

    def test_a_replicated_volume_joins_the_group(self) -> None:
        volume = self.create(kind_of('async'))
        self.assertIn(volume.provider_id, self.members('cinder-group'))
        self.assertEqual('enabled', volume.replication_status)

    def test_its_names_are_kept_by_cinder(self) -> None:
        volume = self.create()
        self.assertEqual(f'volume-{volume.id}-cinder', volume.provider_id)
        self.assertEqual(
            {
                'array_volume_name': volume.provider_id,
                'array_name': 'fa-east',
            },
            volume.metadata,
        )

    def test_it_is_tagged(self) -> None:
        volume = self.create()
        self.assertEqual(
            {
                'ProjectId': volume.project_id,
                'VolType': 'Data',
                'DataStoreType': 'Direct Access',
            },
            self.tags(volume.provider_id),
        )

    def test_it_is_extended(self) -> None:
        volume = self.create()
        self.driver.extend_volume(volume, 3)
        self.assertEqual(3 * support.GIB, self.on_array(volume)['provisioned'])

    def test_it_is_not_shrunk(self) -> None:
        volume = self.create(size=2)
        with self.assertRaises(pure.PureDriverException):
            self.driver.extend_volume(volume, 1)
        self.assertEqual(2 * support.GIB, self.on_array(volume)['provisioned'])

    def test_a_clone_has_the_bytes_and_its_own_size(self) -> None:
        source = self.create()
        self.write(source, b'clone me')
        clone = rows.volume(kind_of('none'), 2)
        clone = self.stored(
            clone, self.driver.create_cloned_volume(clone, source)
        )
        self.assertEqual(b'clone me', self.read(clone.provider_id, 8))
        self.assertEqual(2 * support.GIB, self.on_array(clone)['provisioned'])

    def test_a_volume_from_a_snapshot_has_the_old_bytes(self) -> None:
        volume = self.create()
        self.write(volume, b'old')
        snapshot = self.snapshot(volume)
        self.write(volume, b'new')
        made = rows.volume(kind_of('async'), 2)
        made = self.stored(
            made, self.driver.create_volume_from_snapshot(made, snapshot)
        )
        self.assertEqual(b'old', self.read(made.provider_id, 3))
        self.assertEqual(2 * support.GIB, self.on_array(made)['provisioned'])
        self.assertIn(made.provider_id, self.members('cinder-group'))

    def test_a_snapshot_is_named_in_cinder(self) -> None:
        snapshot = self.snapshot(self.create())
        name = f'{snapshot.volume.provider_id}.{snapshot.name}'
        self.assertEqual(name, snapshot.metadata['array_snapshot_name'])
        self.assertIn(name, self.on(self.east, 'volume_snapshots'))

    def test_a_volume_is_reverted(self) -> None:
        volume = self.create()
        self.write(volume, b'old')
        snapshot = self.snapshot(volume)
        before = self.on_array(volume)
        self.write(volume, b'new')
        self.driver.revert_to_snapshot(self.context, volume, snapshot)
        after = self.on_array(volume)
        self.assertEqual(before['content'], after['content'])
        self.assertEqual(before['serial'], after['serial'])

    def test_a_snapshot_is_deleted_twice(self) -> None:
        snapshot = self.snapshot(self.create())
        self.driver.delete_snapshot(snapshot)
        self.driver.delete_snapshot(snapshot)
        name = f'{snapshot.volume.provider_id}.{snapshot.name}'
        row = self.on(self.east, 'volume_snapshots')[name]
        self.assertIsNotNone(row['destroyed'])

    def test_it_is_deleted_softly(self) -> None:
        volume = self.create()
        self.driver.delete_volume(volume)
        self.assertIsNotNone(self.on_array(volume)['destroyed'])

    def test_it_is_deleted_for_good(self) -> None:
        driver = self.new_driver(pure_eradicate_on_delete=True)
        volume = self.create(driver=driver)
        snapshot = self.snapshot(volume)
        driver.delete_snapshot(snapshot)
        driver.delete_volume(volume)
        self.assertNotIn(volume.provider_id, self.on(self.east))
        gone = f'{volume.provider_id}.{snapshot.name}'
        self.assertNotIn(gone, self.on(self.east, 'volume_snapshots'))

    def test_a_volume_the_array_lacks_is_deleted_too(self) -> None:
        volume = rows.volume(kind_of('none'))
        volume = self.stored(
            volume, {'provider_id': f'volume-{volume.id}-cinder'}
        )
        self.driver.delete_volume(volume)
        self.assertNotIn(volume.provider_id, self.on(self.east))

    def test_a_missing_provider_id_is_made_up(self) -> None:
        volume = rows.volume(kind_of('none'))
        [update], _ = self.driver.update_provider_info([volume], [])
        self.assertEqual(f'volume-{volume.id}-cinder', update['provider_id'])


class QualityTest(CinderCase):
    """Quality of service of volumes; the same for every protocol."""

    def limits(self, volume: Any) -> Any:
        qos = self.on_array(volume)['qos']
        return qos['iops_limit'], qos['bandwidth_limit']

    def test_limits_of_the_type_hold_from_the_start(self) -> None:
        for specs, limits in (
            ({'maxIOPS': '500', 'maxBWS': '20'}, (500, 20 * MIB)),
            ({'maxIOPS': '500'}, (500, None)),
            ({'maxBWS': '20'}, (None, 20 * MIB)),
        ):
            with self.subTest(specs):
                volume = self.create(rows.volume_type(specs))
                self.assertEqual(limits, self.limits(volume))

    def test_qos_specs_override_the_type(self) -> None:
        kind = rows.volume_type({'maxIOPS': '500'}, {'maxIOPS': '900'})
        self.assertEqual((900, None), self.limits(self.create(kind)))

    def test_limits_out_of_range_are_refused_by_the_driver(self) -> None:
        with self.assertRaises(exception.InvalidQoSSpecs):
            self.create(rows.volume_type({'maxIOPS': '99'}))

    def test_clones_and_extended_volumes_have_them_too(self) -> None:
        kind = rows.volume_type({'maxIOPS': '500', 'maxBWS': '20'})
        source = self.create()
        clone = rows.volume(kind)
        clone = self.stored(
            clone, self.driver.create_cloned_volume(clone, source)
        )
        self.assertEqual((500, 20 * MIB), self.limits(clone))
        self.driver.extend_volume(clone, 2)
        self.assertEqual((500, 20 * MIB), self.limits(clone))

    def test_a_volume_from_a_snapshot_is_unlimited(self) -> None:
        snapshot = self.snapshot(self.create())
        made = rows.volume(kind_of('none'))
        made = self.stored(
            made, self.driver.create_volume_from_snapshot(made, snapshot)
        )
        self.assertEqual(tuple(UNLIMITED.values()), self.limits(made))

    def test_retyping_sets_and_lifts_them(self) -> None:
        limited = rows.volume_type({'maxIOPS': '500', 'maxBWS': '20'})
        volume = self.retype(self.create(), limited)
        self.assertEqual((500, 20 * MIB), self.limits(volume))
        volume = self.retype(volume, kind_of('none'))
        self.assertEqual(tuple(UNLIMITED.values()), self.limits(volume))


class VolumeGroupTest(CinderCase):
    """Volumes in volume groups; the same for every protocol."""

    def kind(self, name: str, **limits: str) -> Any:
        specs = {'flasharray:vg_name': name}
        specs |= {f'flasharray:vg_{key}': text for key, text in limits.items()}
        return rows.volume_type(specs)

    def group(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.on(self.east, 'volume_groups')[name]
        return found

    def test_the_first_volume_makes_the_group(self) -> None:
        volume = self.create(self.kind('vg-a', maxIOPS='500'))
        self.assertEqual(f'vg-a/volume-{volume.id}-cinder', volume.provider_id)
        self.assertIn(volume.provider_id, self.on(self.east))
        self.assertEqual(500, self.group('vg-a')['qos']['iops_limit'])

    def test_another_type_changes_its_limits(self) -> None:
        self.create(self.kind('vg-b', maxIOPS='500'))
        self.create(self.kind('vg-b', maxIOPS='700'))
        self.assertEqual(700, self.group('vg-b')['qos']['iops_limit'])

    def test_strange_letters_of_its_name_are_replaced(self) -> None:
        volume = self.create(self.kind('vg c.1'))
        self.assertTrue(volume.provider_id.startswith('vg-c-1/'))

    def test_a_volume_from_a_snapshot_is_made_in_it(self) -> None:
        snapshot = self.snapshot(self.create())
        made = rows.volume(self.kind('vg-d'))
        made = self.stored(
            made, self.driver.create_volume_from_snapshot(made, snapshot)
        )
        self.assertTrue(made.provider_id.startswith('vg-d/'))
        self.assertIn(made.provider_id, self.on(self.east))

    def test_the_last_volume_takes_the_group_along(self) -> None:
        kind = self.kind('vg-e')
        first, last = self.create(kind), self.create(kind)
        self.driver.delete_volume(first)
        self.assertIsNone(self.group('vg-e')['destroyed'])
        self.driver.delete_volume(last)
        self.assertIsNotNone(self.group('vg-e')['destroyed'])

    def test_a_destroyed_group_is_made_again(self) -> None:
        kind = self.kind('vg-f')
        self.driver.delete_volume(self.create(kind))
        self.create(kind)
        self.assertIsNone(self.group('vg-f')['destroyed'])

    def test_the_group_is_eradicated_with_its_last_volume(self) -> None:
        driver = self.new_driver(pure_eradicate_on_delete=True)
        driver.delete_volume(self.create(self.kind('vg-g'), driver=driver))
        self.assertNotIn('vg-g', self.on(self.east, 'volume_groups'))

    def test_retyping_moves_in_across_and_out(self) -> None:
        volume = self.create()
        name = volume.provider_id
        for kind, expected in (
            (self.kind('vg-h'), f'vg-h/{name}'),
            (self.kind('vg-i'), f'vg-i/{name}'),
            (kind_of('none'), name),
        ):
            volume = self.retype(volume, kind)
            self.assertEqual(expected, volume.provider_id)
            self.assertIn(expected, self.on(self.east))
        self.assertIsNotNone(self.group('vg-h')['destroyed'])

    def test_synchronous_types_are_refused(self) -> None:
        with self.assertRaises(exception.InvalidVolumeType):
            self.create(kind_of('sync', **{'flasharray:vg_name': 'vg-j'}))


class LimitTest(CinderCase):
    """The array refuses, and Cinder says why; for every kind of write."""

    def assertLimited(self, method: str, path: str, call: Any) -> None:
        self.addCleanup(self.east.door.clear_faults)
        self.east.door.inject_fault(
            method, path, 1, 400, 'Object limit reached.'
        )
        with self.assertRaisesRegex(
            pure.PureDriverException, 'an array limit has been reached'
        ):
            call()

    def test_every_write_tells_of_the_limit(self) -> None:
        volume = self.create()
        snapshot = self.snapshot(volume)
        clone = rows.volume(kind_of('none'))
        group = rows.group([kind_of('none')])
        for method, path, call in (
            ('POST', 'volumes', self.create),
            ('PATCH', 'volumes', lambda: self.driver.extend_volume(volume, 2)),
            ('POST', 'volume-snapshots', lambda: self.snapshot(volume)),
            (
                'POST',
                'volumes',
                lambda: self.driver.create_cloned_volume(clone, volume),
            ),
            (
                'POST',
                'volumes',
                lambda: self.driver.create_volume_from_snapshot(
                    clone, snapshot
                ),
            ),
            (
                'POST',
                'volumes',
                lambda: self.driver.revert_to_snapshot(
                    self.context, volume, snapshot
                ),
            ),
            (
                'POST',
                'protection-groups',
                lambda: self.driver.create_group(self.context, group),
            ),
        ):
            with self.subTest(f'{method} {path}'):
                self.assertLimited(method, path, call)
