# SPDX-License-Identifier: Apache-2.0
"""What a client does with one array, in any REST version."""

from typing import Any
from unittest import mock

from flasharray_simulator import profiles
from tests.version_base import SIZE, Base


class LocalSteps(Base):
    """Sessions, volumes, snapshots, hosts, groups, tags, the array."""

    def session(self) -> None:
        """The client logs in again when its session is over."""
        self.array.door.expire_sessions()
        before = len(self.witness.seen)
        self.good(self.client.get_volumes(limit=1))
        statuses = [status for _, _, status in self.witness.seen[before:]]
        self.case.assertEqual([401, 200], statuses)

    def retries(self) -> None:
        """The client waits and repeats a call that met a busy array."""
        for status, message in (
            (429, 'Too many requests.'),
            (503, 'Unavailable.'),
            (500, 'Server is busy'),
            (502, 'Bad gateway.'),
        ):
            self.array.door.inject_fault(
                'GET', 'volumes', 2, status, message=message, retry_after=7
            )
            with mock.patch('time.sleep') as sleep:
                self.good(self.client.get_volumes(limit=1))
            waits = [call.args[0] for call in sleep.call_args_list]
            # The library adds half a second at most to what it is told.
            self.case.assertEqual(
                [] if status == 502 else [7, 7], [int(w) for w in waits]
            )
        self.array.door.inject_fault('GET', 'volumes', 1, 500, message='Oh.')
        response = self.client.get_volumes(limit=1)
        self.case.assertEqual(500, response.status_code)
        self.case.assertEqual('Oh.', response.errors[0].message)

    def volumes(self) -> None:
        name, copy = self.name('volume'), self.name('copy')
        made = self.volume(
            name,
            provisioned=2 * SIZE,
            qos=self.models.Qos(iops_limit=1000, bandwidth_limit=2**20),
        )
        self.case.assertEqual(1000, made.qos.iops_limit)
        self.bad(
            self.client.post_volumes(
                names=[name], volume=self.models.VolumePost(provisioned=SIZE)
            ),
            'Volume already exists.',
        )
        patch = self.models.VolumePatch
        grown = self.one(
            self.client.patch_volumes(
                names=[name], volume=patch(provisioned=3 * SIZE)
            )
        )
        self.case.assertEqual(3 * SIZE, grown.provisioned)
        self.bad(
            self.client.patch_volumes(
                names=[name], volume=patch(provisioned=SIZE)
            ),
            '',
        )
        small = self.client.patch_volumes(
            names=[name], volume=patch(provisioned=SIZE), truncate=True
        )
        self.case.assertEqual(SIZE, self.one(small).provisioned)
        source = self.models.Reference(name=name)
        copied = self.volume(copy, source=source)
        self.case.assertEqual(name, copied.source.name)
        self.case.assertNotEqual(made.serial, copied.serial)
        again = self.client.post_volumes(
            names=[copy],
            volume=self.models.VolumePost(source=source),
            overwrite=True,
        )
        self.case.assertEqual(copied.serial, self.one(again).serial)
        renamed = self.client.patch_volumes(
            names=[copy], volume=patch(name=f'{copy}-new')
        )
        self.case.assertEqual(f'{copy}-new', self.one(renamed).name)
        self.good(self.client.get_volumes_space(names=[name]))
        self.good(self.client.get_volumes_performance(names=[name]))
        self.destroy('volumes', [name, f'{copy}-new'])

    def lists(self) -> None:
        """Pages by token and, when sorted, by offset; filters; counts."""
        names = [self.name(f'page{number}') for number in range(7)]
        for name in names:
            self.volume(name)
        client = self.witness.watch(
            self.array.client(version=self.version, auto_pagination_limit=3)
        )
        wanted = f"name='page*-{self.suffix}'"
        self.case.assertEqual(
            names, self.names_of(client.get_volumes(filter=wanted))
        )
        self.case.assertEqual(
            names[::-1],
            self.names_of(client.get_volumes(filter=wanted, sort=['name-'])),
        )
        limited = self.client.get_volumes(
            filter=wanted, limit=2, offset=5, sort=['name']
        )
        self.case.assertEqual(names[5:], self.names_of(limited))
        counted = self.client.get_volumes(
            filter=wanted, limit=2, total_item_count=True
        )
        self.case.assertEqual(7, counted.total_item_count)
        if self.has('2.38'):
            mine = self.client.get_volumes(
                names=names[:1], context_names=[self.array.name]
            )
            self.case.assertEqual(self.array.name, self.one(mine).context.name)
        total = self.client.get_volumes(filter=wanted, total_only=True)
        self.case.assertEqual([], self.good(total))
        self.case.assertEqual(7 * SIZE, total.total[0].provisioned)
        for expression in (
            f"contains(name,'page3-{self.suffix}')",
            f"name=('{names[3]}','nothing-at-all')",
            f'name="{names[3]}" and not(destroyed="true")',
            f"name='{names[3]}' and provisioned>=1024",
        ):
            found = self.client.get_volumes(filter=expression)
            self.case.assertEqual([names[3]], self.names_of(found), expression)
        self.bad(self.client.get_volumes(filter="name='"), 'Invalid filter')
        self.bad(
            self.client.get_volumes(names=['not-there', 'nor-there']),
            'Volume does not exist.',
        )
        self.destroy('volumes', names)

    def snapshots(self) -> None:
        name = self.name('snapped')
        self.volume(name)
        snapshot = self.one(
            self.client.post_volume_snapshots(
                source_names=[name],
                volume_snapshot=self.models.VolumeSnapshotPost(suffix='one'),
            )
        )
        self.case.assertEqual(f'{name}.one', snapshot.name)
        self.case.assertEqual(name, snapshot.source.name)
        listed = self.client.get_volume_snapshots(source_names=[name])
        self.case.assertEqual([f'{name}.one'], self.names_of(listed))
        renamed = self.client.patch_volume_snapshots(
            names=[f'{name}.one'],
            volume_snapshot=self.models.VolumeSnapshotPatch(name='two'),
        )
        self.case.assertEqual(f'{name}.two', self.one(renamed).name)
        source = self.models.Reference(name=f'{name}.two')
        self.volume(f'{name}-copy', source=source)
        self.destroy('volume_snapshots', [f'{name}.two'])
        self.destroy('volumes', [name, f'{name}-copy'])

    def hosts(self) -> None:
        """Hosts of each protocol, connections, LUNs, host groups."""
        ports = {
            'iqns': f'iqn.2026-01.org.example:{self.suffix}',
            'wwns': f'52:4A:93:7F:00:00:00:{_minor(self.version):02X}',
            'nqns': f'nqn.2026-01.org.example:{self.suffix}',
        }
        name = self.name('attached')
        self.volume(name)
        for kind, port in ports.items():
            host = self.name(kind)
            made = self.client.post_hosts(
                names=[host], host=self.models.HostPost(**{kind: [port]})
            )
            self.case.assertEqual(host, self.one(made).name)
            connected = self.one(self._connect(host, name))
            if kind != 'nqns':
                self.case.assertGreaterEqual(connected.lun, 1)
            elif self.has('2.27'):
                self.case.assertGreaterEqual(connected.nsid, 1)
            self.bad(self._connect(host, name), 'Connection already exists.')
            self.bad(
                self.client.post_hosts(
                    names=[f'{host}-b'],
                    host=self.models.HostPost(**{kind: [port]}),
                ),
                'already in use',
            )
        iqn = ports['iqns']
        found = self.client.get_hosts(filter=f"iqns='{iqn}' and is_local")
        self.case.assertEqual([self.name('iqns')], self.names_of(found))
        self.bad(
            self.client.delete_hosts(names=[self.name('iqns')]),
            'cannot be deleted due to existing connections',
        )
        changed = self.client.patch_hosts(
            names=[self.name('iqns')],
            host=self.models.HostPatch(
                personality='esxi',
                chap=self.models.Chap(
                    host_user='user', host_password='a-long-password'
                ),
            ),
        )
        self.case.assertEqual('esxi', self.one(changed).personality)
        for kind in ports:
            host = self.name(kind)
            ended = self.client.delete_connections(
                host_names=[host], volume_names=[name]
            )
            self.case.assertEqual(200, ended.status_code)
            self.case.assertEqual(
                [],
                self.good(self.client.get_connections(host_names=[host])),
            )
        self._host_group(name)
        self.good(self.client.get_hosts_performance())
        for kind in ports:
            gone = self.client.delete_hosts(names=[self.name(kind)])
            self.case.assertEqual(200, gone.status_code)
        self.destroy('volumes', [name])

    def _connect(self, host: str, volume: str) -> Any:
        return self.client.post_connections(
            host_names=[host],
            volume_names=[volume],
            connection=self.models.ConnectionPost(),
        )

    def _host_group(self, volume: str) -> None:
        group, host = self.name('group'), self.name('iqns')
        self.good(self.client.post_host_groups(names=[group]))
        if not self.has('2.1'):
            gone = self.client.delete_host_groups(names=[group])
            self.case.assertEqual(200, gone.status_code)
            return
        self.good(
            self.client.post_host_groups_hosts(
                group_names=[group], member_names=[host]
            )
        )
        connected = self.good(
            self.client.post_connections(
                host_group_names=[group],
                volume_names=[volume],
                connection=self.models.ConnectionPost(),
            )
        )
        self.case.assertEqual({254}, {one.lun for one in connected})
        shown = self.client.get_connections(host_names=[host])
        self.case.assertEqual(group, self.one(shown).host_group.name)
        for response in (
            self.client.delete_connections(
                host_group_names=[group], volume_names=[volume]
            ),
            self.client.delete_host_groups_hosts(
                group_names=[group], member_names=[host]
            ),
            self.client.delete_host_groups(names=[group]),
        ):
            self.case.assertEqual(200, response.status_code, response)

    def volume_groups(self) -> None:
        if not self.has('2.1'):
            return
        group, name = self.name('vg'), self.name('grouped')
        self.good(
            self.client.post_volume_groups(
                names=[group], volume_group=self.models.VolumeGroupPost()
            )
        )
        self.volume(f'{group}/{name}')
        patch = self.models.VolumePatch
        for target, expected in (('', name), (group, f'{group}/{name}')):
            moved = self.client.patch_volumes(
                names=[f'{group}/{name}' if target == '' else name],
                volume=patch(volume_group=self.models.Reference(name=target)),
            )
            self.case.assertEqual(expected, self.one(moved).name)
        shown = self.one(self.client.get_volume_groups(names=[group]))
        self.case.assertEqual(1, shown.volume_count)
        members = self.client.get_volume_groups_volumes(group_names=[group])
        self.case.assertEqual(1, len(self.good(members)))
        self.destroy('volumes', [f'{group}/{name}'])
        self.destroy('volume_groups', [group])

    def tags(self) -> None:
        if not self.has('2.2'):
            return
        name = self.name('tagged')
        self.volume(name)
        tag = self.models.Tag(
            key='k', value='v', namespace='tests', copyable=False
        )
        self.good(
            self.client.put_volumes_tags_batch(
                resource_names=[name], tag=[tag]
            )
        )
        listed = self.client.get_volumes_tags(
            resource_names=[name], **self.since('2.3', namespaces=['tests'])
        )
        self.case.assertEqual('v', self.one(listed).value)
        ended = self.client.delete_volumes_tags(
            resource_names=[name], namespaces=['tests'], keys=['k']
        )
        self.case.assertEqual(200, ended.status_code)
        self.destroy('volumes', [name])

    def batch(self) -> None:
        if not self.has('2.32'):
            return
        names = [self.name(f'batch{number}') for number in range(3)]
        made = self.client.post_volumes_batch(
            volume=[
                self.models.VolumeBatchPost(name=name, provisioned=SIZE)
                for name in names
            ],
            with_default_protection=False,
        )
        self.case.assertEqual(names, self.names_of(made))
        self.destroy('volumes', names)

    def array_itself(self) -> None:
        if not self.has('2.2'):
            return
        array = self.one(self.client.get_arrays())
        self.case.assertEqual(self.array.name, array.name)
        self.good(self.client.get_controllers(filter="status='ready'"))
        self.good(self.client.get_ports(filter="name='CT0.*'"))
        self.good(self.client.get_arrays_space())
        if self.has('2.4'):
            bonds = "eth.subtype='lacp_bond' or eth.subtype='vif'"
            self.good(self.client.get_network_interfaces(filter=bonds))
            connection = self.one(self.client.get_array_connections())
            self.case.assertEqual(self.peer_name, connection.name)


def _minor(version: str) -> int:
    return profiles.number(version)[1]
