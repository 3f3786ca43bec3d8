# SPDX-License-Identifier: Apache-2.0
"""Which host sees which volume, by what number, over which paths."""

from typing import Any

from pypureclient import flasharray

from tests.client_case import ClientCase


class ConnectionCase(ClientCase):
    def host(self, name: str, **initiators: Any) -> Any:
        initiators = initiators or {'iqns': [f'iqn.2026-01.org:{name}']}
        return self.good(
            self.client.post_hosts(
                names=[name], host=flasharray.HostPost(**initiators)
            )
        )[0]

    def group(self, name: str, *hosts: str) -> None:
        self.good(self.client.post_host_groups(names=[name]))
        if hosts:
            self.good(
                self.client.post_host_groups_hosts(
                    group_names=[name], member_names=list(hosts)
                )
            )

    def connect(self, volume: str, lun: int | None = None, **side: str) -> Any:
        sides = {f'{key}_names': [value] for key, value in side.items()}
        return self.client.post_connections(
            volume_names=[volume],
            connection=flasharray.ConnectionPost(lun=lun),
            **sides,
        )

    def luns(self, host: str) -> dict[str, int]:
        return {
            row.volume.name: row.lun
            for row in self.good(
                self.client.get_connections(host_names=[host])
            )
        }


class LunTest(ConnectionCase):
    def test_shared_luns_count_down_from_254(self) -> None:
        self.host('shared')
        self.group('shared', 'shared')
        for name in ('shared-a', 'shared-b'):
            self.volume(name)
            self.good(self.connect(name, host_group='shared'))
        self.assertEqual(
            {'shared-a': 254, 'shared-b': 253}, self.luns('shared')
        )

    def test_shared_luns_go_up_from_255_when_all_below_are_taken(self) -> None:
        self.host('full')
        self.group('full', 'full')
        names = [f'full-{number}' for number in range(255)]
        for name in names:
            self.volume(name)
        found = self.good(
            self.client.post_connections(
                host_group_names=['full'], volume_names=names
            )
        )
        self.assertEqual([*range(254, 0, -1), 255], [row.lun for row in found])

    def test_a_lun_that_is_asked_for_is_given(self) -> None:
        self.host('asking')
        self.volume('asking-a')
        self.volume('asking-b')
        row = self.good(self.connect('asking-a', 7, host='asking'))[0]
        self.assertEqual(7, row.lun)
        self.bad(self.connect('asking-b', 7, host='asking'), 'already in use')

    def test_luns_are_between_1_and_4095(self) -> None:
        self.host('range')
        self.volume('range')
        for lun in (0, 4096):
            with self.subTest(lun):
                answer = self.raw(
                    'POST',
                    'connections?host_names=range&volume_names=range',
                    json={'lun': lun},
                )
                self.assertEqual(400, answer.status_code)

    def test_private_and_shared_luns_of_a_host_differ(self) -> None:
        self.host('both')
        for name in ('both-a', 'both-b', 'both-c'):
            self.volume(name)
        self.good(self.connect('both-a', 254, host='both'))
        self.group('both', 'both')
        self.good(self.connect('both-b', host_group='both'))
        self.good(self.connect('both-c', host='both'))
        self.assertEqual(
            {'both-a': 254, 'both-b': 253, 'both-c': 1}, self.luns('both')
        )

    def test_a_host_with_a_groups_lun_cannot_join_it(self) -> None:
        self.host('clash')
        self.volume('clash-a')
        self.volume('clash-b')
        self.group('clash')
        self.good(self.connect('clash-a', 254, host='clash'))
        self.good(self.connect('clash-b', host_group='clash'))
        self.bad(
            self.client.post_host_groups_hosts(
                group_names=['clash'], member_names=['clash']
            ),
            'already in use',
        )

    def test_a_host_with_a_groups_volume_cannot_join_it(self) -> None:
        self.host('twice')
        self.volume('twice')
        self.group('twice')
        self.good(self.connect('twice', host='twice'))
        self.good(self.connect('twice', host_group='twice'))
        self.bad(
            self.client.post_host_groups_hosts(
                group_names=['twice'], member_names=['twice']
            ),
            'Connection already exists.',
        )


class EndTest(ConnectionCase):
    def test_a_groups_connection_is_not_the_hosts(self) -> None:
        self.host('theirs')
        self.group('theirs', 'theirs')
        self.volume('theirs')
        self.good(self.connect('theirs', host_group='theirs'))
        self.bad(
            self.client.delete_connections(
                host_names=['theirs'], volume_names=['theirs']
            ),
            'Connection does not exist.',
        )
        self.bad(
            self.client.delete_hosts(names=['theirs']),
            'cannot be deleted due to existing connections',
        )

    def test_a_connected_volume_stays(self) -> None:
        self.host('keeper')
        self.volume('keeper')
        self.good(self.connect('keeper', host='keeper'))
        destroy = flasharray.VolumePatch(destroyed=True)
        self.bad(
            self.client.patch_volumes(names=['keeper'], volume=destroy),
            'cannot be destroyed while it is connected',
        )

    def test_the_switch_destroy_connected_volume_lets_it_go(self) -> None:
        self.addCleanup(
            self.door.set_switch, 'destroy_connected_volume', 'refused'
        )
        self.door.set_switch('destroy_connected_volume', 'allowed')
        self.host('loser')
        self.volume('loser')
        self.good(self.connect('loser', host='loser'))
        self.destroy('loser')
        self.assertEqual({}, self.luns('loser'))


class NvmeTest(ConnectionCase):
    def test_nvme_hosts_see_a_namespace_id(self) -> None:
        self.host('nvme', nqns=['nqn.2026-01.org:nvme'])
        self.volume('nvme')
        row = self.good(self.connect('nvme', host='nvme'))[0]
        self.assertEqual(1, row.nsid)
        self.assertFalse(hasattr(row, 'lun'))

    def test_scsi_hosts_see_a_lun_only(self) -> None:
        self.host('scsi', wwns=['2100F4C7AA002706'])
        self.volume('scsi')
        row = self.good(self.connect('scsi', host='scsi'))[0]
        self.assertEqual(1, row.lun)
        self.assertFalse(hasattr(row, 'nsid'))


class OldNvmeTest(ConnectionCase):
    options = ['--profile', '2.26']

    def test_before_purity_6_6_nvme_hosts_see_a_lun(self) -> None:
        self.host('nvme', nqns=['nqn.2026-01.org:nvme'])
        self.volume('nvme')
        row = self.good(self.connect('nvme', host='nvme'))[0]
        self.assertEqual(1, row.lun)


class ProtocolEndpointTest(ConnectionCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = (
            self.id().rpartition('.')[2].replace('_', '-')[-40:].strip('-')
        )
        self.host(self.name)
        self.good(
            self.client.post_volumes(
                names=[f'{self.name}-pe'],
                volume=flasharray.VolumePost(subtype='protocol_endpoint'),
            )
        )
        self.good(self.connect(f'{self.name}-pe', host=self.name))
        self.volume(self.name)

    def bind(self) -> Any:
        return self.good(
            self.client.post_connections(
                host_names=[self.name],
                volume_names=[self.name],
                connection=flasharray.ConnectionPost(
                    protocol_endpoint=flasharray.Reference(
                        name=f'{self.name}-pe'
                    )
                ),
            )
        )[0]

    def test_a_volume_behind_it_has_a_sublun(self) -> None:
        row = self.bind()
        self.assertEqual((1 << 32) + 1, row.lun)
        self.assertEqual(f'{self.name}-pe', row.protocol_endpoint.name)

    def test_connections_are_found_by_it(self) -> None:
        self.bind()
        found = self.good(
            self.client.get_connections(
                protocol_endpoint_names=[f'{self.name}-pe']
            )
        )
        self.assertEqual([self.name], [row.volume.name for row in found])

    def test_it_stays_connected_while_it_is_used(self) -> None:
        self.bind()
        self.bad(
            self.client.delete_connections(
                host_names=[self.name], volume_names=[f'{self.name}-pe']
            ),
            'cannot be disconnected',
        )

    def test_it_holds_no_data(self) -> None:
        self.bad(
            self.client.post_volume_snapshots(
                source_names=[f'{self.name}-pe'],
                volume_snapshot=flasharray.VolumeSnapshotPost(),
            ),
            'protocol endpoint',
        )
        self.bad(
            self.copy(f'{self.name}-pe', f'{self.name}-copy'),
            'protocol endpoint',
        )
