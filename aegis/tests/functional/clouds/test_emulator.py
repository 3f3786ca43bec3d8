# SPDX-License-Identifier: Apache-2.0
"""What can be set of emulated clouds, as Aegis comes to feel it."""

import concurrent.futures
import json
import subprocess
import sys
import threading
import time
import uuid

from oslo_context import context

from aegis.clouds import requests
from aegis.common import exception
from aegis.tests.fixtures import emulator
from aegis.tests.fixtures.emulator import descriptions, door, fronts
from aegis.tests.functional.clouds import base, laboratory

_KEY = 'ssh-ed25519 AAAA key'


class FaultTest(base.EmulatorTestCase):
    def test_a_status_becomes_the_error_of_that_status(self) -> None:
        for status, kind in (
            (400, exception.CloudError),
            (403, exception.CloudForbidden),
            # A list that is not there is no thing that is gone.
            (404, exception.CloudError),
            (409, exception.CloudConflict),
            (500, exception.CloudFailed),
            (503, exception.CloudUnavailable),
        ):
            for name, call in (
                ('list_servers', self.cloud.compute.list_servers),
                ('list_volumes', self.cloud.volume.list_volumes),
                ('list_ports', self.cloud.network.list_ports),
                ('list_images', self.cloud.image.list_images),
            ):
                self.door.fault('east', name=name, status=status)
                error = self.assertRaises(exception.CloudError, call)
                self.assertIs(kind, type(error))
                self.assertEqual(status, error.details[0]['http_status'])
                call()

    def test_a_fault_after_the_work_leaves_the_work(self) -> None:
        for number, effect in enumerate(('status', 'reset', 'garbage')):
            name = f'key{number}'
            self.door.fault(
                'east', name='create_keypair', effect=effect, when='after'
            )
            self.assertRaises(
                exception.CloudError,
                self.cloud.compute.create_keypair,
                name,
                _KEY,
            )
            self.assertIn(('aegis-user', name), self.site.keypairs)

    def test_a_fault_before_the_work_prevents_it(self) -> None:
        for number, effect in enumerate(('status', 'reset', 'garbage')):
            self.door.fault('east', name='create_keypair', effect=effect)
            self.assertRaises(
                exception.CloudError,
                self.cloud.compute.create_keypair,
                f'key{number}',
                _KEY,
            )
        self.assertEqual({}, self.site.keypairs)

    def test_a_silence_ends_with_the_patience_of_the_client(self) -> None:
        self.open_clouds(read_timeout=0.2)
        self.cloud.compute.list_keypairs()
        self.door.fault(
            'east', name='create_keypair', effect='hang', when='after'
        )

        self.assertRaises(
            exception.CloudUnavailable,
            self.cloud.compute.create_keypair,
            'key',
            _KEY,
        )

        self.assertIn(('aegis-user', 'key'), self.site.keypairs)

    def test_faults_are_counted(self) -> None:
        self.door.fault('east', name='list_servers', skip=1, times=2)

        outcomes = []
        for _ in range(4):
            try:
                self.cloud.compute.list_servers()
                outcomes.append('served')
            except exception.CloudUnavailable:
                outcomes.append('failed')

        self.assertEqual(['served', 'failed', 'failed', 'served'], outcomes)
        self.assertEqual([], self.door.faults_left('east'))

    def test_a_fault_for_ever_ends_when_it_is_cleared(self) -> None:
        self.door.fault('east', service='neutron', times=None)
        for _ in range(3):
            self.assertRaises(
                exception.CloudUnavailable, self.cloud.network.list_ports
            )
        self.cloud.compute.list_servers()

        self.door.clear_faults('east')

        self.assertEqual((), self.cloud.network.list_ports())

    def test_a_call_is_chosen_by_its_path(self) -> None:
        self.door.fault(
            'east',
            template='/v2.1/servers/{id}/action os-stop',
            status=409,
        )

        self.cloud.compute.list_servers()
        self.assertRaises(
            exception.CloudConflict, self.cloud.compute.stop_server, 'x'
        )

    def test_there_is_no_fault_for_what_is_never_called(self) -> None:
        self.assertRaises(
            ValueError, self.door.fault, 'east', name='create_servers'
        )
        self.assertRaises(ValueError, self.door.fault, 'east', effect='boom')
        self.assertRaises(ValueError, self.door.counts, 'nowhere')


class SlownessTest(base.EmulatorTestCase):
    def test_latency_is_that_of_the_chosen_calls(self) -> None:
        self.cloud.compute.list_servers()
        self.cloud.volume.list_volumes()
        self.door.set_latency('east', 0.2, name='list_servers')

        self.assertGreaterEqual(
            self._seconds(self.cloud.compute.list_servers), 0.2
        )
        self.assertLess(self._seconds(self.cloud.volume.list_volumes), 0.2)

    def test_calls_wait_for_each_other_only_in_a_crowd(self) -> None:
        self.cloud.compute.list_servers()
        self.door.set_latency('east', 0.1)
        alone = self._seconds_of_many(6)

        self.door.set_limit('east', 'nova', 2)
        crowded = self._seconds_of_many(6)

        self.assertGreaterEqual(crowded, 0.3)
        self.assertLess(alone, crowded)

    def _seconds_of_many(self, count: int) -> float:
        def many() -> None:
            with concurrent.futures.ThreadPoolExecutor(count) as pool:
                for future in [
                    pool.submit(self.cloud.compute.list_servers)
                    for _ in range(count)
                ]:
                    future.result()

        return self._seconds(many)

    def _seconds(self, call: object) -> float:
        began = time.monotonic()
        call()
        return time.monotonic() - began

    def test_an_unknown_distribution_is_refused(self) -> None:
        self.assertRaises(
            ValueError, self.door.set_latency, 'east', {'normal': 1}
        )


class DownTest(base.EmulatorTestCase):
    def test_a_site_that_is_down_is_unreachable(self) -> None:
        self.open_clouds(probe_timeout=0.2, read_timeout=0.2)
        for how in ('refuse', 'silent', 'unavailable'):
            self.door.set_down('east', how=how)
            self.assertRaises(
                exception.SiteUnreachable, self.clouds.identity('east').probe
            )
            self.door.set_up('east')
        self.clouds.identity('east').probe()
        self.clouds.identity('west').probe()

    def test_a_service_that_is_down_leaves_the_others(self) -> None:
        self.cloud.compute.list_servers()
        self.door.set_down('east', 'cinder', how='unavailable')

        self.assertRaises(
            exception.CloudUnavailable, self.cloud.volume.list_volumes
        )
        self.cloud.compute.list_servers()
        self.clouds.identity('east').probe()


class TokenTest(base.EmulatorTestCase):
    def test_an_old_token_is_renewed_unnoticed(self) -> None:
        self.cloud.compute.list_servers()
        self.door.clear_calls('east')
        self.door.advance_clock('east', 3601)

        self.cloud.compute.list_servers()

        self.assertEqual(
            ['list_servers', 'authenticate', 'list_servers'],
            self.names_called(),
        )

    def test_a_token_is_for_one_project(self) -> None:
        stranger = self.clouds.identity('east').find_project(
            laboratory.STRANGER, 'acme'
        )
        self.cloud.network.create_network(requests.NetworkRequest('own'))

        other = self.clouds.cloud('east', stranger.id).network

        names = [network.name for network in other.list_networks()]
        self.assertEqual(['public'], names)


class CallLogTest(base.EmulatorTestCase):
    def test_a_call_says_who_made_it_for_whom(self) -> None:
        own = context.RequestContext()
        self.addCleanup(setattr, context._request_store, 'context', None)
        self.door.clear_calls('east')

        self.cloud.compute.list_flavors()

        call = self.door.calls('east', name='list_flavors')[0]
        self.assertEqual(
            ('nova', 'GET', '/v2.1/flavors/detail', 200, 'aegis'),
            tuple(
                call[key]
                for key in ('service', 'method', 'template', 'status', 'user')
            ),
        )
        self.assertEqual(self.project_id, call['project'])
        self.assertEqual(own.request_id, call['global_request_id'])
        self.assertTrue(call['request_id'].startswith('req-'))

    def test_calls_are_counted(self) -> None:
        self.door.clear_calls('east')
        for _ in range(3):
            self.cloud.compute.list_flavors()

        counts = self.door.counts('east')

        self.assertEqual(3, counts['nova GET /v2.1/flavors/detail'])

    def test_every_call_has_a_name_and_a_place_of_its_own(self) -> None:
        keys = [route.key for route in fronts.ROUTES]

        self.assertEqual(len(keys), len(set(keys)))
        self.assertTrue(all(route.name for route in fronts.ROUTES))


class ObjectsTest(base.EmulatorTestCase):
    def test_a_populated_site_is_whole_and_reset(self) -> None:
        made = self.door.populate(
            'east', project_id=self.project_id, servers=20, volumes=3
        )

        servers = self.cloud.compute.list_servers()
        self.assertEqual(
            set(made['servers'].values()), {s.id for s in servers}
        )
        self.assertEqual(60, len(self.cloud.volume.list_volumes()))
        self.assertEqual(60, len(set(made['array_volumes'])))
        addresses = {
            fixed.ip_address
            for port in self.cloud.network.list_ports()
            for fixed in port.fixed_ips
        }
        self.assertEqual(20, len(addresses))

        self.door.reset('east')

        self.assertEqual([], self.door.objects('east')['servers'])
        self.assertEqual([], self.door.calls('east'))

    def test_what_was_born_is_told_from_the_rest(self) -> None:
        operation = str(uuid.uuid4())
        tags = (f'aegis:operation={operation}', 'aegis:member=x')
        neutron = self.cloud.network
        born = neutron.create_network(
            requests.NetworkRequest('born', tags=tags)
        )
        neutron.create_network(requests.NetworkRequest('not'))
        neutron.set_tags('networks', born.id, ())
        neutron.describe('networks', born.id, ' '.join(tags))

        found = self.door.births('east', operation)

        self.assertEqual(
            ['born'], [network['name'] for network in found['networks']]
        )
        self.assertEqual([], self.door.births('east', 'other')['networks'])

    def test_background_work_follows_the_sites_clock(self) -> None:
        for kind in ('volume.create', 'volume.delete'):
            self.door.set_delay('east', kind, 600.0)
        here = laboratory.EmulatedLaboratory(self.running)
        made: list[str] = []
        thread = threading.Thread(
            target=lambda: made.append(here.make_volume('east', 'v'))
        )
        thread.start()
        here.wait(lambda: len(self.cloud.volume.list_volumes()) == 1)
        (volume,) = self.cloud.volume.list_volumes()
        self.assertEqual('creating', volume.status)

        self.door.advance_clock('east', 600.0)

        thread.join()
        self.assertEqual([volume.id], made)
        self.assertEqual(
            'available', self.cloud.volume.get_volume(volume.id).status
        )


class ProcessTest(base.EmulatorTestCase):
    def test_it_runs_as_a_process_of_its_own(self) -> None:
        command = [
            sys.executable,
            '-m',
            'aegis.tests.fixtures.emulator',
            'north',
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            self.addCleanup(process.kill)
            summary = json.loads(process.stdout.readline())
            client = door.Door(summary['control'])
            self.addCleanup(client.close)
            self.assertEqual([], client.objects('north')['servers'])
            self.assertIn('create_server', client.names('north'))
            self.assertEqual(
                'password',
                summary['sites']['north']['aegis.conf']['auth_type'],
            )
            process.terminate()
            self.assertEqual(0, process.wait(30))

    def test_a_description_survives_json(self) -> None:
        for site in laboratory.described(images=('a', 'b')):
            document = json.loads(json.dumps(descriptions.to_document(site)))
            self.assertEqual(site, descriptions.from_document(document))
        self.assertEqual(
            ('east', 'east-1'),
            (
                emulator.describe('east')[0].name,
                emulator.describe('east')[0].region,
            ),
        )
