# SPDX-License-Identifier: Apache-2.0
"""The array makes each wrong client fail, and its right twin succeed."""

import unittest
from typing import Any

import requests
from pypureclient import PureError
from pypureclient import flasharray as fa

from tests import support, wrong_clients
from tests.support import HOUR, eventually
from tests.wrong_clients import Refused

_COUNT = 2500


class Refusals(unittest.TestCase):
    def refuses(self, message: str, call: Any, *arguments: Any) -> None:
        with self.assertRaises(Refused) as caught:
            call(*arguments)
        self.assertIn(message, str(caught.exception))
        self.assertEqual(400, caught.exception.status)


class OneArrayTest(support.OneArrayCase, Refusals):
    def test_a_name_stays_taken_while_its_owner_is_destroyed(self) -> None:
        for name in ('wrong-name', 'right-name'):
            wrong_clients.make(self.client, name)
        with self.assertRaises(Refused) as caught:
            wrong_clients.reuse_the_name(self.client, 'wrong-name')
        # Clients take these words for a live object.
        self.assertNotIn('already exists', str(caught.exception))
        wrong_clients.eradicate_and_reuse(self.client, 'right-name')

    def test_a_live_volume_is_not_eradicated(self) -> None:
        wrong_clients.make(self.client, 'alive')
        self.refuses('', wrong_clients.delete, self.client, 'alive')
        wrong_clients.destroy_and_delete(self.client, 'alive')
        self.assertFalse(wrong_clients.exists(self.client, 'alive'))

    def test_a_name_that_is_not_there_is_no_empty_list(self) -> None:
        with self.assertRaises(AttributeError):
            wrong_clients.exists_by_emptiness(self.client, 'nowhere')
        self.assertFalse(wrong_clients.exists(self.client, 'nowhere'))

    def test_a_wrong_token_opens_nothing(self) -> None:
        with self.assertRaises(PureError):
            self.array.client(api_token='wrong')
        wrong_clients.done(self.array.client().get_arrays())

    def test_a_day_and_an_hour_are_too_late_to_recover(self) -> None:
        for name in ('late', 'early'):
            wrong_clients.make(self.client, name)
        wrong_clients.change(self.client, 'late', destroyed=True)
        self.array.door.advance_clock(2 * HOUR)
        wrong_clients.change(self.client, 'early', destroyed=True)
        self.array.door.advance_clock(23 * HOUR)
        self.refuses('does not exist', self._recover, 'late')
        self._recover('early')

    def _recover(self, name: str) -> None:
        wrong_clients.change(self.client, name, destroyed=False)

    def _host(self, name: str) -> tuple[Any, str, str]:
        """Make a volume and a host; return what connects them."""
        wrong_clients.make(self.client, name)
        wrong_clients.done(
            self.client.post_hosts(
                names=[name], host=fa.HostPost(iqns=[f'iqn.{name}'])
            )
        )
        return self.client, name, name

    def test_there_is_no_lun_zero(self) -> None:
        pair = self._host('zero')
        self.refuses('', wrong_clients.connect_at_zero, *pair)
        self.assertGreaterEqual(wrong_clients.connect(*pair).lun, 1)

    def test_a_volume_is_attached_once(self) -> None:
        pair = self._host('once')
        first = wrong_clients.connect(*pair)
        self.refuses(
            'Connection already exists.', wrong_clients.connect, *pair
        )
        again = wrong_clients.connect_or_find(*pair)
        self.assertEqual(first.lun, again.lun)

    def test_a_long_list_is_more_than_its_first_page(self) -> None:
        names = [f'page{number:04}' for number in range(_COUNT)]
        for start in range(0, _COUNT, 500):
            wrong_clients.done(
                self.client.post_volumes(
                    names=names[start : start + 500],
                    volume=fa.VolumePost(provisioned=2**20),
                )
            )
        wrong = wrong_clients.names_on_first_page(self._get)
        self.assertEqual(1000, len(wrong))
        right = wrong_clients.names_on_all_pages(self._get)
        self.assertEqual(names, right)

    def _get(self, **parameters: str) -> dict[str, Any]:
        url = f'https://{self.array.target}/api/2.42'
        options = {'verify': self.array.certificate}
        token = requests.post(
            f'{url}/login',
            headers={'api-token': self.array.token},
            **options,
        ).headers['x-auth-token']
        body: dict[str, Any] = requests.get(
            f'{url}/volumes',
            params={'filter': "name='page*'", **parameters},
            headers={'x-auth-token': token},
            **options,
        ).json()
        return body

    def test_only_reading_shows_that_nothing_was_created(self) -> None:
        self.addCleanup(self.array.door.clear_faults)
        for status in (403, 500):
            with self.subTest(status):
                name = f'believed-{status}'
                self.array.door.inject_fault('POST', 'volumes', 2, status)
                believed = wrong_clients.create_and_believe(self.client, name)
                self.assertTrue(believed)
                self.assertFalse(wrong_clients.exists(self.client, name))
                found = wrong_clients.create_and_look(self.client, name)
                self.assertFalse(found)

    def test_a_failed_creation_may_have_created(self) -> None:
        self.array.door.inject_fault('POST', 'volumes', 1, 500, after=True)
        self.refuses(
            'already exists',
            wrong_clients.create_and_repeat,
            self.client,
            'repeated',
        )
        self.array.door.inject_fault('POST', 'volumes', 1, 500, after=True)
        self.assertTrue(wrong_clients.create_and_look(self.client, 'looked'))


class PairTest(support.PairCase, Refusals):
    """A stretched pod, and a group whose first snapshot has arrived."""

    GROUP = 'fa-east:pg'

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.client = cls.east.client()
        cls.peer = cls.west.client()
        cls._stretch()
        cls._protect()

    @classmethod
    def _stretch(cls) -> None:
        wrong_clients.done(
            cls.client.patch_array_connections(
                names=['fa-west'],
                array_connection=fa.ArrayConnection(type='sync-replication'),
            )
        )
        wrong_clients.done(
            cls.client.post_pods(names=['stretched'], pod=fa.PodPost())
        )
        wrong_clients.make(cls.client, 'stretched::inside')
        cls.east.door.write('stretched::inside', 0, b'bytes')
        wrong_clients.done(
            cls.client.post_pods_arrays(
                group_names=['stretched'], member_names=['fa-west']
            )
        )
        eventually(cls._online, what='the pod online')

    @classmethod
    def _protect(cls) -> None:
        wrong_clients.make(cls.client, 'v', 8 * 2**20)
        for response in (
            cls.client.post_protection_groups(names=['pg']),
            cls.client.post_protection_groups_volumes(
                group_names=['pg'], member_names=['v']
            ),
            cls.client.post_protection_groups_targets(
                group_names=['pg'], member_names=['fa-west']
            ),
        ):
            wrong_clients.done(response)
        allow = fa.TargetProtectionGroupPostPatch(allowed=True)
        eventually(
            lambda: (
                cls.peer.patch_protection_groups_targets(
                    group_names=[cls.GROUP], target=allow
                ).status_code
                == 200
            )
        )
        eventually(
            lambda: (
                wrong_clients.done(
                    cls.client.get_protection_groups_targets(
                        group_names=['pg']
                    )
                )[0].allowed
            )
        )
        cls.take('one', b'first')
        eventually(lambda: cls.progress('one') == 1.0)

    def test_a_dead_primary_does_not_answer(self) -> None:
        openers = (self.east.client, self.west.client)
        self.east.door.set_management(False)
        self.addCleanup(self.east.door.set_management, True)
        with self.assertRaisesRegex(Exception, 'Max retries exceeded'):
            wrong_clients.wait_for_primary(*openers)
        (survivor,) = wrong_clients.start_with_either(*openers)
        (array,) = wrong_clients.done(survivor.get_arrays())
        self.assertEqual('fa-west', array.name)

    @classmethod
    def _online(cls) -> bool:
        (pod,) = wrong_clients.done(cls.client.get_pods(names=['stretched']))
        return [array.status for array in pod.arrays] == ['online'] * 2

    def test_a_volume_in_a_stretched_pod_is_not_managed(self) -> None:
        arguments = (self.client, 'stretched::inside', 'managed')
        for wrong in (
            wrong_clients.manage_by_moving,
            wrong_clients.manage_in_place,
        ):
            with self.subTest(wrong.__name__), self.assertRaises(Refused):
                wrong(*arguments)
        wrong_clients.change(
            self.client, 'stretched::managed', name='stretched::inside'
        )
        wrong_clients.manage_a_clone(*arguments)
        self.assertEqual(b'bytes', self.east.door.read('managed', 0, 5))

    def test_a_volume_is_not_moved_into_a_stretched_pod(self) -> None:
        wrong_clients.make(self.client, 'outside')
        arguments = (self.client, 'outside', 'stretched', 'fa-west')
        self.refuses('', wrong_clients.move_into_pod, *arguments)
        wrong_clients.move_by_ghost_pod(*arguments, eventually)
        self.assertTrue(wrong_clients.exists(self.peer, 'stretched::outside'))

    def test_a_pod_takes_no_more_than_its_quota(self) -> None:
        wrong_clients.done(
            self.client.post_pods(
                names=['small'], pod=fa.PodPost(quota_limit=10 * 2**20)
            )
        )
        self.refuses(
            '',
            wrong_clients.make,
            self.client,
            'small::too-big',
            11 * 2**20,
        )
        wrong_clients.make(self.client, 'small::fits', 10 * 2**20)

    @classmethod
    def take(cls, suffix: str, data: bytes) -> None:
        cls.east.door.write('v', 0, data * 200_000)
        wrong_clients.done(
            cls.client.post_protection_group_snapshots(
                source_names=['pg'],
                replicate_now=True,
                protection_group_snapshot=fa.ProtectionGroupSnapshotPost(
                    suffix=suffix
                ),
            )
        )

    @classmethod
    def progress(cls, suffix: str) -> float | None:
        response = cls.peer.get_protection_group_snapshots_transfer(
            names=[f'{cls.GROUP}.{suffix}']
        )
        if response.status_code != 200:
            return None
        records = list(response.items)
        return records[0].progress if records else None

    def test_an_incomplete_snapshot_is_not_promoted(self) -> None:
        self.east.door.freeze_transfers(True, at=0.5)
        self.take('two', b'later')
        eventually(lambda: (self.progress('two') or 0) > 0)
        for wrong in (
            wrong_clients.promote_newest,
            wrong_clients.promote_newest_transfer,
        ):
            with self.subTest(wrong.__name__), self.assertRaises(Refused):
                wrong(self.peer, self.GROUP, 'v', 'restored')
        wrong_clients.promote_complete(self.peer, self.GROUP, 'v', 'restored')
        self.assertEqual(b'first', self.west.door.read('restored', 0, 5))
        self.east.door.freeze_transfers(False)
        eventually(lambda: self.progress('two') == 1.0)
        self._cut_during_transfer()

    def _cut_during_transfer(self) -> None:
        """A link that is cut leaves the same kind of ruin."""
        self.east.door.freeze_transfers(True, at=0.5)
        self.take('three', b'third')
        eventually(lambda: (self.progress('three') or 0) > 0)
        self.east.door.set_link('fa-west', False)
        self.east.door.freeze_transfers(False)
        with self.assertRaises(Refused):
            wrong_clients.promote_newest(
                self.peer, self.GROUP, 'v', 'after-cut'
            )
        wrong_clients.promote_complete(self.peer, self.GROUP, 'v', 'after-cut')
        self.assertEqual(b'later', self.west.door.read('after-cut', 0, 5))
        self.east.door.set_link('fa-west', True)
        eventually(lambda: self.progress('three') == 1.0)
        wrong_clients.promote_complete(
            self.peer, self.GROUP, 'v', 'after-repair'
        )
        self.assertEqual(b'third', self.west.door.read('after-repair', 0, 5))
