# SPDX-License-Identifier: Apache-2.0
"""What an array keeps: frozen dataclasses, one per kind of object.

Times are virtual epoch milliseconds, sizes bytes. ``content`` is the root
of a tree in the content store ('' is all zeros). ``destroyed`` is the time
of destruction, None while the object lives. Names are full Purity names
and keep their case.
"""

from dataclasses import dataclass

DAY = 86_400_000


@dataclass(frozen=True)
class ArraySettings:
    id: str
    array_id: str
    name: str
    capacity: int
    created: int
    next_serial: int = 1
    banner: str = ''
    idle_timeout: int = 1_800_000
    eradication_delay: int = DAY
    disabled_delay: int = DAY
    ntp_servers: tuple[str, ...] = ()
    time_zone: str = 'UTC'
    connection_key: str = ''
    default_protections: tuple[str, ...] = ()
    identified: tuple[str, ...] = ()
    manual_eradication: str = 'all-enabled'
    connection_key_encrypted: bool = False
    console_lock: bool = False
    login_secret: str = ''
    ntp_symmetric_key: str = ''
    scsi_timeout: int = 60_000


@dataclass(frozen=True)
class SwitchSetting:
    """A switch that is not at its default."""

    name: str
    value: str


@dataclass(frozen=True)
class ObjectLimit:
    """How many objects of a kind there may be at most."""

    kind: str
    most: int


@dataclass(frozen=True)
class Environment:
    """What the side door set: the world around the array."""

    id: str
    clock_anchor_real: float
    clock_anchor_virtual: int
    clock_rate: float = 1.0
    bandwidth: int | None = None
    frozen: bool = False
    freeze_at: float | None = None
    cut_links: tuple[str, ...] = ()
    switches: tuple[SwitchSetting, ...] = ()
    controllers_down: tuple[str, ...] = ()
    mediator: str = 'online'
    profile: str = ''
    cut_management: tuple[str, ...] = ()
    limits: tuple[ObjectLimit, ...] = ()


@dataclass(frozen=True)
class Qos:
    bandwidth_limit: int | None = None
    iops_limit: int | None = None


@dataclass(frozen=True)
class Volume:
    id: str
    name: str
    serial: str
    created: int
    provisioned: int
    content: str = ''
    destroyed: int | None = None
    source_id: str | None = None
    source_name: str | None = None
    pod_id: str | None = None
    volume_group_id: str | None = None
    qos: Qos = Qos()
    priority_operator: str = '+'
    priority_value: int = 0
    subtype: str = 'regular'
    next_suffix: int = 1
    container_version: str | None = None


@dataclass(frozen=True)
class VolumeSnapshot:
    """A snapshot of one volume, alone or as a part of a group snapshot.

    A replicated one has no ``volume_id``; it is ``complete`` only when all
    its blocks have arrived, and ``base`` is the content it started from.
    """

    id: str
    name: str
    suffix: str
    created: int
    provisioned: int
    serial: str
    content: str = ''
    destroyed: int | None = None
    volume_id: str | None = None
    source_id: str | None = None
    source_name: str | None = None
    pod_id: str | None = None
    group_snapshot_id: str | None = None
    complete: bool = True
    base: str = ''


@dataclass(frozen=True)
class VolumeGroup:
    """``took_volumes`` tells that its volumes were destroyed with it."""

    id: str
    name: str
    created: int
    destroyed: int | None = None
    pod_id: str | None = None
    qos: Qos = Qos()
    priority_operator: str = '+'
    priority_value: int = 0
    took_volumes: bool = False


@dataclass(frozen=True)
class Host:
    id: str
    name: str
    created: int
    iqns: tuple[str, ...] = ()
    nqns: tuple[str, ...] = ()
    wwns: tuple[str, ...] = ()
    personality: str | None = None
    host_user: str | None = None
    host_password: str | None = None
    target_user: str | None = None
    target_password: str | None = None
    host_group_id: str | None = None
    preferred_arrays: tuple[str, ...] = ()
    vlan: str | None = None
    is_local: bool = True
    qos: Qos = Qos()
    nvme_stretch: str | None = None
    array_id: str | None = None


@dataclass(frozen=True)
class HostGroup:
    id: str
    name: str
    created: int
    qos: Qos = Qos()


@dataclass(frozen=True)
class Connection:
    """A volume shown to a host, or to all hosts of a host group."""

    id: str
    volume_id: str
    lun: int | None
    nsid: int | None
    host_id: str | None = None
    host_group_id: str | None = None
    protocol_endpoint_id: str | None = None


@dataclass(frozen=True)
class Blackout:
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Schedule:
    """Frequency in ms; ``at`` and blackout in ms since midnight."""

    enabled: bool = False
    frequency: int = 86_400_000
    at: int | None = None
    blackout: Blackout = Blackout()


@dataclass(frozen=True)
class Retention:
    """Keep all for ``all_for_sec`` s, then ``per_day`` for ``days``."""

    all_for_sec: int = 86_400
    per_day: int = 4
    days: int = 7


@dataclass(frozen=True)
class ProtectionGroup:
    """A protection group, or (not local) the copy of another array's.

    ``source_array`` is the name of the array that takes its snapshots. A
    copy keeps in ``told_retention`` what its source said of the target
    retention, which may be changed at the target, and in ``source_pod``
    the pod that its source is in.
    """

    id: str
    name: str
    created: int
    local: bool = True
    source_array: str = ''
    source_group_id: str | None = None
    destroyed: int | None = None
    pod_id: str | None = None
    replication_schedule: Schedule = Schedule(frequency=14_400_000)
    snapshot_schedule: Schedule = Schedule(frequency=3_600_000)
    source_retention: Retention = Retention()
    target_retention: Retention = Retention()
    retention_lock: str = 'unlocked'
    next_suffix: int = 1
    replication_due: int | None = None
    snapshot_due: int | None = None
    told_retention: Retention | None = None
    source_pod: str | None = None


@dataclass(frozen=True)
class GroupMember:
    """Membership of a volume, host or host group in a protection group."""

    id: str
    group_id: str
    member_id: str
    kind: str = 'volumes'


@dataclass(frozen=True)
class GroupTarget:
    id: str
    group_id: str
    array_name: str
    allowed: bool = False
    announced: bool = False


@dataclass(frozen=True)
class GroupSnapshot:
    id: str
    name: str
    suffix: str
    group_id: str
    created: int
    destroyed: int | None = None
    complete: bool = True
    retained: bool = False
    for_replication: bool = False
    origin_id: str | None = None


@dataclass(frozen=True)
class Transfer:
    """One group snapshot on its way to (or from) one peer array.

    ``volume_cursor`` and ``block_cursor`` say at the receiving side what
    arrived last. ``state`` is queued, running, done, dropped (the peer has
    to be told) or abandoned.
    """

    id: str
    group_snapshot_id: str
    group_id: str
    peer: str
    outbound: bool
    queued: int
    urgent: bool = False
    state: str = 'queued'
    started: int | None = None
    completed: int | None = None
    total: int = 0
    data_transferred: int = 0
    physical_bytes_written: int = 0
    volume_cursor: int = 0
    block_cursor: int = -1

    @property
    def progress(self) -> float:
        """Return 0.0 to 1.0; 1.0 only when the transfer is complete."""
        if self.completed is not None:
            return 1.0
        if not self.total:
            return 0.0
        return min(0.999, round(self.data_transferred / self.total, 3))


@dataclass(frozen=True)
class PartTransfer:
    """What one volume of a group snapshot has in one transfer."""

    id: str
    transfer_id: str
    total: int = 0
    data_transferred: int = 0
    physical_bytes_written: int = 0


@dataclass(frozen=True)
class Throttle:
    default_limit: int | None = None
    window_limit: int | None = None
    window_start: int | None = None
    window_end: int | None = None


@dataclass(frozen=True)
class ArrayConnection:
    id: str
    name: str
    kind: str
    replication_address: str
    peer_id: str | None = None
    management_address: str | None = None
    peer_version: str | None = None
    created_here: bool = True
    throttle: Throttle = Throttle()
    encrypted: bool = False


@dataclass(frozen=True)
class Tag:
    id: str
    resource_id: str
    resource_kind: str
    namespace: str
    key: str
    value: str | None
    copyable: bool = True


@dataclass(frozen=True)
class Pod:
    """A container of volumes and groups that fail over together.

    ``failover_preferences`` are ids of arrays, ``default_protections`` of
    protection groups.
    """

    id: str
    name: str
    created: int
    destroyed: int | None = None
    source_id: str | None = None
    source_name: str | None = None
    mediator: str = 'purestorage'
    failover_preferences: tuple[str, ...] = ()
    quota_limit: int | None = None
    promotion_status: str = 'promoted'
    requested_promotion_state: str = 'promoted'
    default_protections: tuple[str, ...] = ()


@dataclass(frozen=True)
class NetworkInterface:
    """An Ethernet or Fibre Channel interface.

    ``origin`` says what a built-in one was made for; '' for one that a
    client made. ``speed`` is in bits per second.
    """

    id: str
    name: str
    kind: str = 'eth'
    enabled: bool = True
    services: tuple[str, ...] = ()
    address: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    mtu: int | None = 1500
    mac_address: str | None = None
    subtype: str | None = 'physical'
    subinterfaces: tuple[str, ...] = ()
    subnet_id: str | None = None
    vlan: int | None = None
    wwn: str | None = None
    speed: int = 0
    origin: str = ''


@dataclass(frozen=True)
class Subnet:
    id: str
    name: str
    prefix: str
    gateway: str | None = None
    mtu: int = 1500
    vlan: int | None = None
    enabled: bool = True


@dataclass(frozen=True)
class InitiatorPaths:
    """The ports that an initiator is logged in to; its id is its name."""

    id: str
    ports: tuple[str, ...]


@dataclass(frozen=True)
class Admin:
    """A user of the array; ``token_expires`` is None for never."""

    id: str
    name: str
    created: int
    role: str = 'array_admin'
    api_token: str | None = None
    token_created: int | None = None
    token_expires: int | None = None
    locked: bool = False
    public_key: str | None = None


@dataclass(frozen=True)
class ApiClient:
    """Who may exchange identity tokens, signed with its key, for access."""

    id: str
    name: str
    created: int
    key_id: str
    issuer: str
    public_key: str
    max_role: str
    lifetime: int = DAY
    enabled: bool = False


@dataclass(frozen=True)
class Audit:
    """A change that somebody made, ``id`` being its number."""

    id: str
    time: int
    user: str
    location: str
    command: str
    subcommand: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Alert:
    """Something an operator should know; ``closed`` is when it ended."""

    id: str
    name: str
    created: int
    updated: int
    code: int
    category: str
    severity: str
    component_type: str
    component_name: str
    summary: str
    closed: int | None = None
    flagged: bool = True


@dataclass(frozen=True)
class Record:
    """An object that is only kept and shown.

    ``body`` is a JSON object, ``changed`` the time of its last change.
    """

    id: str
    name: str
    created: int
    body: str = '{}'
    destroyed: int | None = None
    changed: int | None = None


@dataclass(frozen=True)
class PodReplica:
    """A stretched pod as this array sees it; the id is the pod's.

    ``status`` is of this array's copy, ``peer_status`` of the other one's:
    online, offline, resyncing or unknown. ``epoch`` counts how often the
    copies were parted, ``sequence`` the changes made on both since. The
    ``pre_elected`` array stays online without a mediator. A copy that is
    ``behind`` lacks changes and comes back only by a resync.
    ``peer_connections`` are the arrays that the other one replicates to.
    """

    id: str
    peer_id: str
    peer_name: str
    status: str = 'online'
    peer_status: str = 'resyncing'
    epoch: int = 0
    sequence: int = 0
    frozen_at: int | None = None
    peer_frozen_at: int | None = None
    peer_mediator: str = 'online'
    pre_elected: str = ''
    progress: float | None = None
    behind: bool = False
    peer_connections: tuple[str, ...] = ()

    @property
    def in_sync(self) -> bool:
        """Return whether every change is made on both arrays."""
        return self.status == 'online' and self.peer_status == 'online'

    @property
    def version(self) -> tuple[int, int]:
        return self.epoch, self.sequence


@dataclass(frozen=True)
class StagedContent:
    """A content on its way: what has arrived, or what is to be sent.

    ``stage`` names the shipment, ``key`` the object that will have it.
    """

    id: str
    stage: str
    key: str
    content: str = ''


@dataclass(frozen=True)
class PodLink:
    """One end of an ActiveDR link; both ends have the same id.

    ``quiesce`` is empty, quiescing or quiesced. ``baselined`` once the
    target has a whole state; ``confirmed`` once the other end has spoken
    of the link.
    """

    id: str
    pod_id: str
    peer: str
    peer_id: str
    remote_pod_id: str
    remote_pod_name: str
    outbound: bool
    paused: bool = False
    baselined: bool = False
    recovery_point: int | None = None
    quiesce: str = ''
    remote_promoted: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class PodJournal:
    """What arrived for a target pod while it is promoted; id of the link.

    ``image`` is the JSON text of the newest state of the source.
    """

    id: str
    image: str


@dataclass(frozen=True)
class PodPartner:
    """The pod that the pod with this id was linked to, by which link."""

    id: str
    remote_pod_id: str
    link_id: str
