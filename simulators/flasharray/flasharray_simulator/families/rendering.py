# SPDX-License-Identifier: Apache-2.0
"""Pieces that the items of several families share."""

from collections.abc import Iterable
from typing import Any, Protocol

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item, check_fields
from flasharray_simulator.domain import volumes


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def reference(stored: Named | None) -> Item:
    """Return name and id; both null for nothing, never a bare null."""
    if stored is None:
        return {'name': None, 'id': None}
    return {'name': stored.name, 'id': stored.id}


def no_workload() -> Item:
    """Return the reference of an object that no workload manages."""
    return {**reference(None), 'resource_type': None, 'configuration': None}


def qos(value: model.Qos) -> Item:
    return {
        'bandwidth_limit': value.bandwidth_limit,
        'iops_limit': value.iops_limit,
    }


def space(provisioned: int, written: int, snapshots: int = 0) -> Item:
    """Return the space of an object from its bytes."""
    physical = written + snapshots
    thin = 1 - written / provisioned if provisioned else 0.0
    return {
        'data_reduction': 1.0,
        'footprint': physical,
        'shared': 0,
        'snapshots': snapshots,
        'system': 0,
        'thin_provisioning': round(thin, 6),
        'total_physical': physical,
        'total_provisioned': provisioned,
        'total_reduction': reduction(provisioned, written),
        'total_used': physical,
        'unique': written,
        'used_provisioned': provisioned,
        'virtual': written,
        'replication': 0,
        'replication_effective': 0,
        'snapshots_effective': snapshots,
        'unique_effective': written,
        'shared_effective': 0,
        'total_effective': physical,
    }


def reduction(provisioned: int, written: int) -> float:
    """Return how many times smaller the data is; 1.0 at least."""
    if not written:
        return 1.0
    return round(max(1.0, provisioned / written), 6)


def priority(operator: str, value: int) -> Item:
    return {
        'priority_adjustment_operator': operator,
        'priority_adjustment_value': value,
    }


def read_priority(body: Item, context: str) -> tuple[str, int] | None:
    """Return the priority adjustment of a body, None if it has none."""
    given = body.get('priority_adjustment')
    if given is None:
        return None
    fields = check_fields(
        given,
        ('priority_adjustment_operator', 'priority_adjustment_value'),
    )
    operator = fields.get('priority_adjustment_operator', '+')
    value = fields.get('priority_adjustment_value', 0)
    if operator not in ('+', '-', '=') or value not in (0, 10, -10):
        raise errors.invalid_parameter('priority_adjustment.', context)
    return operator, value


def read_qos(body: Item, present: model.Qos, context: str) -> model.Qos:
    """Return the limits that a body asks for, on top of present ones."""
    given = body.get('qos')
    if given is None:
        return present
    fields = check_fields(given, ('bandwidth_limit', 'iops_limit'))
    return model.Qos(
        _limit(
            fields.get('bandwidth_limit', present.bandwidth_limit),
            volumes.LEAST_BANDWIDTH,
            volumes.MOST_BANDWIDTH,
            'bandwidth_limit',
            context,
        ),
        _limit(
            fields.get('iops_limit', present.iops_limit),
            volumes.LEAST_IOPS,
            volumes.MOST_IOPS,
            'iops_limit',
            context,
        ),
    )


def _limit(
    value: Any, least: int, most: int, name: str, context: str
) -> int | None:
    if value is None or value == '':
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise errors.invalid_parameter(f'{name}.', context)
    if not least <= value <= most:
        raise errors.invalid_parameter(
            f'{name} must be between {least} and {most}.', context
        )
    return value


def volume_space(array: FlashArray, volume: model.Volume) -> Item:
    return volumes_space(array, [volume])


def volumes_space(array: FlashArray, found: Iterable[model.Volume]) -> Item:
    """Return the space of several volumes together, each counted once."""
    unique = {volume.id: volume for volume in found}.values()
    return space(
        sum(volume.provisioned for volume in unique),
        sum(array.content.allocated(volume.content) for volume in unique),
        sum(array.volume_usage.snapshots(volume.id) for volume in unique),
    )


def snapshot_space(array: FlashArray, snapshot: model.VolumeSnapshot) -> Item:
    """Return the space of a snapshot: what nothing newer holds."""
    return space(
        snapshot.provisioned, 0, array.volume_usage.snapshot(snapshot)
    )


def array_space(array: FlashArray) -> Item:
    """Return the space of the array: equal blocks are stored once."""
    stored = array.content.stored_bytes()
    written = array.written()
    unique = min(stored, written)
    return {
        **space(array.provisioned, unique, stored - unique),
        'data_reduction': reduction(written, unique),
        'shared': written - unique,
        'shared_effective': written - unique,
        'virtual': written,
    }


def array_reference(array: FlashArray, name: str) -> Item:
    """Return this array or a connected one by name, with its id."""
    if name.casefold() == array.name.casefold():
        return array.reference()
    peer = array.array_connections.find(name)
    return {'name': name, 'id': peer.peer_id if peer else None}


def read_reference(value: Any, context: str) -> str:
    """Return the name in a reference of a body; '' for an empty one."""
    fields = check_fields(value, ('name', 'id'))
    name = fields.get('name') or ''
    if not isinstance(name, str):
        raise errors.invalid_parameter('reference.', context)
    return name


def eradication_config() -> Item:
    return {'manual_eradication': 'all-enabled'}
