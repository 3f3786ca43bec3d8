# SPDX-License-Identifier: Apache-2.0
"""The objects of one array, by kind, and what is counted of them."""

from typing import Any, TypeVar

from flasharray_simulator import model, offload_model
from flasharray_simulator.activity import Activity
from flasharray_simulator.collections import Collection, Journal, Stored
from flasharray_simulator.content import ContentStore
from flasharray_simulator.database import Database
from flasharray_simulator.pod_usage import PodUsage
from flasharray_simulator.volume_usage import VolumeUsage

T = TypeVar('T', bound=Stored)


class Objects:
    """A collection for each kind, with an index for each frequent question.

    To be read and changed inside the array's ``transaction()``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._journal = Journal()
        self._released: list[str] = []
        self.content = ContentStore(database)
        self.array_settings = self._collection('array', model.ArraySettings)
        self.environments = self._collection('environment', model.Environment)
        self.records: dict[str, Collection[model.Record]] = {}
        self._open_volumes()
        self._open_usage()
        self._open_hosts()
        self._open_protection()
        self._open_transfers()
        self._open_network()
        self._open_pods()
        self._open_offloads()
        self._open_administration()

    def _open_volumes(self) -> None:
        make = self._collection
        self.volumes = make(
            'volume',
            model.Volume,
            {
                'volume_group': lambda v: (v.volume_group_id,),
                'pod': _pod,
            },
            on_change=self._count_volume,
            deadlines=_DESTROYED,
        )
        self.volume_snapshots = make(
            'volume_snapshot',
            model.VolumeSnapshot,
            {
                'volume': lambda s: (s.volume_id,),
                'group_snapshot': lambda s: (s.group_snapshot_id,),
                'source': lambda s: (s.source_id,),
                'source_name': lambda s: ((s.source_name or '').casefold(),),
                'pod': _pod,
            },
            on_change=self._count_snapshot,
            deadlines={
                'destroyed': lambda s: (
                    s.destroyed if s.group_snapshot_id is None else None
                )
            },
        )
        self.volume_groups = make(
            'volume_group',
            model.VolumeGroup,
            {'pod': _pod},
            deadlines=_DESTROYED,
        )
        self.tags = make(
            'tag',
            model.Tag,
            {
                'resource': lambda t: (t.resource_id,),
                'kind': lambda t: (t.resource_kind,),
            },
        )

    def _open_usage(self) -> None:
        self.provisioned = sum(v.provisioned for v in self.volumes)
        self.activity = Activity()
        self.volume_usage = VolumeUsage(
            self.content,
            self.volumes.get,
            lambda volume_id: self.volume_snapshots.by('volume', volume_id),
            lambda: self.volumes,
        )
        self._written: int | None = None
        self.pod_usage = PodUsage(self.content, self._journal)
        self.pod_usage.count(self.volumes)

    def _open_hosts(self) -> None:
        make = self._collection
        self.hosts = make(
            'host',
            model.Host,
            {
                'iqn': lambda h: tuple(i.casefold() for i in h.iqns),
                'nqn': lambda h: tuple(n.casefold() for n in h.nqns),
                'wwn': lambda h: tuple(w.casefold() for w in h.wwns),
                'array': lambda h: (h.array_id,) if h.array_id else (),
                'host_group': lambda h: (h.host_group_id,),
            },
        )
        self.host_groups = make('host_group', model.HostGroup)
        self.connections = make(
            'connection',
            model.Connection,
            {
                'volume': lambda c: (c.volume_id,),
                'host': lambda c: (c.host_id,),
                'host_group': lambda c: (c.host_group_id,),
                'endpoint': lambda c: (
                    (c.protocol_endpoint_id,) if c.protocol_endpoint_id else ()
                ),
            },
        )

    def _open_protection(self) -> None:
        make = self._collection
        self.protection_groups = make(
            'protection_group',
            model.ProtectionGroup,
            {
                'local': lambda g: (g.local,),
                'source': _sources,
                'locked': lambda g: (g.retention_lock == 'ratcheted',),
                'pod': _pod,
            },
            deadlines={**_DESTROYED, 'schedule': _next_run},
        )
        self.group_members = make(
            'group_member',
            model.GroupMember,
            {
                'group': lambda m: (m.group_id,),
                'member': lambda m: (m.member_id,),
            },
        )
        self.group_targets = make(
            'group_target',
            model.GroupTarget,
            {
                'group': lambda t: (t.group_id,),
                'array': lambda t: (t.array_name.casefold(),),
            },
        )

    def _open_transfers(self) -> None:
        make = self._collection
        self.group_snapshots = make(
            'group_snapshot',
            model.GroupSnapshot,
            {
                'group': lambda s: (s.group_id,),
                'origin': lambda s: (s.origin_id,) if s.origin_id else (),
            },
            order=lambda s: (s.created, s.name.casefold()),
            deadlines={
                **_DESTROYED,
                'temporary': lambda s: (
                    s.created
                    if s.for_replication and s.destroyed is None
                    else None
                ),
            },
        )
        self.transfers = make(
            'transfer',
            model.Transfer,
            {
                'snapshot': lambda t: (t.group_snapshot_id,),
                'group': lambda t: (t.group_id,),
                'waiting': lambda t: (
                    (t.peer.casefold(),)
                    if t.outbound
                    and t.state in ('queued', 'running', 'dropped')
                    else ()
                ),
            },
            order=lambda t: (t.queued, t.id),
        )
        self.part_transfers = make(
            'part_transfer',
            model.PartTransfer,
            {'transfer': lambda p: (p.transfer_id,)},
        )

    def _open_network(self) -> None:
        make = self._collection
        self.array_connections = make(
            'array_connection', model.ArrayConnection
        )
        self.network_interfaces = make(
            'network_interface',
            model.NetworkInterface,
            {'subnet': lambda i: (i.subnet_id,)},
        )
        self.subnets = make('subnet', model.Subnet)
        self.initiator_paths = make('initiator_paths', model.InitiatorPaths)

    def _open_pods(self) -> None:
        make = self._collection
        self.pods = make(
            'pod',
            model.Pod,
            {'promoting': lambda p: (p.promotion_status == 'promoting',)},
            deadlines=_DESTROYED,
        )
        self.staged_contents = make(
            'staged_content',
            model.StagedContent,
            {'stage': lambda s: (s.stage,)},
            on_change=self._count_content,
        )
        self.pod_links = make(
            'pod_link',
            model.PodLink,
            {
                'pod': lambda link: (link.pod_id,),
                'peer': lambda link: (link.peer_id,),
            },
        )
        self.pod_journals = make('pod_journal', model.PodJournal)
        self.pod_partners = make('pod_partner', model.PodPartner)
        self.pod_replicas = make(
            'pod_replica',
            model.PodReplica,
            {'peer': lambda r: (r.peer_id,)},
        )

    def _open_offloads(self) -> None:
        make = self._collection
        self.offloads = make('offload', offload_model.Offload)
        self.offload_group_snapshots = make(
            'offload_group_snapshot',
            offload_model.OffloadGroupSnapshot,
            {
                'offload': lambda s: (s.offload_id,),
                'source': lambda s: (s.source_id,),
            },
            order=lambda s: (s.created, s.name.casefold()),
            deadlines=_DESTROYED,
        )
        self.offload_snapshots = make(
            'offload_snapshot',
            offload_model.OffloadSnapshot,
            {
                'offload': lambda s: (s.offload_id,),
                'source': lambda s: (s.source_id,),
                'group_snapshot': lambda s: (s.group_snapshot_id,),
            },
            on_change=self._count_content,
            deadlines=_DESTROYED,
        )

    def _open_administration(self) -> None:
        make = self._collection
        self.admins = make(
            'admin', model.Admin, {'token': lambda a: (a.api_token,)}
        )
        self.api_clients = make('api_client', model.ApiClient)
        self.alerts = make(
            'alert', model.Alert, order=lambda a: (a.created, a.id)
        )
        self.audits = make('audit', model.Audit, order=lambda a: (a.id,))
        self._last_audit = max((int(a.id) for a in self.audits), default=0)

    def next_audit(self) -> int:
        """Return the number of the next audit record."""
        self._last_audit += 1
        return self._last_audit

    def named_collections(self) -> tuple[Collection[Any], ...]:
        """Return the collections whose objects have names and ids."""
        return (
            self.volumes,
            self.volume_snapshots,
            self.volume_groups,
            self.pods,
            self.hosts,
            self.host_groups,
            self.protection_groups,
            self.group_snapshots,
            self.api_clients,
            *self.records.values(),
        )

    def records_of(self, family: str) -> Collection[model.Record]:
        """Return the records of one resource family."""
        if family not in self.records:
            self.records[family] = self._collection(
                f'record {family}', model.Record, deadlines=_DESTROYED
            )
        return self.records[family]

    def _collection(
        self, kind: str, type_: type[T], *more: Any, **options: Any
    ) -> Collection[T]:
        return Collection(
            kind, type_, self._database, self._journal, *more, **options
        )

    def _count_volume(
        self, old: model.Volume | None, new: model.Volume | None
    ) -> None:
        change = (new.provisioned if new else 0) - (
            old.provisioned if old else 0
        )
        self._add_provisioned(change)
        self._journal.add(lambda: self._add_provisioned(-change))
        self.pod_usage.volume_changed(old, new)
        self._count_written(old, new)
        self._count_content(old, new)

    def _count_snapshot(
        self,
        old: model.VolumeSnapshot | None,
        new: model.VolumeSnapshot | None,
    ) -> None:
        for snapshot in (old, new):
            if snapshot is not None:
                self._forget_usage(snapshot.volume_id)
        self._count_content(old, new)

    def written(self) -> int:
        """Return the bytes in all volumes, before they are shared."""
        if self._written is None:
            self._written = sum(
                self.content.allocated(v.content) for v in self.volumes
            )
        return self._written

    def _count_written(
        self, old: model.Volume | None, new: model.Volume | None
    ) -> None:
        for volume in (old, new):
            if volume is not None:
                self._forget_usage(volume.id)
        if self._written is not None:
            self._written += sum(
                sign * self.content.allocated(volume.content)
                for volume, sign in ((old, -1), (new, 1))
                if volume is not None
            )
        self._journal.add(self._forget_written)

    def _forget_written(self) -> None:
        self._written = None

    def _forget_usage(self, volume_id: str | None) -> None:
        self.volume_usage.forget(volume_id)
        self._journal.add(lambda: self.volume_usage.forget(volume_id))

    def _add_provisioned(self, change: int) -> None:
        self.provisioned += change

    def _count_content(self, old: Any, new: Any) -> None:
        if new is not None:
            self.content.retain(new.content)
        if old is None:
            return
        pod_id = getattr(old, 'pod_id', None)
        if pod_id is not None and self.pod_replicas.get(pod_id) is not None:
            self._released.append(old.content)
        else:
            self.content.release(old.content)

    def _release_contents(self) -> None:
        """Drop what was kept until the other array had the difference."""
        while self._released:
            self.content.release(self._released.pop())


def _pod(stored: Any) -> tuple[str, ...]:
    return (stored.pod_id,) if stored.pod_id is not None else ()


def _destroyed(stored: Any) -> int | None:
    moment: int | None = stored.destroyed
    return moment


_DESTROYED = {'destroyed': _destroyed}


def _sources(group: model.ProtectionGroup) -> tuple[str, ...]:
    """Return the arrays that may send to a copy; ``*`` for that of a pod."""
    if group.local:
        return ()
    shared = ('*',) if group.source_pod is not None else ()
    return (group.source_array.casefold(), *shared)


def _next_run(group: model.ProtectionGroup) -> int | None:
    """Return when the first of a group's schedules is due."""
    if not group.local or group.destroyed is not None:
        return None
    dues = (group.replication_due, group.snapshot_due)
    return min((due for due in dues if due is not None), default=None)
