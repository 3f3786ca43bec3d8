# SPDX-License-Identifier: Apache-2.0
"""The side door's control of the array's ports and of its links."""

import contextlib
import socket
import time
import unittest
from typing import Any

import requests
from pypureclient import flasharray

from flasharray_simulator.door import DoorError
from tests import support
from tests.client_case import ClientCase


class AnswerTest(ClientCase):
    """Calls that are answered otherwise than they should be."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.door.clear_faults)

    def test_a_connection_is_reset(self) -> None:
        self.door.inject_fault('GET', 'volumes', 1, answer='reset')
        self.door.clear_call_log()
        with self.assertRaises(requests.exceptions.ConnectionError):
            self.raw('GET', 'volumes')
        self.assertEqual(0, self.door.call_log()[-1]['status'])
        self.assertEqual(200, self.raw('GET', 'volumes').status_code)

    def test_a_connection_is_reset_after_the_work(self) -> None:
        self.door.inject_fault(
            'POST', 'volumes', 1, answer='reset', after=True
        )
        with self.assertRaises(requests.exceptions.ConnectionError):
            self.raw('POST', 'volumes?names=done', json={})
        self.good(self.client.get_volumes(names=['done']))

    def test_a_slow_call_does_its_work_before_only_once(self) -> None:
        self.door.inject_fault('POST', 'volumes', 1, delay=0.01, after=True)
        self.volume('once')
        self.good(self.client.get_volumes(names=['once']))

    def test_an_answer_is_garbage(self) -> None:
        self.door.inject_fault('GET', 'volumes', 1, answer='garbage')
        answer = self.raw('GET', 'volumes')
        self.assertEqual(200, answer.status_code)
        with self.assertRaises(requests.exceptions.JSONDecodeError):
            answer.json()

    def test_a_fault_without_a_count_stays(self) -> None:
        self.door.inject_fault('GET', 'hosts', None, 400, 'Still.')
        for _ in range(3):
            self.bad(self.client.get_hosts(), 'Still.')
        self.door.clear_faults()
        self.good(self.client.get_hosts())

    def test_latency_comes_on_top_of_another_fault(self) -> None:
        self.door.inject_fault('GET', 'hosts', 1, 400, 'Slow and bad.')
        self.door.set_latency(0.2)
        before = time.monotonic()
        self.bad(self.client.get_hosts(), 'Slow and bad.')
        self.assertGreaterEqual(time.monotonic() - before, 0.2)

    def test_a_login_can_fail(self) -> None:
        self.door.inject_fault('POST', 'login', 1, 500, 'No.')
        answer = requests.post(
            f'https://{self.array.target}/api/2.42/login',
            verify=self.array.certificate,
            timeout=10,
        )
        self.assertEqual(500, answer.status_code)

    def test_what_makes_no_sense_is_refused(self) -> None:
        for options in (
            {'count': 1},
            {'count': 0, 'status': 500},
            {'count': 1, 'answer': 'silence'},
        ):
            with self.subTest(options), self.assertRaises(DoorError):
                self.door.inject_fault('GET', 'hosts', **options)


class ManagementTest(ClientCase):
    def refuses(self, port: int) -> bool:
        with contextlib.closing(socket.socket()) as probe:
            return probe.connect_ex((support.ADDRESS, port)) != 0

    def test_the_api_alone_goes_down(self) -> None:
        api, _, replication = self.array.ports
        self.addCleanup(self.door.set_management, True)
        self.door.set_management(False)
        self.assertFalse(self.door.status()['managed'])
        self.assertTrue(self.door.status()['powered'])
        host = self.array.target.partition(':')[0]
        for port, refused in ((api, True), (replication, False)):
            with contextlib.closing(socket.socket()) as probe:
                failed = probe.connect_ex((host, port)) != 0
            self.assertEqual(refused, failed)
        self.door.set_management(True)
        self.good(self.array.client().get_arrays())

    def test_an_array_without_power_has_no_management(self) -> None:
        self.addCleanup(self.door.set_power, True)
        self.door.set_power(False)
        with self.assertRaisesRegex(DoorError, 'power'):
            self.door.set_management(True)


class ClockTest(ClientCase):
    def test_the_clock_is_set(self) -> None:
        wanted = self.door.clock() + 5 * support.DAY
        self.assertGreaterEqual(self.door.set_clock(wanted), wanted)
        self.assertLess(self.door.clock() - wanted, support.HOUR)

    def test_the_clock_is_not_set_back(self) -> None:
        with self.assertRaises(DoorError):
            self.door.set_clock(self.door.clock() - support.HOUR)


class LinkTest(support.PairCase):
    def setUp(self) -> None:
        super().setUp()
        self.client = self.east.client()
        self.addCleanup(self.east.door.set_link, 'fa-west', True)

    def connection(self) -> Any:
        answer = self.client.get_array_connections(names=['fa-west'])
        return next(iter(answer.items))

    def connected(self) -> dict[str, bool]:
        return dict(self.east.door.status()['connected'])

    def test_a_cut_of_both_ends_the_connection(self) -> None:
        self.east.door.set_link('fa-west', False)
        self.assertEqual('connecting', self.connection().status)
        support.eventually(
            lambda: not self.west.door.status()['connected']['fa-east']
        )
        self.east.door.set_link('fa-west', True)
        support.eventually(lambda: self.connection().status == 'connected')

    def test_a_cut_of_replication_stops_data(self) -> None:
        self.east.door.set_link('fa-west', False, 'replication')
        self.assertFalse(self.connected()['fa-west'])
        status = self.east.door.status()
        self.assertEqual(['fa-west'], status['cut_links'])
        self.assertEqual([], status['cut_management'])

    def test_a_cut_of_management_leaves_data_alone(self) -> None:
        self.east.door.set_link('fa-west', False, 'management')
        self.assertEqual('partially_connected', self.connection().status)
        self.client.post_volumes(
            names=['m'], volume=flasharray.VolumePost(provisioned=2**20)
        )
        self.assertTrue(self.connected()['fa-west'])
        answer = self.client.patch_array_connections(
            names=['fa-west'],
            array_connection=flasharray.ArrayConnection(
                type='sync-replication'
            ),
        )
        self.assertEqual(400, answer.status_code)

    def test_another_kind_is_refused(self) -> None:
        with self.assertRaisesRegex(DoorError, 'replication'):
            self.east.door.set_link('fa-west', False, 'electricity')


class RenameTest(support.PairCase):
    """An array's name is a part of names at its peers."""

    def test_replicated_names_follow(self) -> None:
        east, west = self.east.client(), self.west.client()
        east.post_protection_groups(names=['pg'])
        east.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-west']
        )

        def at_west(name: str) -> bool:
            answer = west.get_protection_groups(names=[name])
            return bool(answer.status_code == 200)

        support.eventually(lambda: at_west('fa-east:pg'))
        answer = east.patch_arrays(array=flasharray.Arrays(name='fa-orient'))
        self.assertEqual(200, answer.status_code)
        support.eventually(lambda: at_west('fa-orient:pg'))
        self.assertFalse(at_west('fa-east:pg'))
        names = [c.name for c in west.get_array_connections().items]
        self.assertEqual(['fa-orient'], names)


if __name__ == '__main__':
    unittest.main()
