# SPDX-License-Identifier: Apache-2.0
"""What the array answers, as far as it is needed.

Names are full names on the array that was asked, sizes are bytes, times
are aware.
"""

import dataclasses
import datetime

from aegis.storage import base


@dataclasses.dataclass(frozen=True)
class Volume:
    id: str
    name: str
    serial: str
    size_bytes: int
    source: str | None
    connections: int
    destroyed: bool


@dataclasses.dataclass(frozen=True)
class VolumeTag:
    volume: str
    key: str
    value: str


@dataclasses.dataclass(frozen=True)
class Membership:
    group: str
    volume: str


@dataclasses.dataclass(frozen=True)
class Target:
    group: str
    array: str
    allowed: bool
    status: str


@dataclasses.dataclass(frozen=True)
class Group:
    name: str
    schedule_enabled: bool
    interval_seconds: float | None


@dataclasses.dataclass(frozen=True)
class Transfer:
    """The way of a snapshot from array to array."""

    name: str
    progress: float
    completed: datetime.datetime | None

    @property
    def complete(self) -> bool:
        """Tell whether everything has arrived."""
        return self.completed is not None and self.progress >= 1.0


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """A snapshot of a volume or of a protection group."""

    name: str
    created: datetime.datetime
    source: str | None
    size_bytes: int
    destroyed: bool


@dataclasses.dataclass(frozen=True)
class Connection:
    """A replication link to another array."""

    array: str
    connected: bool


@dataclasses.dataclass(frozen=True)
class Facts:
    """The array itself; ``now`` is None when it does not tell."""

    name: str
    total_bytes: int
    used_bytes: int
    provisioned_bytes: int
    now: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Copy:
    """A volume to make, or to fill again, from a snapshot of a volume."""

    name: str
    source: str
    tags: tuple[base.Tag, ...] = ()
