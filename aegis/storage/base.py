# SPDX-License-Identifier: Apache-2.0
"""The storage driver contract.

One driver object speaks for one array. Every method is idempotent, takes
and returns frozen dataclasses, and is bulk by design: its array calls grow
with replication groups, not with volumes, wherever the array can do that.
Drivers know nothing of databases, groups or flows, and keep no state of
their own beyond a session.
"""

import abc
import collections.abc
import dataclasses
import datetime
import enum

TAG_NAMESPACE = 'aegis'


class ReplicationKind(enum.StrEnum):
    ASYNC = 'async'
    SYNC = 'sync'


@dataclasses.dataclass(frozen=True)
class ReplicationGroup:
    """A protection group or pod, as the array that owns it names it."""

    array: str
    name: str
    kind: ReplicationKind = ReplicationKind.ASYNC


@dataclasses.dataclass(frozen=True)
class VolumeReference:
    """A Cinder volume as Cinder describes where it lies.

    ``array`` and ``name`` are what Cinder recorded (provider id and
    metadata); either may be missing or stale, so a driver verifies them.
    """

    volume_id: str
    array: str | None
    name: str | None


@dataclasses.dataclass(frozen=True)
class ReplicationTarget:
    """Another array that receives a replication group."""

    array: str
    allowed: bool
    status: str


@dataclasses.dataclass(frozen=True)
class ResolvedVolume:
    """What the array itself says of a volume.

    ``name`` is None when the array has no such volume; then nothing else
    is filled in. ``groups`` are all replication groups that hold it.
    """

    volume_id: str
    array: str
    name: str | None
    serial: str | None = None
    size_bytes: int = 0
    source: str | None = None
    connected: bool = False
    tags: tuple['Tag', ...] = ()
    groups: tuple[ReplicationGroup, ...] = ()
    targets: tuple[ReplicationTarget, ...] = ()


@dataclasses.dataclass(frozen=True)
class Tag:
    """A key and value in Aegis' own tag namespace (``aegis``)."""

    key: str
    value: str


@dataclasses.dataclass(frozen=True)
class PointVolume:
    """A volume's copy inside a recovery point.

    ``volume`` is the full name of the original on its own array, ``name``
    the copy's name on this array.
    """

    volume: str
    name: str
    size_bytes: int


@dataclasses.dataclass(frozen=True)
class RecoveryPoint:
    """A complete copy of a replication group at this array.

    ``name`` is the array's own; ``created_at`` is when the data was frozen
    (the owning array's clock), ``completed_at`` when it had all arrived.
    """

    group: ReplicationGroup
    name: str
    created_at: datetime.datetime
    completed_at: datetime.datetime
    size_bytes: int
    volumes: tuple[PointVolume, ...]


@dataclasses.dataclass(frozen=True)
class ReplicationHealth:
    """Replication of one group as this array reports it.

    ``lag_seconds`` is the age of the newest complete point by this array's
    clock, None when there is none. ``interval_seconds`` is the schedule
    read back from the array, None when it is off or not known here.
    """

    group: ReplicationGroup
    link_connected: bool
    schedule_enabled: bool
    interval_seconds: float | None
    lag_seconds: float | None
    newest_point: str | None


@dataclasses.dataclass(frozen=True)
class Promotion:
    """One volume to bring to life from a recovery point.

    ``volume`` is the original's full name on its own array, ``name`` the
    name to give the new volume; ``tags`` are its birth tags.
    """

    volume: str
    name: str
    tags: tuple[Tag, ...]


@dataclasses.dataclass(frozen=True)
class PromotedVolume:
    """A volume that carries our birth tags, as read back from the array."""

    name: str
    serial: str
    size_bytes: int
    source: str | None
    connected: bool
    tags: tuple[Tag, ...]

    @property
    def id(self) -> str:
        """What no other volume of the array has."""
        return self.serial


@dataclasses.dataclass(frozen=True)
class Overwrite:
    """A volume whose content is to be replaced, with its guards.

    Refused unless the target has ``serial`` and carries ``tags`` and
    nothing is connected to it; ``safety_name`` names the snapshot taken of
    it first.
    """

    volume: str
    target: str
    serial: str
    tags: tuple[Tag, ...]
    safety_name: str


@dataclasses.dataclass(frozen=True)
class Capabilities:
    """What a driver and its array can do."""

    replication: frozenset[ReplicationKind]
    overwrite: bool
    batch_limit: int


@dataclasses.dataclass(frozen=True)
class Capacity:
    """Space of the array in bytes and the array's own clock."""

    array: str
    total_bytes: int
    used_bytes: int
    provisioned_bytes: int
    now: datetime.datetime


class StorageDriver(abc.ABC):
    """An array. Errors are those of :mod:`aegis.storage.errors`.

    Safe to be used by many threads at once.
    """

    @abc.abstractmethod
    def capabilities(self) -> Capabilities:
        """Tell what driver and array can do. No side effects."""

    @abc.abstractmethod
    def resolve(
        self, volumes: collections.abc.Sequence[VolumeReference]
    ) -> list[ResolvedVolume]:
        """Find Cinder volumes on this array; one answer each, in order.

        A volume that is not there has ``name`` None. No side effects.
        """

    @abc.abstractmethod
    def recovery_points(
        self, group: ReplicationGroup, limit: int
    ) -> list[RecoveryPoint]:
        """List the newest complete points held here, newest first.

        Incomplete, destroyed and partial ones are never listed. An unknown
        group has none. No side effects.
        """

    @abc.abstractmethod
    def replication_health(
        self, groups: collections.abc.Sequence[ReplicationGroup]
    ) -> list[ReplicationHealth]:
        """Tell each group's health, in order. No side effects."""

    @abc.abstractmethod
    def create_recovery_point(self, group: ReplicationGroup, name: str) -> str:
        """Freeze and start to send a point from the owning array.

        ``name`` makes it idempotent: an existing point of that name is
        left alone. Returns the array's name of the point; whether it has
        arrived is seen in :meth:`recovery_points` of the other array.
        """

    @abc.abstractmethod
    def promote(
        self,
        point: RecoveryPoint,
        promotions: collections.abc.Sequence[Promotion],
    ) -> list[PromotedVolume]:
        """Make new volumes from copies in a point; answers in order.

        A volume of the wanted name that has the same birth tags is
        returned as it is; one without them is never touched
        (:class:`~aegis.storage.errors.NameTaken`). Nothing is overwritten.
        """

    @abc.abstractmethod
    def find(
        self, tags: collections.abc.Sequence[Tag]
    ) -> list[PromotedVolume]:
        """List live volumes that carry all these tags. No side effects.

        :param tags: that of the larger thing first: of a run, then of a
            member in it.
        """

    @abc.abstractmethod
    def overwrite(
        self,
        point: RecoveryPoint,
        overwrites: collections.abc.Sequence[Overwrite],
    ) -> list[PromotedVolume]:
        """Replace the content of our own volumes from a point.

        Takes a safety snapshot first. Idempotent by the safety snapshot's
        name. Every guard is checked for every volume before the first
        write.
        """

    @abc.abstractmethod
    def discard(
        self,
        names: collections.abc.Sequence[str],
        tags: collections.abc.Sequence[Tag],
    ) -> None:
        """Destroy (recoverably) volumes that carry all these tags.

        Volumes already gone are fine. Refuses, before the first change, a
        volume without the tags
        (:class:`~aegis.storage.errors.BirthTagMissing`) or one with
        connections (:class:`~aegis.storage.errors.VolumeInUse`).
        """

    @abc.abstractmethod
    def protect(
        self,
        volumes: collections.abc.Sequence[str],
        group: ReplicationGroup,
    ) -> None:
        """Add volumes to a replication group that exists. Idempotent."""

    @abc.abstractmethod
    def unprotect(
        self,
        volumes: collections.abc.Sequence[str],
        group: ReplicationGroup,
    ) -> None:
        """Take volumes out of a replication group. Idempotent."""

    @abc.abstractmethod
    def pause(self, group: ReplicationGroup) -> None:
        """Stop new points of a group; running ones finish. Idempotent."""

    @abc.abstractmethod
    def resume(self, group: ReplicationGroup) -> None:
        """Start the schedule of a group again. Idempotent."""

    @abc.abstractmethod
    def capacity(self) -> Capacity:
        """Tell the array's space and its clock. No side effects."""

    def close(self) -> None:
        """End the session with the array, if there is one. Idempotent."""
