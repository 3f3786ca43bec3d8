# SPDX-License-Identifier: Apache-2.0
"""One array: all its state, its lock, its clock and its transactions."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flasharray_simulator import (
    errors,
    limits,
    model,
    names,
    profiles,
    switches,
)
from flasharray_simulator.activity import Activity
from flasharray_simulator.call import Item
from flasharray_simulator.clock import VirtualClock
from flasharray_simulator.collections import (
    Change,
    Collection,
    Journal,
    Stored,
)
from flasharray_simulator.content import ContentStore
from flasharray_simulator.database import Database
from flasharray_simulator.domain import network
from flasharray_simulator.pod_usage import PodUsage
from flasharray_simulator.sessions import Sessions, User
from flasharray_simulator.traffic import Traffic
from flasharray_simulator.volume_usage import VolumeUsage

T = TypeVar('T', bound=Stored)
R = TypeVar('R')

ARRAY = 'array'
ENVIRONMENT = 'environment'
DEFAULT_CAPACITY = 100 * 2**40


@dataclass(frozen=True)
class Setup:
    """What an array is told at its start."""

    name: str
    address: str = '127.0.0.1'
    port: int = 8443
    replication_port: int = 7443
    capacity: int | None = None
    profile: profiles.Profile = profiles.PROFILES[profiles.DEFAULT]
    users: tuple[User, ...] = ()
    switches: tuple[model.SwitchSetting, ...] = ()
    protocols: tuple[str, ...] = network.DEFAULT_PROTOCOLS
    mediator: Path | None = None

    @property
    def replication_address(self) -> str:
        return f'{self.address}:{self.replication_port}'


class Mirroring(Protocol):
    """What makes stretched pods the same on two arrays."""

    def run(self, work: Callable[[], R]) -> R: ...

    def before_commit(self, changes: list[Change]) -> None: ...

    def expect_io(self, pod_id: str | None) -> None: ...


class FlashArray:
    """The state of one array, kept in one SQLite file.

    Everything is read and changed inside ``transaction()``, which holds
    the array's lock, commits on success and undoes on an exception.
    """

    def __init__(self, setup: Setup, path: Path | str) -> None:
        self.setup = setup
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.generation = 0
        self.sessions = Sessions()
        self._depth = 0
        self._released: list[str] = []
        self._journal = Journal()
        self._database = Database(path)
        self.content = ContentStore(self._database)
        self._open_collections()
        self._open_administration()
        self.reachable: dict[str, bool] = {}
        self.parted: set[str] = set()
        self.traffic = Traffic()
        self.link_points: dict[str, int] = {}
        self.observers: list[Callable[[list[Change]], None]] = []
        self.mediator_status = 'online'
        self.mirror: Mirroring | None = None
        self.clock = VirtualClock()
        self._switch_values: dict[str, str] = {}
        with self.transaction():
            self._open_settings()
            limits.apply(self, self.environment.limits)
            self._open_interfaces()
            self.set_switches(
                {
                    setting.name: setting.value
                    for setting in (
                        *self.environment.switches,
                        *setup.switches,
                    )
                }
            )

    def _open_collections(self) -> None:
        make = self._collection
        self.array_settings = make('array', model.ArraySettings)
        self.environments = make('environment', model.Environment)
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
        self.provisioned = sum(v.provisioned for v in self.volumes)
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
        self.volume_groups = make(
            'volume_group',
            model.VolumeGroup,
            {'pod': _pod},
            deadlines=_DESTROYED,
        )
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
        self.array_connections = make(
            'array_connection', model.ArrayConnection
        )
        self.tags = make(
            'tag',
            model.Tag,
            {
                'resource': lambda t: (t.resource_id,),
                'kind': lambda t: (t.resource_kind,),
            },
        )
        self.network_interfaces = make(
            'network_interface',
            model.NetworkInterface,
            {'subnet': lambda i: (i.subnet_id,)},
        )
        self.subnets = make('subnet', model.Subnet)
        self.initiator_paths = make('initiator_paths', model.InitiatorPaths)
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
        self.offloads = make('offload', model.Offload)
        self.offload_group_snapshots = make(
            'offload_group_snapshot',
            model.OffloadGroupSnapshot,
            {
                'offload': lambda s: (s.offload_id,),
                'source': lambda s: (s.source_id,),
            },
            order=lambda s: (s.created, s.name.casefold()),
            deadlines=_DESTROYED,
        )
        self.offload_snapshots = make(
            'offload_snapshot',
            model.OffloadSnapshot,
            {
                'offload': lambda s: (s.offload_id,),
                'source': lambda s: (s.source_id,),
                'group_snapshot': lambda s: (s.group_snapshot_id,),
            },
            on_change=self._count_content,
            deadlines=_DESTROYED,
        )
        self._last_audit = max((int(a.id) for a in self.audits), default=0)
        self.records: dict[str, Collection[model.Record]] = {}

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

    def _open_settings(self) -> None:
        settings = self.array_settings.get(ARRAY)
        environment = self.environments.get(ENVIRONMENT)
        if environment is not None:
            self.clock = VirtualClock(
                environment.clock_anchor_real,
                environment.clock_anchor_virtual,
                environment.clock_rate,
            )
        else:
            real, virtual, rate = self.clock.anchors()
            self.environments.put(
                model.Environment(ENVIRONMENT, real, virtual, rate)
            )
        if settings is None:
            settings = model.ArraySettings(
                id=ARRAY,
                array_id=str(uuid.uuid4()),
                name=self.setup.name,
                capacity=self.setup.capacity or DEFAULT_CAPACITY,
                created=self.now(),
                connection_key=str(uuid.uuid4()),
            )
        elif self.setup.capacity:
            settings = replace(settings, capacity=self.setup.capacity)
        self.array_settings.put(settings)

    def _open_interfaces(self) -> None:
        """Make the built-in interfaces, anew if they are to be others."""
        wanted = {
            interface.id: interface
            for interface in network.built_in(
                self.settings.array_id,
                self.setup.address,
                self.setup.protocols,
            )
        }
        for present in self.network_interfaces:
            if present.origin and present.id not in wanted:
                self.network_interfaces.remove(present.id)
        for interface in wanted.values():
            stored = self.network_interfaces.get(interface.id)
            if stored is None or stored.origin != interface.origin:
                self.network_interfaces.put(interface)

    def ports(self) -> list[network.Port]:
        """Return the ports that hosts can log in to, by name."""
        return network.ports(
            self.settings.array_id,
            self.network_interfaces.ordered(),
            self.environment.controllers_down,
        )

    def seen_by(self, initiator: str) -> tuple[str, ...] | None:
        """Return the ports an initiator is logged in to; None for all."""
        paths = self.initiator_paths.get(initiator.casefold())
        return None if paths is None else paths.ports

    def wake(self) -> None:
        """Let the replication and housekeeping threads look again."""
        with self.lock:
            self.generation += 1
            self.changed.notify_all()

    def wait_for_change(self, generation: int, seconds: float) -> None:
        """Return after a change since that generation, or in seconds."""
        with self.changed:
            if self.generation == generation:
                self.changed.wait(seconds)

    def is_reachable(self, peer: str) -> bool:
        """Return whether the replication link to a peer works."""
        return self.reachable.get(peer.casefold(), False)

    def set_reachable(self, peer: str, reachable: bool) -> None:
        with self.lock:
            if self.is_reachable(peer) != reachable:
                self.reachable[peer.casefold()] = reachable
                self.wake()

    def close(self) -> None:
        with self.lock:
            self._database.close()

    def run(self, work: Callable[[], R]) -> R:
        """Do work in a transaction that may change what is in pods.

        What is in a stretched pod changes on both of its arrays, or not.
        ``work`` may be done several times, with the changes undone in
        between; the caller holds no lock.
        """
        if self.mirror is not None and len(self.pod_replicas):
            return self.mirror.run(work)
        with self.transaction():
            return work()

    @property
    def pending(self) -> tuple[Change, ...]:
        """Return what the running transaction has changed so far."""
        return tuple(self._journal.changes)

    def _mirror_changes(self) -> None:
        for observe in self.observers:
            observe(self._journal.changes)
        if self.mirror is not None and len(self.pod_replicas):
            self.mirror.before_commit(self._journal.changes)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; commit at the end, or undo all and re-raise."""
        with self.lock:
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._mirror_changes()
                    self._release_contents()
            except BaseException:
                if self._depth == 1:
                    self._released.clear()
                    self._journal.undo()
                    self._database.rollback()
                    self.content.forget_count()
                raise
            else:
                if self._depth == 1:
                    self._database.commit()
                    if self._journal.forget():
                        self.wake()
            finally:
                self._depth -= 1

    @property
    def settings(self) -> model.ArraySettings:
        return self.array_settings[ARRAY]

    @property
    def environment(self) -> model.Environment:
        return self.environments[ENVIRONMENT]

    @property
    def profile(self) -> profiles.Profile:
        """Return what the array claims to be."""
        name = self.environment.profile
        return profiles.PROFILES.get(name, self.setup.profile)

    @property
    def purity(self) -> str:
        return self.profile.purity(switches.PURITY_6_9_REST.of(self))

    @property
    def switch_values(self) -> switches.Values:
        """Return the switches that are not at their default."""
        return self._switch_values

    def set_switches(self, values: switches.Values) -> None:
        """Keep these switches; all others are at their default."""
        kept = tuple(
            model.SwitchSetting(name, value) for name, value in values.items()
        )
        self.environments.put(replace(self.environment, switches=kept))
        self._switch_values = dict(values)

    @property
    def name(self) -> str:
        return self.settings.name

    def now(self) -> int:
        """Return the virtual time in ms."""
        return self.clock.now()

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def new_serial(self) -> str:
        """Return a volume serial: 16 digits of the array, 8 of a counter."""
        settings = self.settings
        self.array_settings.put(
            replace(settings, next_serial=settings.next_serial + 1)
        )
        head = settings.array_id.replace('-', '')[:16]
        return f'{head}{settings.next_serial:08x}'.upper()

    def reference(self) -> Item:
        return {'name': self.settings.name, 'id': self.settings.array_id}

    def link_is_cut(self, peer: str) -> bool:
        return peer.casefold() in self.environment.cut_links

    def management_is_cut(self, peer: str) -> bool:
        return peer.casefold() in self.environment.cut_management

    def eradication_due(self, destroyed: int, protected: bool = False) -> int:
        """Return when an object destroyed at that time will vanish.

        ``protected`` by SafeMode it has a delay of its own.
        """
        settings = self.settings
        if protected or settings.manual_eradication == 'all-disabled':
            return destroyed + settings.disabled_delay
        return destroyed + settings.eradication_delay

    def time_remaining(
        self, destroyed: int | None, protected: bool = False
    ) -> int | None:
        if destroyed is None:
            return None
        due = self.eradication_due(destroyed, protected)
        return max(0, due - self.now())

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


def live(
    label: str,
    collection: Collection[T],
    name: str,
    visible: Callable[[T], bool] = lambda stored: True,
) -> T:
    """Return the live object of that name; raise ApiError if there is none."""
    stored = any_state(label, collection, name, visible)
    if getattr(stored, 'destroyed', None) is not None:
        raise errors.has_been_destroyed(label, name)
    return stored


def any_state(
    label: str,
    collection: Collection[T],
    name: str,
    visible: Callable[[T], bool] = lambda stored: True,
) -> T:
    """Return the object of that name, destroyed or not, or raise."""
    stored = collection.find(name)
    if stored is None or not visible(stored):
        raise errors.does_not_exist(label, name)
    return stored


def free_name(label: str, collection: Collection[Any], name: str) -> None:
    """Raise ApiError if an object, live or destroyed, has the name."""
    stored = collection.find(name)
    if stored is None:
        return
    if getattr(stored, 'destroyed', None) is not None:
        raise errors.pending_eradication(label, name)
    raise errors.already_exists(label, name)


def expect_container(
    array: FlashArray, parts: names.ObjectName
) -> model.Pod | None:
    """Return the live pod of a name, None for none; raise if unknown."""
    if parts.pod is None:
        return None
    return live('Pod', array.pods, parts.pod)
