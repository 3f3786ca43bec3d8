# SPDX-License-Identifier: Apache-2.0
"""purefa_info, _inventory, _eradication and _connect."""

from typing import Any

from tests import support
from tests.ansible.cases import ModulesCase
from tests.ansible.volumes import TAGS_SINCE
from tests.support import DAY

SUBSETS = (
    'minimum', 'config', 'performance', 'capacity', 'network', 'subnet',
    'interfaces', 'hgroups', 'pgroups', 'hosts', 'admins', 'volumes',
    'snapshots', 'pods', 'replication', 'vgroups', 'offload', 'apps',
    'arrays', 'certs', 'kmip', 'clients', 'policies', 'dir_snaps',
    'filesystems', 'alerts', 'virtual_machines', 'subscriptions', 'realms',
    'fleet', 'presets', 'workloads',
)  # fmt: skip

# From these versions on the client has what the modules read.
PODS_SINCE = 36
READ_PODS = ('pods', 'replication')
ENCRYPTION_SINCE = 33


class InfoModules(ModulesCase):
    def info(self, *subsets: str) -> dict[str, Any]:
        found = self.good('info', gather_subset=list(subsets))
        self.assertFalse(found['changed'])
        facts: dict[str, Any] = found['purefa_info']
        return facts

    def make_objects(self) -> None:
        """Have something of each kind, so that every loop runs."""
        if self.client.get_volumes(names=['i-volume']).status_code == 200:
            return
        self.good('volume', name='i-volume', size='1G')
        self.good('volume', name='i-gone', size='1G')
        self.good('volume', name='i-gone', state='absent')
        if self.minor >= TAGS_SINCE:
            self.good('volume_tags', name='i-volume', kvp=['a:1'])
        self.good('snap', name='i-volume', suffix='s')
        self.good('vg', name='i-vg')
        self.good('host', name='i-host', iqn=['iqn.2026-01.org.example:i'])
        self.good('host', name='i-host', volume='i-volume')
        self.good('hg', name='i-hg', host=['i-host'])
        self.good('pg', name='i-pg', volume=['i-volume'], target=['fa-west'])
        self.good('pgsnap', name='i-pg', suffix='s')
        self.good('pod', name='i-pod')

    def test_every_subset_is_gathered(self) -> None:
        self.make_objects()
        for subset in SUBSETS:
            with self.subTest(subset):
                if subset in READ_PODS and self.minor < PODS_SINCE:
                    self.crashes('info', gather_subset=[subset])
                    continue
                self.info(subset)

    def test_all_subsets_are_gathered_at_once(self) -> None:
        self.make_objects()
        if self.minor < PODS_SINCE:
            self.crashes('info', gather_subset=['all'])
            return
        found = self.info('all')
        self.assertIn('i-volume', found['volumes'])
        self.assertIn('fa-west', found['arrays'])
        self.assertIn('i-host', found['hosts'])

    def test_facts_of_volumes_and_snapshots(self) -> None:
        self.make_objects()
        found = self.info('volumes', 'snapshots')
        self.assertEqual(support.GIB, found['volumes']['i-volume']['size'])
        self.assertEqual(
            'i-volume', found['snapshots']['i-volume.s']['source']
        )

    def test_the_inventory_is_read(self) -> None:
        found = self.good('inventory')
        self.assertFalse(found['changed'])
        self.assertTrue(found['purefa_inv'])


class ArrayModules(ModulesCase):
    def test_the_eradication_delays_are_set(self) -> None:
        self.addCleanup(
            self.good, 'eradication', enabled_delay=1, disabled_delay=1
        )
        self.twice('eradication', enabled_delay=3, disabled_delay=5)
        config = self.one(self.client.get_arrays()).eradication_config
        self.assertEqual(
            (3 * DAY, 5 * DAY), (config.enabled_delay, config.disabled_delay)
        )

    def test_arrays_are_connected_and_disconnected(self) -> None:
        path = self.enterContext(support.directory())
        ports = support.free_ports(3)
        # A module names no replication port: both have the same.
        pair = [
            support.ArrayProcess(
                name, path / name, f'token-{name}', ports, address=address
            )
            for name, address in (
                ('fa-north', '127.0.0.21'),
                ('fa-south', '127.0.0.22'),
            )
        ]
        for array in pair:
            array.options = ['--profile', self.version]
            array.start()
            self.addCleanup(array.kill)
        for array in pair:
            array.ready()
        north, south = pair
        wanted = {
            'target_url': south.target,
            'target_api': south.token,
            'connection': 'async',
        }
        if self.minor < ENCRYPTION_SINCE:
            self.good('connect', north, **wanted)
        else:
            self.twice('connect', north, **wanted)
        north.ready('fa-south')
        found = self.one(south.client().get_array_connections())
        self.assertEqual('fa-north', found.name)
        self.twice('connect', north, target_url=south.target, state='absent')
        self.assertEqual(
            [], list(north.client().get_array_connections().items)
        )
