# SPDX-License-Identifier: Apache-2.0
"""The array's settings and the families of its administration."""

from typing import Any

from cryptography import x509
from pypureclient import flasharray

from flasharray_simulator import switches
from tests import support
from tests.client_case import ClientCase


class SettingsTest(ClientCase):
    def patch(self, **fields: Any) -> Any:
        return self.client.patch_arrays(array=flasharray.Arrays(**fields))

    def test_simple_settings_are_kept(self) -> None:
        array = self.good(
            self.patch(
                banner='Welcome',
                console_lock_enabled=True,
                ntp_servers=['a.example.com', 'b.example.com'],
                scsi_timeout=30_000,
            )
        )[0]
        self.assertEqual('Welcome', array.banner)
        self.assertTrue(array.console_lock_enabled)
        self.assertEqual(['a.example.com', 'b.example.com'], array.ntp_servers)
        self.assertEqual(30_000, array.scsi_timeout)

    def test_a_wrong_type_is_refused(self) -> None:
        for body in (
            {'banner': 1},
            {'ntp_servers': 'a'},
            {'console_lock_enabled': 'yes'},
        ):
            with self.subTest(body):
                answer = self.raw('PATCH', 'arrays', json=body)
                self.assertEqual(400, answer.status_code)

    def test_an_ntp_key_is_hidden(self) -> None:
        array = self.good(self.patch(ntp_symmetric_key='hush'))[0]
        self.assertEqual('****', array.ntp_symmetric_key)

    def delays(self, **fields: Any) -> Any:
        return self.patch(eradication_config=fields)

    def test_the_delay_of_eradication_is_whole_days(self) -> None:
        self.addCleanup(self.delays, enabled_delay=support.DAY)
        for days in (1, 7, 30):
            array = self.good(self.delays(enabled_delay=days * support.DAY))[0]
            config = array.eradication_config
            self.assertEqual(days * support.DAY, config.enabled_delay)
        for delay in (0, support.HOUR, 31 * support.DAY, 1.5 * support.DAY):
            with self.subTest(delay):
                answer = self.raw(
                    'PATCH',
                    'arrays',
                    json={'eradication_config': {'enabled_delay': delay}},
                )
                self.assertEqual(400, answer.status_code)

    def test_the_delay_is_that_of_destroyed_objects(self) -> None:
        self.addCleanup(self.delays, enabled_delay=support.DAY)
        self.good(self.delays(enabled_delay=7 * support.DAY))
        self.volume('fading')
        self.destroy('fading')
        self.door.advance_clock(6 * support.DAY)
        self.good(self.client.get_volumes(names=['fading']))
        self.door.advance_clock(support.DAY + 1000)
        self.bad(self.client.get_volumes(names=['fading']), 'not exist')

    def test_a_bad_name_is_refused(self) -> None:
        for name in ('', 'two words', 'x' * 57):
            with self.subTest(name):
                answer = self.raw('PATCH', 'arrays', json={'name': name})
                self.assertEqual(400, answer.status_code)

    def test_the_eula_is_signed(self) -> None:
        self.good(
            self.client.patch_arrays_eula(
                eula=flasharray.Eula(
                    signature=flasharray.EulaSignature(
                        name='A', title='B', company='C'
                    )
                )
            )
        )
        eula = self.good(self.client.get_arrays_eula())[0]
        self.assertEqual('C', eula.signature.company)


class ServiceTest(ClientCase):
    """Objects that are configured and shown."""

    def names(self, answer: Any) -> list[str]:
        return [item.name for item in self.good(answer)]

    def test_an_alert_watcher_is_made_changed_and_removed(self) -> None:
        name = 'ops@example.com'
        self.good(
            self.client.post_alert_watchers(
                names=[name],
                alert_watcher=flasharray.AlertWatcherPost(enabled=True),
            )
        )
        changed = self.good(
            self.client.patch_alert_watchers(
                names=[name],
                alert_watcher=flasharray.AlertWatcherPatch(enabled=False),
            )
        )[0]
        self.assertFalse(changed.enabled)
        self.good(self.client.delete_alert_watchers(names=[name]))
        self.assertNotIn(name, self.names(self.client.get_alert_watchers()))

    def test_a_watcher_is_a_mail_address(self) -> None:
        self.bad(
            self.client.post_alert_watchers(
                names=['nobody'],
                alert_watcher=flasharray.AlertWatcherPost(enabled=True),
            ),
            'Invalid alert watcher name',
        )

    def test_dns_is_changed_without_a_name(self) -> None:
        self.good(
            self.client.patch_dns(
                dns=flasharray.DnsPatch(
                    domain='example.com', nameservers=['192.0.2.53']
                )
            )
        )
        dns = self.good(self.client.get_dns())[0]
        self.assertEqual('management', dns.name)
        self.assertEqual(['192.0.2.53'], dns.nameservers)

    def test_what_is_always_there_is_not_deleted(self) -> None:
        self.bad(
            self.client.delete_dns(names=['management']), 'cannot be deleted'
        )

    def test_a_syslog_server_needs_an_address(self) -> None:
        self.bad(
            self.client.post_syslog_servers(
                names=['log'], syslog_server=flasharray.SyslogServer()
            ),
            'Missing or invalid parameter',
        )
        made = self.good(
            self.client.post_syslog_servers(
                names=['log'],
                syslog_server=flasharray.SyslogServer(
                    uri='tcp://192.0.2.5:514'
                ),
            )
        )[0]
        self.assertEqual('tcp://192.0.2.5:514', made.uri)

    def test_a_passphrase_is_not_shown(self) -> None:
        self.good(
            self.client.post_snmp_managers(
                names=['snmp-a'],
                snmp_manager=flasharray.SnmpManagerPost(
                    host='192.0.2.6',
                    version='v3',
                    v3=flasharray.SnmpV3Post(
                        user='u',
                        auth_protocol='SHA',
                        auth_passphrase='hush-hush',
                    ),
                ),
            )
        )
        text = self.raw('GET', 'snmp-managers?names=snmp-a').text
        self.assertNotIn('hush', text)
        self.assertIn('"auth_protocol": "SHA"', text.replace('":"', '": "'))

    def test_a_part_of_a_structure_is_changed_alone(self) -> None:
        answer = self.raw(
            'PATCH',
            'directory-services?names=management',
            json={'management': {'user_login_attribute': 'uid'}},
        )
        self.assertEqual(200, answer.status_code)
        answer = self.raw(
            'PATCH',
            'directory-services?names=management',
            json={'management': {'user_object_class': 'person'}},
        )
        management = answer.json()['items'][0]['management']
        self.assertEqual('uid', management['user_login_attribute'])
        self.assertEqual('person', management['user_object_class'])

    def test_remote_assistance_is_opened_and_closed(self) -> None:
        def patch(active: bool) -> Any:
            return self.good(
                self.client.patch_support(
                    support=flasharray.SupportPatch(
                        remote_assist_active=active
                    )
                )
            )[0]

        opened = patch(True)
        self.assertEqual('connected', opened.remote_assist_status)
        self.assertGreater(
            opened.remote_assist_expires, opened.remote_assist_opened
        )
        self.assertEqual('disconnected', patch(False).remote_assist_status)

    def test_a_maintenance_window_has_an_end(self) -> None:
        window = self.good(
            self.client.post_maintenance_windows(
                names=['environment'],
                maintenance_window=flasharray.MaintenanceWindowPost(
                    timeout=2 * support.HOUR
                ),
            )
        )[0]
        self.assertEqual(2 * support.HOUR, window.expires - window.created)

    def test_drives_make_up_the_capacity(self) -> None:
        drives = self.good(self.client.get_drives(filter="type='SSD'"))
        array = self.good(self.client.get_arrays())[0]
        total = sum(drive.capacity for drive in drives)
        self.assertLess(array.capacity - total, len(drives))

    def test_services_are_tried(self) -> None:
        results = self.good(self.client.get_alert_watchers_test())
        self.assertTrue(all(result.success for result in results))

    def test_a_wrong_value_is_refused(self) -> None:
        for path, body in (
            ('snmp-agents', {'version': 'v9'}),
            ('smi-s', {'slp_enabled': 'yes'}),
            ('dns', {'nameservers': 'one'}),
            ('dns', {'colour': 'blue'}),
        ):
            with self.subTest(path):
                answer = self.raw('PATCH', path, json=body)
                self.assertEqual(400, answer.status_code)


class RealmTest(ClientCase):
    def test_a_realm_lives_is_destroyed_and_fades(self) -> None:
        self.good(self.client.post_realms(names=['r'], realm={}))
        patch = flasharray.RealmPatch(destroyed=True)
        gone = self.good(self.client.patch_realms(names=['r'], realm=patch))[0]
        self.assertTrue(gone.destroyed)
        self.assertGreater(gone.time_remaining, 0)
        self.bad(
            self.client.post_realms(names=['r'], realm={}),
            'pending eradication',
        )
        self.door.advance_clock(support.DAY + 1000)
        self.bad(self.client.get_realms(names=['r']), 'not exist')

    def test_only_a_destroyed_realm_is_eradicated(self) -> None:
        self.good(self.client.post_realms(names=['s'], realm={}))
        self.bad(self.client.delete_realms(names=['s']), 'must be destroyed')


class FileSystemTest(ClientCase):
    def test_a_file_system_has_a_root_directory(self) -> None:
        self.good(self.client.post_file_systems(names=['fs']))
        found = self.good(
            self.client.get_directories(file_system_names=['fs'])
        )
        self.assertEqual(['fs:root'], [one.name for one in found])

    def test_policies_of_all_kinds_are_listed(self) -> None:
        self.good(
            self.client.post_policies_nfs(
                names=['export'], policy=flasharray.PolicyNfsPost(enabled=True)
            )
        )
        kinds = {
            policy.name: policy.policy_type
            for policy in self.good(self.client.get_policies())
        }
        self.assertEqual('nfs', kinds['export'])


class CertificateTest(ClientCase):
    def test_the_arrays_own_is_there(self) -> None:
        found = self.good(self.client.get_certificates(names=['management']))[
            0
        ]
        x509.load_pem_x509_certificate(found.certificate.encode())
        self.bad(
            self.client.delete_certificates(names=['management']), 'in use'
        )

    def test_one_is_made_for_a_subject(self) -> None:
        made = self.good(
            self.client.post_certificates(
                names=['made'],
                certificate=flasharray.CertificatePost(
                    common_name='array.example.com', country='DE', days=30
                ),
            )
        )[0]
        self.assertEqual('self-signed', made.status)
        self.assertEqual('array.example.com', made.issued_to)
        self.assertEqual(30 * support.DAY, made.valid_to - made.valid_from)

    def test_one_is_imported(self) -> None:
        with open(self.array.certificate) as stream:
            given = stream.read()
        made = self.good(
            self.client.post_certificates(
                names=['imported'],
                certificate=flasharray.CertificatePost(certificate=given),
            )
        )[0]
        self.assertEqual('imported', made.status)
        self.assertEqual(given, made.certificate)

    def test_what_is_none_is_refused(self) -> None:
        self.bad(
            self.client.post_certificates(
                names=['bad'],
                certificate=flasharray.CertificatePost(certificate='none'),
            ),
            'certificate',
        )

    def test_one_can_be_signed_elsewhere(self) -> None:
        answer = self.raw(
            'POST',
            'certificates/certificate-signing-requests',
            json={
                'certificate': {'name': 'management'},
                'common_name': 'x.example.com',
            },
        )
        text = answer.json()['items'][0]['certificate_signing_request']
        request = x509.load_pem_x509_csr(text.encode())
        self.assertIn('x.example.com', request.subject.rfc4514_string())


class FleetTest(support.PairCase):
    def test_an_array_joins_by_key(self) -> None:
        east, west = self.east.client(), self.west.client()
        self.assertEqual([], list(east.get_fleets().items))
        self.assertEqual(200, east.post_fleets(names=['f']).status_code)
        key = next(iter(east.post_fleets_fleet_key().items)).fleet_key

        def join(with_key: str) -> int:
            answer = west.post_fleets_members(
                fleet_names=['f'],
                members=flasharray.FleetMemberPost(
                    members=[
                        flasharray.FleetmemberpostMembers(
                            key=with_key,
                            member=flasharray.FleetmemberpostMember(
                                name='fa-west', resource_type='remote-arrays'
                            ),
                        )
                    ]
                ),
            )
            return int(answer.status_code)

        self.assertEqual(400, join('wrong'))
        self.assertEqual(200, join(key))
        for client in (east, west):
            members = client.get_fleets_members().items
            self.assertEqual(
                {'fa-east', 'fa-west'}, {m.member.name for m in members}
            )
        self.assertEqual(400, east.delete_fleets(names=['f']).status_code)


class SwitchTest(ClientCase):
    """Switches of lists, batches and calls on several names."""

    def switch(self, name: str, value: str | int) -> None:
        self.addCleanup(
            self.door.set_switch, name, switches.find(name).default
        )
        self.door.set_switch(name, value)

    def setUp(self) -> None:
        super().setUp()
        for name in ('list-a', 'list-b', 'list-c'):
            if self.client.get_volumes(names=[name]).status_code == 400:
                self.volume(name)

    def page(self, limit: int | None = None) -> int:
        path = 'volumes' if limit is None else f'volumes?limit={limit}'
        return len(self.raw('GET', path).json()['items'])

    def test_page_size(self) -> None:
        self.assertGreaterEqual(self.page(), 3)
        self.switch('page_size', 2)
        self.assertEqual(2, self.page())
        self.assertEqual(3, self.page(limit=3))

    def test_largest_limit(self) -> None:
        self.assertEqual(3, self.page(limit=3))
        self.switch('largest_limit', 1)
        self.assertEqual(1, self.page(limit=3))

    def batch(self, *names: str) -> int:
        body = [{'name': name, 'provisioned': 2**20} for name in names]
        return int(self.raw('POST', 'volumes/batch', json=body).status_code)

    def test_batch_maximum(self) -> None:
        self.assertEqual(200, self.batch('batch-a', 'batch-b'))
        self.switch('batch_maximum', 1)
        self.assertEqual(400, self.batch('batch-c', 'batch-d'))
        self.assertEqual(200, self.batch('batch-c'))

    def test_unknown_port_name(self) -> None:
        self.assertEqual([], self.good(self.client.get_ports(names=['CT9.X'])))
        self.switch('unknown_port_name', 'refused')
        self.bad(self.client.get_ports(names=['CT9.X']), 'does not exist')


class MultiStatusTest(ClientCase):
    options = ['--profile', '2.58']

    def change(self, version: str) -> Any:
        path = f'../{version}/volumes?names=multi-a,none,multi-b'
        return self.raw('PATCH', path, json={'qos': {'iops_limit': 5000}})

    def limits(self) -> list[int | None]:
        return [
            item['qos']['iops_limit']
            for item in self.raw('GET', 'volumes').json()['items']
        ]

    def setUp(self) -> None:
        super().setUp()
        for name in ('multi-a', 'multi-b'):
            self.volume(name)
            self.addCleanup(self.forget, name)

    def forget(self, name: str) -> None:
        self.destroy(name)
        self.good(self.client.delete_volumes(names=[name]))

    def test_all_or_nothing_by_default(self) -> None:
        answer = self.change('2.58')
        self.assertEqual(400, answer.status_code)
        self.assertEqual([None, None], self.limits())

    def test_multi_status(self) -> None:
        self.addCleanup(self.door.set_switch, 'multi_status', 'never')
        self.door.set_switch('multi_status', 'from-2.52')
        answer = self.change('2.52')
        self.assertEqual(207, answer.status_code)
        body = answer.json()
        self.assertEqual(
            ['multi-a', 'multi-b'], [item['name'] for item in body['items']]
        )
        self.assertEqual('none', body['errors'][0]['context'])
        self.assertEqual([5000, 5000], self.limits())

    def test_an_older_version_has_no_multi_status(self) -> None:
        self.addCleanup(self.door.set_switch, 'multi_status', 'never')
        self.door.set_switch('multi_status', 'from-2.52')
        self.assertEqual(400, self.change('2.51').status_code)
