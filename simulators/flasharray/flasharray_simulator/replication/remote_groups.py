# SPDX-License-Identifier: Apache-2.0
"""Protection groups of a connected array, as this array may see them."""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import group_snapshots, protection
from flasharray_simulator.replication.wire import Header, Rejected, Verb

Row = dict[str, object]


def verbs(array: FlashArray) -> dict[str, Verb]:
    return {
        'see-groups': lambda header, _: _groups(array, header),
        'see-snapshots': lambda header, _: _snapshots(array, header),
        'see-transfers': lambda header, _: _transfers(array, header),
        'take-snapshots': lambda header, _: _take(array, header),
    }


def full_name(array: FlashArray, group: model.ProtectionGroup) -> str:
    """Return a group's name among those of several arrays."""
    return f'{array.name}:{group.name}' if group.local else group.name


def _place(
    array: FlashArray, group: model.ProtectionGroup, header: Header
) -> Row:
    return {
        'remote': array.reference(),
        'is_local': not group.local
        and group.source_array.casefold() == header['source'].casefold(),
    }


def _groups(array: FlashArray, header: Header) -> Header:
    return {
        'items': [
            {
                **_place(array, group, header),
                'id': group.id,
                'name': full_name(array, group),
                'destroyed': group.destroyed is not None,
                'source': {'name': group.source_array, 'id': None},
                'target_retention': {
                    'all_for_sec': group.target_retention.all_for_sec,
                    'days': group.target_retention.days,
                    'per_day': group.target_retention.per_day,
                },
                'time_remaining': array.time_remaining(group.destroyed),
            }
            for group in array.protection_groups.ordered()
        ]
    }


def _snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot, header: Header
) -> Row:
    group = array.protection_groups[snapshot.group_id]
    name = full_name(array, group)
    return {
        **_place(array, group, header),
        'id': snapshot.id,
        'name': f'{name}.{snapshot.suffix}',
        'created': snapshot.created,
        'destroyed': snapshot.destroyed is not None,
        'source': {'name': name, 'id': group.id},
        'suffix': snapshot.suffix,
        'time_remaining': array.time_remaining(snapshot.destroyed),
    }


def _snapshots(array: FlashArray, header: Header) -> Header:
    return {
        'items': [
            _snapshot(array, snapshot, header)
            for snapshot in array.group_snapshots.ordered()
        ]
    }


def _transfers(array: FlashArray, header: Header) -> Header:
    rows = []
    for transfer in array.transfers.ordered():
        snapshot = array.group_snapshots.get(transfer.group_snapshot_id)
        if snapshot is None or transfer.started is None:
            continue
        shown = _snapshot(array, snapshot, header)
        rows.append(
            {
                **{key: shown[key] for key in ('id', 'name', 'destroyed')},
                'source': shown['source'],
                'started': transfer.started,
                'completed': transfer.completed,
                'progress': transfer.progress,
                'data_transferred': transfer.data_transferred,
                'physical_bytes_written': transfer.physical_bytes_written,
            }
        )
    return {'items': rows}


def _take(array: FlashArray, header: Header) -> Header:
    try:
        made = errors.for_each(
            header['groups'], lambda name: _take_one(array, name, header)
        )
    except errors.ApiError as error:
        raise Rejected(str(error)) from None
    return {'items': [_snapshot(array, one, header) for one in made]}


def _take_one(
    array: FlashArray, name: str, header: Header
) -> model.GroupSnapshot:
    origin, separator, base = name.partition(':')
    if separator and origin.casefold() == array.name.casefold():
        name = base
    return group_snapshots.request(
        array,
        protection.find_own(array, name),
        group_snapshots.Wish(**header['wish']),
    )
