# SPDX-License-Identifier: Apache-2.0
"""The families of the administration have all fields of their models."""

from typing import Any

from pypureclient import flasharray

from tests.client_case import ClientCase
from tests.witness import Witness

_LISTS = [
    'admins',
    'admins_api_tokens',
    'admins_settings',
    'alert_watchers',
    'alert_watchers_test',
    'alerts',
    'alerts_events',
    'api_clients',
    'arrays',
    'arrays_eula',
    'audits',
    'certificates',
    'directories',
    'directory_services',
    'directory_services_roles',
    'dns',
    'drives',
    'file_systems',
    'fleets',
    'fleets_fleet_key',
    'fleets_members',
    'kmip',
    'maintenance_windows',
    'offloads',
    'policies',
    'policies_nfs',
    'policies_password',
    'policies_quota',
    'policies_smb',
    'policies_snapshot',
    'realms',
    'realms_performance',
    'realms_space',
    'remote_arrays',
    'remote_protection_group_snapshots',
    'remote_volume_snapshots',
    'sessions',
    'smi_s',
    'smtp_servers',
    'snmp_agents',
    'snmp_managers',
    'sso_saml2_idps',
    'subscriptions',
    'support',
    'syslog_servers',
    'syslog_servers_settings',
]


class PresenceTest(ClientCase):
    maxDiff = None
    options = ['--profile', '2.58']

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.fill(cls.client)
        cls.door.raise_alert('A test.')

    @classmethod
    def fill(cls, client: Any) -> None:
        """Make an object of each family that has none by itself."""
        api = flasharray
        enabled = api.PolicyPost(enabled=True)
        for answer in (
            client.post_fleets(names=['fleet']),
            client.post_fleets_fleet_key(),
            client.post_realms(names=['realm'], realm=api.RealmPost()),
            client.post_file_systems(names=['files']),
            client.post_policies_nfs(
                names=['nfs'], policy=api.PolicyNfsPost(enabled=True)
            ),
            client.post_policies_smb(
                names=['smb'], policy=api.PolicySmbPost(enabled=True)
            ),
            client.post_policies_snapshot(names=['snap'], policy=enabled),
            client.post_policies_quota(names=['quota'], policy=enabled),
            client.post_syslog_servers(
                names=['log'], syslog_server=api.SyslogServer(uri='tcp://x:1')
            ),
            client.post_snmp_managers(
                names=['manager'],
                snmp_manager=api.SnmpManagerPost(host='h', version='v2c'),
            ),
            client.post_kmip(names=['kmip'], kmip=api.KmipPost(uris=['x:1'])),
            client.post_maintenance_windows(
                names=['window'],
                maintenance_window=api.MaintenanceWindowPost(timeout=3600000),
            ),
            client.post_offloads(
                names=['offload'],
                offload=api.OffloadPost(
                    nfs=api.OffloadNfs(address='a', mount_point='/m')
                ),
            ),
            client.post_volumes(
                names=['v'], volume=api.VolumePost(provisioned=2**20)
            ),
            client.post_remote_volume_snapshots(
                source_names=['v'],
                on='offload',
                remote_volume_snapshot=api.RemoteVolumeSnapshotPost(),
            ),
            client.post_protection_groups(names=['pg']),
            client.post_remote_protection_group_snapshots(
                source_names=['pg'], on='offload'
            ),
        ):
            if answer.status_code != 200:
                raise AssertionError(answer)

    def look(self, version: str) -> None:
        client = self.array.client(version=version)
        witness = Witness(version)
        witness.watch(client)
        for name in _LISTS:
            read = getattr(client, f'get_{name}', None)
            if read is not None:
                self.assertEqual(200, read().status_code, name)
        self.assertEqual([], witness.problems)

    def test_2_4(self) -> None:
        self.look('2.4')

    def test_2_26(self) -> None:
        self.look('2.26')

    def test_2_36(self) -> None:
        self.look('2.36')

    def test_2_42(self) -> None:
        self.look('2.42')

    def test_2_50(self) -> None:
        self.look('2.50')

    def test_2_58(self) -> None:
        self.look('2.58')
