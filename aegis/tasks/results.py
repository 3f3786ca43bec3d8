# SPDX-License-Identifier: Apache-2.0
"""What the steps of a run hand to one another.

Each is kept as JSON in its step's row, so that a resumed run finds it.
"""

import dataclasses
import datetime

from aegis.readiness import base as readiness
from aegis.storage import base as storage


@dataclasses.dataclass(frozen=True)
class ChosenPoint:
    """The recovery point of a run; ``array`` is our label of its array.

    ``array_now`` is that array's clock when the point was chosen.
    """

    array: str
    point: storage.RecoveryPoint
    array_now: datetime.datetime


@dataclasses.dataclass(frozen=True)
class PreflightReport:
    verdicts: tuple[readiness.Verdict, ...]


@dataclasses.dataclass(frozen=True)
class FenceReport:
    """What became of the protected side.

    ``reason`` tells why it is not fenced, or not all of it is at rest.
    ``servers`` were running and are now stopped and locked, or were asked
    to. ``replication_paused`` is only true of what was paused here.
    ``begun`` tells whether anything there may have been changed.
    """

    fenced: bool
    reason: str | None
    servers: tuple[str, ...]
    replication_paused: bool
    begun: bool


@dataclasses.dataclass(frozen=True)
class Promotion:
    """What was promoted for the whole group, and on which array."""

    array: str
    volumes: int


@dataclasses.dataclass(frozen=True)
class Promoted:
    """A member's volume as promoted on the array labelled ``array``."""

    member_id: str
    ordinal: int
    array: str
    name: str
    serial: str


@dataclasses.dataclass(frozen=True)
class ManagedVolume:
    ordinal: int
    volume_id: str
    serial: str


@dataclasses.dataclass(frozen=True)
class CreatedPort:
    ordinal: int
    port_id: str
    network_id: str
    mac_address: str
    fixed_ips: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class CreatedServer:
    """``launched_at`` is Nova's own clock."""

    server_id: str
    launched_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class AssociatedFloatingIp:
    """A floating IP; ``source_address`` is what it was at the other site."""

    ordinal: int
    floating_ip_id: str
    address: str
    source_address: str


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that was read back and found to be as it should."""

    subject: str
    fact: str


@dataclasses.dataclass(frozen=True)
class ValidationReport:
    findings: tuple[Finding, ...]


@dataclasses.dataclass(frozen=True)
class Recorded:
    """A step whose result is that something is written down."""

    subject: str
