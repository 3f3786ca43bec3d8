# SPDX-License-Identifier: Apache-2.0
"""What a client does with an array, in any REST version."""

import importlib
import unittest
from typing import Any
from unittest import mock

from flasharray_simulator import profiles
from tests import support, witness

_SIZE = 2**20
_HOUR = support.HOUR


class Script:
    """One watched client of each of two arrays, in one REST version.

    Each step makes objects with names of its own, which end with
    ``suffix``; it asserts what the calls did, while the witnesses judge
    the shape of every answer.
    """

    def __init__(
        self,
        case: unittest.TestCase,
        version: str,
        array: support.ArrayProcess,
        peer: support.ArrayProcess,
    ) -> None:
        self.case = case
        self.version = version
        self.array = array
        self.witness = witness.Witness(version)
        self.peer_witness = witness.Witness(version)
        self.client = self.witness.watch(array.client(version=version))
        self.peer = self.peer_witness.watch(peer.client(version=version))
        self.peer_name = peer.name
        self.suffix = version.replace('.', '-')
        self.models = _models(version)

    @property
    def problems(self) -> list[str]:
        return self.witness.problems + self.peer_witness.problems

    def has(self, version: str) -> bool:
        return profiles.number(self.version) >= profiles.number(version)

    def since(self, version: str, **options: Any) -> dict[str, Any]:
        """Return the options if this version has them, else none."""
        return options if self.has(version) else {}

    def name(self, name: str) -> str:
        return f'{name}-{self.suffix}'

    def good(self, response: Any) -> list[Any]:
        self.case.assertEqual(200, response.status_code, response)
        return list(response.items or [])

    def one(self, response: Any) -> Any:
        (item,) = self.good(response)
        return item

    def bad(self, response: Any, message: str) -> None:
        self.case.assertEqual(400, response.status_code, response)
        self.case.assertIn(message, response.errors[0].message)

    def names_of(self, response: Any) -> list[str]:
        return [item.name for item in self.good(response)]

    def volume(self, name: str, **fields: Any) -> Any:
        fields.setdefault('provisioned', _SIZE)
        return self.one(
            self.client.post_volumes(
                names=[name],
                volume=self.models.VolumePost(**fields),
                **self.since('2.16', with_default_protection=False),
            )
        )

    def destroy(self, kind: str, names: list[str], **options: Any) -> None:
        """Destroy, recover, destroy again and eradicate."""
        for destroyed in (True, False, True):
            body = self._patch(kind)(destroyed=destroyed)
            changed = self.good(
                getattr(self.client, f'patch_{kind}')(
                    names=names, **{kind.removesuffix('s'): body}, **options
                )
            )
            for item in changed:
                self.case.assertEqual(destroyed, item.destroyed)
        remove = getattr(self.client, f'delete_{kind}')
        self.case.assertEqual(200, remove(names=names).status_code)
        get = getattr(self.client, f'get_{kind}')
        self.bad(get(names=names), 'does not exist')

    def _patch(self, kind: str) -> Any:
        """Return the model of a PATCH's body, which changed its name."""
        name = ''.join(part.capitalize() for part in kind[:-1].split('_'))
        return getattr(self.models, f'{name}Patch') or getattr(
            self.models, name
        )

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
                'GET', 'volumes', 2, status, message=message
            )
            with mock.patch('time.sleep'):
                self.good(self.client.get_volumes(limit=1))
        self.array.door.inject_fault('GET', 'volumes', 1, 500, message='Oh.')
        response = self.client.get_volumes(limit=1)
        self.case.assertEqual(500, response.status_code)
        self.case.assertEqual('Oh.', response.errors[0].message)

    def volumes(self) -> None:
        name, copy = self.name('volume'), self.name('copy')
        made = self.volume(
            name,
            provisioned=2 * _SIZE,
            qos=self.models.Qos(iops_limit=1000, bandwidth_limit=2**20),
        )
        self.case.assertEqual(1000, made.qos.iops_limit)
        self.bad(
            self.client.post_volumes(
                names=[name], volume=self.models.VolumePost(provisioned=_SIZE)
            ),
            'Volume already exists.',
        )
        patch = self.models.VolumePatch
        grown = self.one(
            self.client.patch_volumes(
                names=[name], volume=patch(provisioned=3 * _SIZE)
            )
        )
        self.case.assertEqual(3 * _SIZE, grown.provisioned)
        self.bad(
            self.client.patch_volumes(
                names=[name], volume=patch(provisioned=_SIZE)
            ),
            '',
        )
        small = self.client.patch_volumes(
            names=[name], volume=patch(provisioned=_SIZE), truncate=True
        )
        self.case.assertEqual(_SIZE, self.one(small).provisioned)
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
        total = self.client.get_volumes(filter=wanted, total_only=True)
        self.case.assertEqual([], self.good(total))
        self.case.assertEqual(7 * _SIZE, total.total[0].provisioned)
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
            resource_names=[name], namespaces=['tests']
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
                self.models.VolumeBatchPost(name=name, provisioned=_SIZE)
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

    def protection_groups(self) -> None:
        """A group with members, schedules, retention and snapshots."""
        if not self.has('2.1'):
            return
        group, name = self.name('pg'), self.name('protected')
        self.volume(name)
        self.good(self.client.post_protection_groups(names=[group]))
        body = self.models.ProtectionGroup
        self.good(
            self.client.patch_protection_groups(
                names=[group],
                protection_group=body(
                    replication_schedule=self.models.ReplicationSchedule(
                        frequency=_HOUR
                    ),
                    target_retention=self.models.RetentionPolicy(
                        all_for_sec=14400, days=7, per_day=3
                    ),
                ),
            )
        )
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[group], member_names=[name]
            )
        )
        shown = self.one(self.client.get_protection_groups(names=[group]))
        self.case.assertEqual(1, shown.volume_count)
        self.case.assertEqual(_HOUR, shown.replication_schedule.frequency)
        self._replicate(group, name)
        member = {'group_names': [group], 'member_names': [name]}
        ended = self.client.delete_protection_groups_volumes(**member)
        self.case.assertEqual(200, ended.status_code)
        self.bad(
            self.client.delete_protection_groups_volumes(**member),
            'could not be found',
        )
        self.destroy('protection_groups', [group])
        self.destroy('volumes', [name])

    def _replicate(self, group: str, name: str) -> None:
        there = f'{self.array.name}:{group}'
        target = {'group_names': [group], 'member_names': [self.peer_name]}
        self.good(self.client.post_protection_groups_targets(**target))
        self.bad(
            self.client.post_protection_groups_targets(**target),
            'already includes',
        )
        support.eventually(
            lambda: (
                self.peer.get_protection_groups(names=[there]).status_code
                == 200
            )
        )
        self.good(
            self.peer.patch_protection_groups_targets(
                group_names=[there],
                target=self.models.TargetProtectionGroupPostPatch(
                    allowed=True
                ),
            )
        )
        support.eventually(
            lambda: (
                self.one(
                    self.client.get_protection_groups_targets(
                        group_names=[group]
                    )
                ).allowed
            )
        )
        taken = self.one(
            self.client.post_protection_group_snapshots(
                source_names=[group], **self.since('2.4', replicate_now=True)
            )
        )
        members = self.client.get_volume_snapshots(
            filter=f"name='{taken.name}.*'"
        )
        self.case.assertEqual([f'{taken.name}.{name}'], self.names_of(members))
        if self.has('2.4'):
            self._arrive(there, taken.suffix, name)
        removed = self.client.delete_protection_groups_targets(**target)
        self.case.assertEqual(200, removed.status_code)

    def _arrive(self, there: str, suffix: str, name: str) -> None:
        def complete() -> list[Any]:
            response = self.peer.get_protection_group_snapshots_transfer(
                names=[there],
                destroyed=False,
                filter='progress="1.0"',
                sort=['started-'],
            )
            # The group is there before the first of its snapshots.
            return list(response.items) if response.status_code == 200 else []

        record = support.eventually(complete)[0]
        self.case.assertEqual(f'{there}.{suffix}', record.name)
        members = self.peer.get_volume_snapshots(
            filter=f"name='{there}.{suffix}.*'"
        )
        snapshot = self.one(members)
        self.case.assertEqual(
            f'{self.array.name}:{name}', snapshot.source.name
        )
        self.good(self.peer.get_protection_group_snapshots(names=[there]))


STEPS = tuple(
    step
    for name, step in vars(Script).items()
    if name
    in (
        'session',
        'retries',
        'volumes',
        'lists',
        'snapshots',
        'hosts',
        'volume_groups',
        'tags',
        'batch',
        'array_itself',
        'protection_groups',
    )
)


def _models(version: str) -> Any:
    return importlib.import_module(
        f'pypureclient.flasharray.FA_{version.replace(".", "_")}.models'
    )


def _minor(version: str) -> int:
    return profiles.number(version)[1]
