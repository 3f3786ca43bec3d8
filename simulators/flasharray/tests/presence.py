# SPDX-License-Identifier: Apache-2.0
"""What every answer of an array must contain, and what it may not be.

Clients raise on a field that is missing, whatever its value means, and on
a reference that is null. So each kind of item has a table of fields that
must be there: a dotted path (``[]`` is every element of a list) and a type,
with ``?`` if the value may be null. ``ref`` is an object that has a name,
which may be null. A field is asked of the REST versions whose vendor's model
has it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests import vendor

_MISSING = object()


@dataclass(frozen=True)
class Field:
    path: str
    type: str

    @property
    def may_be_null(self) -> bool:
        return self.type.endswith('?')


def fields(*lines: str) -> tuple[Field, ...]:
    """Return the fields of lines like ``qos.iops_limit int?``."""
    return tuple(Field(*line.split()) for line in lines)


_NAMED = fields('id str', 'name str', 'context ref')
_SPACE = fields(
    'space.data_reduction float',
    'space.snapshots int',
    'space.thin_provisioning float',
    'space.total_physical int',
    'space.total_provisioned int',
    'space.total_reduction float',
    'space.unique int',
    'space.virtual int',
    'space.total_used int',
)
_PRIORITY = fields(
    'priority_adjustment.priority_adjustment_operator str',
    'priority_adjustment.priority_adjustment_value int',
)
_QOS = fields('qos.bandwidth_limit int?', 'qos.iops_limit int?')
_FADING = fields('destroyed bool', 'time_remaining int?')

VOLUME = (
    *_NAMED,
    *_SPACE,
    *_PRIORITY,
    *_QOS,
    *_FADING,
    *fields(
        'connection_count int',
        'created int',
        'host_encryption_key_status str',
        'provisioned int',
        'serial str',
        'pod ref',
        'priority int',
        'promotion_status str',
        'protocol_endpoint.container_version str?',
        'requested_promotion_state str',
        'source ref',
        'subtype str',
        'volume_group ref',
        'workload ref',
    ),
)
VOLUME_SNAPSHOT = (
    *_NAMED,
    *_SPACE,
    *_FADING,
    *fields(
        'created int',
        'pod ref',
        'provisioned int',
        'source ref',
        'suffix str',
        'serial str',
        'volume_group ref',
    ),
)
TRANSFER = (
    *_NAMED,
    *fields(
        'started int?',
        'completed int?',
        'progress float',
        'data_transferred int',
        'physical_bytes_written int',
        'destroyed bool',
    ),
)
VOLUME_GROUP = (
    *_NAMED,
    *_SPACE,
    *_PRIORITY,
    *_QOS,
    *_FADING,
    *fields('pod ref', 'volume_count int', 'workload ref'),
)
PROTECTION_GROUP = (
    *_NAMED,
    *_FADING,
    *fields(
        'eradication_config.manual_eradication str',
        'host_count int',
        'host_group_count int',
        'is_local bool',
        'pod ref',
        'replication_schedule.enabled bool',
        'replication_schedule.frequency int',
        'replication_schedule.at int?',
        'replication_schedule.blackout.start int?',
        'replication_schedule.blackout.end int?',
        'retention_lock str',
        'snapshot_schedule.enabled bool',
        'snapshot_schedule.frequency int',
        'snapshot_schedule.at int?',
        'source ref',
        'source_retention.all_for_sec int',
        'source_retention.days int',
        'source_retention.per_day int',
        'space.total_physical int',
        'target_count int',
        'target_retention.all_for_sec int',
        'target_retention.days int',
        'target_retention.per_day int',
        'volume_count int',
        'workload ref',
    ),
)
PROTECTION_GROUP_SNAPSHOT = (
    *_NAMED,
    *_FADING,
    *fields(
        'created int',
        'eradication_config.manual_eradication str',
        'pod ref',
        'source ref',
        'space.total_physical int',
        'suffix str',
    ),
)
TARGET = fields(
    'context ref',
    'allowed bool',
    'group ref',
    'member ref',
    'member.resource_type str',
    'status str',
)
REMOTE_PROTECTION_GROUP = (
    *_NAMED,
    *_FADING,
    *fields(
        'is_local bool',
        'remote ref',
        'source ref',
        'target_retention.all_for_sec int',
        'target_retention.days int',
        'target_retention.per_day int',
    ),
)
MEMBER = fields('context ref', 'group ref', 'member ref')
_POD_ARRAY = (
    'id str',
    'name str',
    'frozen_at int?',
    'mediator_status str',
    'pre_elected bool',
    'progress float?',
    'status str',
)
POD = (
    *_NAMED,
    *_FADING,
    *fields(
        *(f'arrays[].{line}' for line in _POD_ARRAY),
        'arrays[].member ref',
        'arrays[].member.resource_type str',
        'members[].name str',
        'array_count int',
        'eradication_config.manual_eradication str',
        'failover_preferences list',
        'footprint int',
        'link_source_count int',
        'link_target_count int',
        'mediator str',
        'mediator_version str?',
        'promotion_status str',
        'quota_limit int?',
        'requested_promotion_state str',
        'source ref',
        'space.replication int',
        'space.total_physical int',
        'space.total_provisioned int',
        'space.total_used int',
    ),
)
POD_REPLICA_LINK = fields(
    'id str',
    'context ref',
    'direction str',
    'lag int?',
    'local_pod ref',
    'paused bool',
    'recovery_point int?',
    'remote_pod ref',
    'remotes[].name str',
    'remotes[].id str',
    'status str',
)
ARRAY_CONNECTION = (
    *_NAMED,
    *fields(
        'encryption str',
        'management_address str?',
        'remote ref',
        'replication_addresses list',
        'replication_transport str',
        'status str',
        'throttle.default_limit int?',
        'throttle.window.start int?',
        'throttle.window.end int?',
        'throttle.window_limit int?',
        'type str',
        'version str',
    ),
)
HOST = fields(
    'context ref',
    'name str',
    'chap.host_user str?',
    'chap.host_password str?',
    'chap.target_user str?',
    'chap.target_password str?',
    'connection_count int',
    'host_group ref',
    'iqns list',
    'nqns list',
    'wwns list',
    'is_local bool',
    'personality str?',
    'port_connectivity.status str',
    'port_connectivity.details str?',
    'preferred_arrays list',
    'space.total_physical int',
    'destroyed bool',
    'time_remaining int?',
    'vlan str?',
)
HOST_GROUP = fields(
    'context ref',
    'name str',
    'connection_count int',
    'host_count int',
    'is_local bool',
    'space.total_physical int',
)
CONNECTION = fields(
    'context ref',
    'host ref',
    'host_group ref',
    'lun int?',
    'nsid int?',
    'protocol_endpoint ref',
    'volume ref',
)
ARRAY = (
    *_NAMED,
    *fields(
        '_as_of int',
        'banner str',
        'capacity int',
        'console_lock_enabled bool',
        'encryption.data_at_rest.enabled bool',
        'eradication_config.enabled_delay int',
        'eradication_config.disabled_delay int',
        'eradication_config.manual_eradication str',
        'idle_timeout int',
        'ntp_servers list',
        'os str',
        'parity float',
        'scsi_timeout int',
        'space.total_physical int',
        'space.total_provisioned int',
        'space.total_reduction float',
        'time_zone str',
        'version str',
    ),
)
TAG = fields(
    'context ref',
    'copyable bool',
    'key str',
    'namespace str',
    'resource ref',
    'value str',
)
SESSION = fields(
    'id str?',
    'name str?',
    'start_time int',
    'end_time int?',
    'event str?',
    'event_count int?',
    'location str',
    'method str',
    'user str',
    'user_interface str',
)
CONTROLLER = fields(
    'name str',
    'type str',
    'status str',
    'mode str',
    'model str',
    'version str',
    'mode_since int',
)
PORT = fields(
    'name str',
    'iqn str?',
    'portal str?',
    'nqn str?',
    'wwn str?',
    'failover str?',
)
NETWORK_INTERFACE = fields(
    'name str',
    'enabled bool',
    'interface_type str',
    'services list',
    'speed int',
    'fc.wwn str?',
    'eth.subtype str?',
    'eth.subinterfaces list',
    'eth.address str?',
    'eth.vlan int?',
    'eth.mac_address str?',
    'eth.netmask str?',
    'eth.gateway str?',
    'eth.mtu int?',
    'eth.subnet ref',
)
HARDWARE = fields(
    'name str', 'type str', 'model str?', 'serial str?', 'status str'
)

KINDS = {
    'volumes': VOLUME,
    'volume-snapshots': VOLUME_SNAPSHOT,
    'volume-snapshots/transfer': TRANSFER,
    'volume-groups': VOLUME_GROUP,
    'protection-groups': PROTECTION_GROUP,
    'protection-group-snapshots': PROTECTION_GROUP_SNAPSHOT,
    'protection-group-snapshots/transfer': TRANSFER,
    'protection-groups/targets': TARGET,
    'protection-groups/volumes': MEMBER,
    'protection-groups/hosts': fields('group ref', 'member ref'),
    'protection-groups/host-groups': fields('group ref', 'member ref'),
    'remote-protection-groups': REMOTE_PROTECTION_GROUP,
    'pods': POD,
    'pods/arrays': MEMBER,
    'pod-replica-links': POD_REPLICA_LINK,
    'array-connections': ARRAY_CONNECTION,
    'hosts': HOST,
    'host-groups': HOST_GROUP,
    'host-groups/hosts': fields('group ref', 'member ref'),
    'connections': CONNECTION,
    'arrays': ARRAY,
    'volumes/tags': TAG,
    'sessions': SESSION,
    'controllers': CONTROLLER,
    'ports': PORT,
    'network-interfaces': NETWORK_INTERFACE,
    'hardware': HARDWARE,
}
ENVELOPE = (
    'continuation_token',
    'items',
    'more_items_remaining',
    'total_item_count',
)


def kind_of(path: str) -> tuple[Field, ...]:
    """Return the table of the items of a path; () if there is none."""
    return KINDS.get(path.removesuffix('/batch'), ())


def problems(table: Iterable[Field], model: Any, item: Any) -> Iterator[str]:
    """Say of each field that breaks its rule what is wrong with it.

    ``model`` is the vendor's model of the item.
    """
    for field in table:
        for value in _at(item, model, field.path.split('.')):
            if not _allowed(field, value):
                shown = 'missing' if value is _MISSING else repr(value)
                yield f'{field.path} must be {field.type}, is {shown}'


def _at(item: Any, model: Any, path: list[str]) -> Iterator[Any]:
    """Return what is at a path, nothing if the model has no such path."""
    if not path:
        yield item
        return
    name = path[0].removesuffix('[]')
    field = vendor.field_of(model, name)
    if field is None:
        return
    inner = vendor.model_of(field)
    if not isinstance(item, dict) or name not in item:
        yield _MISSING
    elif not path[0].endswith('[]'):
        yield from _at(item[name], inner, path[1:])
    elif not isinstance(item[name], list):
        yield _MISSING
    else:
        for element in item[name]:
            yield from _at(element, inner, path[1:])


def _allowed(field: Field, value: Any) -> bool:
    if value is None:
        return field.may_be_null
    return _TYPES[field.type.removesuffix('?')](value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES = {
    'str': lambda value: isinstance(value, str),
    'int': lambda value: _is_number(value) and isinstance(value, int),
    'float': _is_number,
    'bool': lambda value: isinstance(value, bool),
    'list': lambda value: isinstance(value, list),
    'ref': lambda value: isinstance(value, dict) and 'name' in value,
}
