# SPDX-License-Identifier: Apache-2.0
"""Answers have the shape of those that real arrays gave."""

import unittest
from typing import Any

from pypureclient import flasharray as fa

from tests import golden, support, witness
from tests.raw import RawClient
from tests.wrong_clients import done


class GoldenTest(support.PairCase):
    """One of everything: a stretched pod, a link, a connected volume."""

    VERSION = '2.42'

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.raw = cls.enterClassContext(RawClient(cls.east, cls.VERSION))
        cls.client, cls.peer = cls.east.client(), cls.west.client()
        cls._fill()
        cls._stretch()
        cls._link()

    @classmethod
    def _fill(cls) -> None:
        for response in (
            cls.client.post_volumes(
                names=['v'], volume=fa.VolumePost(provisioned=2**30)
            ),
            cls.client.post_volume_groups(
                names=['vg'], volume_group=fa.VolumeGroupPost()
            ),
            cls.client.post_hosts(
                names=['h'], host=fa.HostPost(iqns=['iqn.2026-01.org.e:h'])
            ),
            cls.client.post_connections(host_names=['h'], volume_names=['v']),
        ):
            done(response)

    @classmethod
    def _stretch(cls) -> None:
        done(
            cls.client.patch_array_connections(
                names=['fa-west'],
                array_connection=fa.ArrayConnection(type='sync-replication'),
            )
        )
        done(cls.client.post_pods(names=['stretched'], pod=fa.PodPost()))
        done(
            cls.client.post_pods_arrays(
                group_names=['stretched'], member_names=['fa-west']
            )
        )
        preferred = fa.PodPatch(
            failover_preferences=[fa.Reference(name='fa-east')]
        )
        done(cls.client.patch_pods(names=['stretched'], pod=preferred))

    @classmethod
    def _link(cls) -> None:
        demoted = fa.PodPatch(requested_promotion_state='demoted')
        done(cls.client.post_pods(names=['here'], pod=fa.PodPost()))
        done(cls.peer.post_pods(names=['there'], pod=fa.PodPost()))
        done(cls.peer.patch_pods(names=['there'], pod=demoted))
        done(
            cls.client.post_pod_replica_links(
                local_pod_names=['here'],
                remote_names=['fa-west'],
                remote_pod_names=['there'],
            )
        )
        support.eventually(cls._replicating)

    @classmethod
    def _replicating(cls) -> bool:
        (link,) = done(cls.client.get_pod_replica_links())
        return bool(link.status == 'replicating')

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        response = self.raw.call('GET', path, query)
        self.assertEqual(200, response.status_code, response.text)
        items: list[dict[str, Any]] = response.json()['items']
        return items

    def test_every_item_is_like_a_captured_one(self) -> None:
        for path, captured in golden.ITEMS.items():
            with self.subTest(path):
                items = self.items(path)
                self.assertTrue(items)
                for item in items:
                    self.assertEqual(
                        [], golden.differences(captured, item, path)
                    )

    def test_whatever_the_exporter_reads_is_well_formed(self) -> None:
        """It takes the last version that is announced."""
        seen = witness.Witness(self.VERSION)
        for path, query in golden.EXPORTER:
            with self.subTest(path):
                response = self.raw.call('GET', path, query)
                self.assertEqual(200, response.status_code, response.text)
                seen.look('GET', response.url, 200, response.content)
        self.assertEqual('', '\n'.join(seen.problems))


class DifferencesTest(unittest.TestCase):
    def test_a_missing_field_is_found(self) -> None:
        self.assertEqual(
            ['pods.array_count is missing'],
            golden.differences({'array_count': 2}, {}, 'pods'),
        )

    def test_another_type_is_found_in_a_list(self) -> None:
        found = golden.differences(
            {'arrays': [{'pre_elected': False}]},
            {'arrays': [{'pre_elected': True}, {'pre_elected': 0}]},
        )
        self.assertEqual(1, len(found))

    def test_what_was_null_may_have_a_value(self) -> None:
        self.assertEqual([], golden.differences({'lag': None}, {'lag': 1}))
