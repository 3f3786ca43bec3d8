# SPDX-License-Identifier: Apache-2.0
"""Volumes through py-pure-client."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase


class VolumeTest(ClientCase):
    def test_a_volume_is_created(self) -> None:
        volume = self.volume('create')
        self.assertEqual(support.GIB, volume.provisioned)
        self.assertRegex(volume.serial, r'^[0-9A-F]{24}$')
        self.assertEqual('fa-one', volume.context.name)

    def test_no_reference_is_ever_null(self) -> None:
        self.volume('references')
        item = self.raw('GET', 'volumes?names=references').json()['items'][0]
        self.assertIsNone(item['workload']['name'])
        for field in ('pod', 'source', 'volume_group'):
            self.assertEqual({'name': None, 'id': None}, item[field])
        self.assertEqual(
            {'bandwidth_limit': None, 'iops_limit': None}, item['qos']
        )

    def test_a_missing_volume_is_refused(self) -> None:
        self.bad(
            self.client.get_volumes(names=['missing']),
            'Volume does not exist.',
        )

    def test_all_missing_names_are_told(self) -> None:
        response = self.client.get_volumes(names=['gone-a', 'gone-b'])
        self.assertEqual(
            ['gone-a', 'gone-b'], [e.context for e in response.errors]
        )

    def test_a_taken_name_is_refused_whatever_its_case(self) -> None:
        self.volume('taken')
        self.bad(
            self.client.post_volumes(
                names=['TAKEN'], volume=flasharray.VolumePost()
            ),
            'Volume already exists.',
        )

    def test_many_names_are_made_all_or_none(self) -> None:
        self.volume('all-b')
        response = self.client.post_volumes(
            names=['all-a', 'all-b'], volume=flasharray.VolumePost()
        )
        self.bad(response, 'already exists')
        self.bad(self.client.get_volumes(names=['all-a']), 'does not exist')

    def test_a_bad_name_is_refused(self) -> None:
        for name in ('fa-two:v', 'a.b', '-', 'v' * 64):
            with self.subTest(name):
                self.bad(
                    self.client.post_volumes(
                        names=[name], volume=flasharray.VolumePost()
                    ),
                    'Invalid volume name',
                )

    def test_a_bad_size_is_refused(self) -> None:
        for size in (1, 2**20 + 1, 2**53, '1G', True):
            with self.subTest(size):
                response = self.raw(
                    'POST', 'volumes?names=size', json={'provisioned': size}
                )
                self.assertEqual(400, response.status_code)

    def test_no_name_never_means_all(self) -> None:
        for method in ('POST', 'PATCH', 'DELETE'):
            for query in ('', '?names='):
                response = self.raw(method, f'volumes{query}', json={})
                self.assertEqual(400, response.status_code)
                self.assertEqual(
                    'Missing or invalid parameter.',
                    response.json()['errors'][0]['message'],
                )

    def test_a_volume_grows_but_shrinks_only_if_told(self) -> None:
        self.volume('resize')

        def resize(size: int, **options: Any) -> Any:
            return self.client.patch_volumes(
                names=['resize'],
                volume=flasharray.VolumePatch(provisioned=size),
                **options,
            )

        self.good(resize(2 * support.GIB))
        self.bad(resize(support.GIB), 'truncation')
        self.good(resize(support.GIB, truncate=True))

    def test_limits_out_of_range_are_refused(self) -> None:
        self.volume('limits')
        for limits in ({'iops_limit': 1}, {'bandwidth_limit': 2**40}):
            with self.subTest(limits):
                response = self.raw(
                    'PATCH', 'volumes?names=limits', json={'qos': limits}
                )
                self.assertEqual(400, response.status_code)

    def test_a_destroyed_volume_keeps_its_name(self) -> None:
        self.volume('kept')
        self.destroy('kept')
        response = self.client.post_volumes(
            names=['kept'], volume=flasharray.VolumePost()
        )
        self.bad(response, 'pending eradication')
        self.assertNotIn('already exists', response.errors[0].message)

    def test_a_destroyed_volume_counts_down_and_vanishes(self) -> None:
        self.volume('vanish')
        self.destroy('vanish')
        found = self.good(self.client.get_volumes(names=['vanish']))[0]
        self.assertTrue(found.destroyed)
        self.assertLessEqual(found.time_remaining, support.DAY)
        self.door.advance_clock(support.DAY + 1000)
        self.bad(self.client.get_volumes(names=['vanish']), 'does not exist')

    def test_a_destroyed_volume_can_be_recovered(self) -> None:
        self.volume('back')
        self.destroy('back')
        self.good(
            self.client.patch_volumes(
                names=['back'],
                volume=flasharray.VolumePatch(destroyed=False),
            )
        )
        self.assertFalse(
            self.good(self.client.get_volumes(names=['back']))[0].destroyed
        )

    def test_a_destroyed_volume_can_do_nothing(self) -> None:
        self.volume('dead')
        self.destroy('dead')
        self.bad(self.copy('dead', 'dead-copy'), 'has been destroyed')
        self.bad(
            self.client.patch_volumes(
                names=['dead'], volume=flasharray.VolumePatch(name='alive')
            ),
            'has been destroyed',
        )
        self.bad(
            self.client.post_volume_snapshots(
                source_names=['dead'],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            ),
            'has been destroyed',
        )

    def test_destroying_twice_is_refused(self) -> None:
        self.volume('twice')
        self.destroy('twice')
        patch = flasharray.VolumePatch(destroyed=True)
        response = self.client.patch_volumes(names=['twice'], volume=patch)
        self.bad(response, 'Volume has been destroyed.')

    def test_the_text_of_destroying_twice_can_be_chosen(self) -> None:
        self.addCleanup(
            self.door.set_switch,
            'destroyed_volume_text',
            'has been destroyed',
        )
        self.door.set_switch('destroyed_volume_text', 'does not exist')
        self.volume('twice-b')
        self.destroy('twice-b')
        patch = flasharray.VolumePatch(destroyed=True)
        response = self.client.patch_volumes(names=['twice-b'], volume=patch)
        self.bad(response, 'Volume does not exist.')

    def test_a_live_volume_cannot_be_eradicated(self) -> None:
        self.volume('living')
        self.assertEqual(
            400, self.client.delete_volumes(names=['living']).status_code
        )

    def test_a_copy_has_the_bytes_and_its_own_serial(self) -> None:
        original = self.volume('original')
        self.door.write('original', 4096, b'bytes')
        copied = self.good(self.copy('original', 'copied'))[0]
        self.assertEqual('original', copied.source.name)
        self.assertNotEqual(original.serial, copied.serial)
        self.assertEqual(b'bytes', self.door.read('copied', 4096, 5))
        self.assertEqual(
            self.door.digest('original'), self.door.digest('copied')
        )

    def test_a_copy_is_on_its_own(self) -> None:
        self.volume('mother')
        self.door.write('mother', 0, b'old')
        self.good(self.copy('mother', 'daughter'))
        self.door.write('mother', 0, b'new')
        self.assertEqual(b'old', self.door.read('daughter', 0, 3))

    def test_overwriting_keeps_the_identity(self) -> None:
        self.volume('over-source', 2 * support.GIB)
        before = self.volume('over-target')
        self.door.write('over-source', 0, b'x')
        after = self.good(
            self.copy(
                'over-source',
                'over-target',
                overwrite=True,
                with_default_protection=False,
            )
        )[0]
        self.assertEqual((before.id, before.serial), (after.id, after.serial))
        self.assertEqual(2 * support.GIB, after.provisioned)
        self.assertEqual(b'x', self.door.read('over-target', 0, 1))

    def test_overwriting_what_is_not_there_creates_it(self) -> None:
        self.volume('first-source')
        self.good(self.copy('first-source', 'first-copy', overwrite=True))

    def test_without_overwrite_a_copy_spares_what_is_there(self) -> None:
        self.volume('spare-source')
        self.volume('spared')
        self.bad(self.copy('spare-source', 'spared'), 'already exists')

    def test_a_renamed_volume_takes_its_snapshots_along(self) -> None:
        self.volume('rename-old')
        self.good(
            self.client.post_volume_snapshots(
                source_names=['rename-old'],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.good(
            self.client.patch_volumes(
                names=['rename-old'],
                volume=flasharray.VolumePatch(name='rename-new'),
            )
        )
        snapshot = self.good(
            self.client.get_volume_snapshots(names=['rename-new.s'])
        )[0]
        self.assertEqual('rename-new', snapshot.source.name)
        self.bad(
            self.client.get_volumes(names=['rename-old']), 'does not exist'
        )

    def test_renaming_and_destroying_at_once_is_refused(self) -> None:
        self.volume('both')
        self.bad(
            self.client.patch_volumes(
                names=['both'],
                volume=flasharray.VolumePatch(name='new', destroyed=True),
            ),
            'renamed alone',
        )
