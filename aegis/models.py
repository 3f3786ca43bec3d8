# SPDX-License-Identifier: Apache-2.0
"""What the database, the engine and the API pass to one another.

Frozen dataclasses without behaviour beyond derived names. Times are aware
UTC datetimes, sizes are in GiB where Cinder counts them and in bytes where
an array does, identifiers are UUID strings unless stated otherwise.
"""

import dataclasses
import datetime
import enum
from typing import Any


class ReplicationType(enum.StrEnum):
    ASYNC = 'async'
    SYNC = 'sync'


class MemberKind(enum.StrEnum):
    SERVER = 'server'
    VOLUME = 'volume'


class GroupState(enum.StrEnum):
    UNPROTECTED = 'unprotected'
    PROTECTED = 'protected'
    FAILING_OVER = 'failing_over'
    FAILED_OVER = 'failed_over'
    PARTIALLY_FAILED_OVER = 'partially_failed_over'
    REPROTECTING = 'reprotecting'
    REPROTECTED = 'reprotected'
    FAILING_BACK = 'failing_back'
    SPLIT_BRAIN = 'split_brain'
    ERROR = 'error'


class OperationType(enum.StrEnum):
    FAILOVER = 'failover'
    CAPTURE = 'capture'


class OperationState(enum.StrEnum):
    QUEUED = 'queued'
    AWAITING_APPROVAL = 'awaiting_approval'
    RUNNING = 'running'
    PAUSED = 'paused'
    SUCCEEDED = 'succeeded'
    PARTIAL = 'partial'
    FAILED = 'failed'
    REVERTED = 'reverted'
    CANCELLED = 'cancelled'


class LaneState(enum.StrEnum):
    QUEUED = 'queued'
    RUNNING = 'running'
    REVERTING = 'reverting'
    SUCCEEDED = 'succeeded'
    FAILED = 'failed'
    REVERTED = 'reverted'
    CANCELLED = 'cancelled'
    SKIPPED = 'skipped'


class LaneDirection(enum.StrEnum):
    EXECUTE = 'execute'
    REVERT = 'revert'


class StepState(enum.StrEnum):
    RUNNING = 'running'
    SUCCEEDED = 'succeeded'
    FAILED = 'failed'
    REVERTING = 'reverting'
    REVERTED = 'reverted'


class MemberFailurePolicy(enum.StrEnum):
    CONTINUE = 'continue'
    STOP = 'stop'
    REVERT = 'revert'


class MappedResource(enum.StrEnum):
    PROJECT = 'project'
    NETWORK = 'network'
    SUBNET = 'subnet'
    FLAVOR = 'flavor'
    VOLUME_TYPE = 'volume_type'
    AVAILABILITY_ZONE = 'availability_zone'
    KEYPAIR = 'keypair'
    FLOATING_IP_POOL = 'floating_ip_pool'


@dataclasses.dataclass(frozen=True)
class Site:
    """One OpenStack region as the operator configured it.

    ``reachable`` is None until an engine has looked.
    """

    name: str
    region: str
    is_local: bool
    arrays: tuple[str, ...]
    reachable: bool | None = None
    reason: str | None = None
    checked_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class SiteStatus:
    """What an engine last saw of a site."""

    name: str
    reachable: bool
    reason: str | None
    checked_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Mapping:
    """A resource of the protected site and what stands for it elsewhere.

    Names or ids. Without a mapping a resource stands for itself: the one of
    the same name at the other site.
    """

    resource_type: MappedResource
    source: str
    target: str


@dataclasses.dataclass(frozen=True)
class FailoverGroup:
    """Members that fail over together.

    ``project_id`` is the owner at the site of this Aegis (the recovery
    site), ``protected_project_id`` the same tenant at the protected site.
    ``replication_array`` and ``replication_group`` name the protection group
    or pod that holds every member's volumes, as the source array calls them;
    both are None while the group has no members. ``revision`` is raised by
    every change and is what conditional updates compare.
    """

    id: str
    project_id: str
    user_id: str
    name: str
    description: str
    protected_site: str
    recovery_site: str
    active_site: str
    replication_type: ReplicationType
    on_member_failure: MemberFailurePolicy
    mappings: tuple[Mapping, ...]
    protected_project_id: str
    replication_array: str | None
    replication_group: str | None
    state: GroupState
    state_reason: str | None
    epoch: int
    revision: int
    created_at: datetime.datetime
    updated_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Member:
    """A server with its volumes, or a volume alone, in a group."""

    id: str
    group_id: str
    kind: MemberKind
    name: str
    wave: int
    created_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class PlacedVolume:
    """A member's volume at one site.

    ``ordinal`` is the volume's place among the member's volumes (0 is the
    boot volume) and is what pairs it with its counterpart at another site.
    ``array_volume`` is the full name on the array ``array``.
    """

    ordinal: int
    volume_id: str
    name: str
    size_gib: int
    array: str
    array_volume: str


@dataclasses.dataclass(frozen=True)
class PlacedPort:
    """A member's port at one site; ``ordinal`` is its order at the server."""

    ordinal: int
    port_id: str
    network_id: str
    mac_address: str
    fixed_ips: tuple[str, ...]
    floating_ip: str | None = None


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where a member lives at a site."""

    member_id: str
    site: str
    server_id: str | None
    volumes: tuple[PlacedVolume, ...]
    ports: tuple[PlacedPort, ...]
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class CheckpointResource:
    """One captured resource; ``document`` is its JSON form.

    ``member_id`` is None for what members share (networks, security groups).
    """

    member_id: str | None
    service: str
    resource_type: str
    resource_id: str
    name: str
    document: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The metadata of a group at one moment, as one version."""

    id: str
    group_id: str
    site: str
    version: int
    created_at: datetime.datetime
    resources: tuple[CheckpointResource, ...] = ()


@dataclasses.dataclass(frozen=True)
class RecoveryPoint:
    """A complete copy of all the group's volumes at the recovery array.

    ``id`` is derived from the array's name of it and stays the same; the
    array's name itself is not for tenants. ``created_at`` is the moment the
    data is from, by the protected array's clock; ``age_seconds`` is measured
    against the recovery array's clock.
    """

    id: str
    group_id: str
    created_at: datetime.datetime
    completed_at: datetime.datetime
    age_seconds: float
    size_bytes: int
    volume_count: int


@dataclasses.dataclass(frozen=True)
class Operation:
    """One run. ``arguments`` is what was asked, ``report`` what came of it."""

    id: str
    group_id: str
    project_id: str
    user_id: str
    request_id: str | None
    type: OperationType
    state: OperationState
    state_reason: str | None
    error_code: str | None
    arguments: dict[str, Any]
    report: dict[str, Any]
    cancel_requested: bool
    attempt: int
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None

    @property
    def short_id(self) -> str:
        """The part of the id that derived names carry."""
        return self.id[:8]


@dataclasses.dataclass(frozen=True)
class Lane:
    """The steps of one member, or of the whole group, in one operation.

    ``flow`` names the flow that wires the steps. A lane can be claimed when
    every lane of a lower ``wave`` has ended. ``fence`` counts its claims: a
    step is only ever recorded by the holder of the newest one.
    """

    id: str
    operation_id: str
    member_id: str | None
    name: str
    flow: str
    wave: int
    state: LaneState
    direction: LaneDirection
    attempt: int
    reason: str | None
    error_code: str | None
    owner: str | None
    lease_expires_at: datetime.datetime | None
    fence: int
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Claim:
    """The right of one engine process to run a lane.

    It holds while the lane's row still has this ``owner`` and ``fence`` and
    its lease has not run out; the lease is renewed ``lease_seconds`` ahead.
    """

    lane_id: str
    operation_id: str
    owner: str
    fence: int
    lease_seconds: float

    def lease_from(self, now: datetime.datetime) -> datetime.datetime:
        """When a lease that is renewed now runs out."""
        return now + datetime.timedelta(seconds=self.lease_seconds)


class Order(enum.StrEnum):
    """What a lane is to do next, as its rows say."""

    PROCEED = 'proceed'
    UNDO = 'undo'
    CANCEL = 'cancel'


@dataclasses.dataclass(frozen=True)
class Leftover:
    """Something a revert could not remove, for a person to see to."""

    service: str
    resource_type: str
    resource_id: str
    name: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Step:
    """One action of a lane.

    ``service_seconds`` splits the step's wall time by the service that was
    waited for (``nova``, ``cinder``, ``neutron``, ``keystone``, ``glance``,
    ``array``); the rest is Aegis' own.
    """

    id: str
    lane_id: str
    attempt: int
    ordinal: int
    name: str
    state: StepState
    intent: dict[str, Any]
    result: Any
    message: str | None
    error_code: str | None
    reversible: bool
    leftovers: tuple[Leftover, ...]
    service_seconds: dict[str, float]
    started_at: datetime.datetime
    finished_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Service:
    """A running part of Aegis; ``alive`` is judged by its last heartbeat."""

    id: str
    binary: str
    host: str
    version: str
    started_at: datetime.datetime
    heartbeat_at: datetime.datetime
    alive: bool
