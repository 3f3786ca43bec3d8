# SPDX-License-Identifier: Apache-2.0
"""How far replication is: of group snapshots and of their volumes."""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import group_snapshots, volumes
from flasharray_simulator.families.protection_group_snapshots import (
    of_group,
    of_sources,
)
from flasharray_simulator.listing import Listing
from flasharray_simulator.replication.group_receiver import part_id

_PARAMETERS = ('destroyed', 'source_names')


def render(array: FlashArray, transfer: model.Transfer) -> Item:
    snapshot = array.group_snapshots[transfer.group_snapshot_id]
    return {
        'id': snapshot.id,
        'name': snapshot.name,
        'started': transfer.started,
        'completed': transfer.completed,
        'progress': transfer.progress,
        'data_transferred': transfer.data_transferred,
        'physical_bytes_written': transfer.physical_bytes_written,
        'destroyed': snapshot.destroyed is not None,
    }


def _has_begun(array: FlashArray, transfer: model.Transfer) -> bool:
    return (
        transfer.started is not None
        and array.group_snapshots.get(transfer.group_snapshot_id) is not None
    )


def _of_snapshots(
    array: FlashArray, snapshots: list[model.GroupSnapshot]
) -> list[model.Transfer]:
    return [
        transfer
        for snapshot in snapshots
        for transfer in array.transfers.by('snapshot', snapshot.id)
    ]


def _of_name(array: FlashArray, name: str) -> list[model.Transfer]:
    """Return the transfers of a group snapshot, or of a whole group."""
    return _of_snapshots(array, _named(array, name))


def _named(array: FlashArray, name: str) -> list[model.GroupSnapshot]:
    snapshot = array.group_snapshots.find(name)
    snapshots = [snapshot] if snapshot else of_group(array, name)
    if snapshots is None:
        raise errors.does_not_exist(group_snapshots.LABEL, name)
    return snapshots


def get(call: Call) -> Answer:
    array = call.array
    sources = of_sources(call)
    candidates = None if sources is None else _of_snapshots(array, sources)

    def is_destroyed(transfer: model.Transfer) -> bool:
        snapshot = array.group_snapshots[transfer.group_snapshot_id]
        return snapshot.destroyed is not None

    return Listing(
        label=group_snapshots.LABEL,
        collection=array.transfers,
        render=lambda transfer: render(array, transfer),
        visible=lambda transfer: _has_begun(array, transfer),
        destroyed=is_destroyed,
        by_group=lambda name: _of_name(array, name),
        name_of=lambda transfer: (
            array.group_snapshots[transfer.group_snapshot_id].name
        ),
        with_prefix=lambda prefix: [
            transfer
            for transfer in _of_snapshots(
                array, array.group_snapshots.with_prefix(prefix)
            )
            if _has_begun(array, transfer)
        ],
        totals=('data_transferred', 'physical_bytes_written'),
    ).answer(call, candidates)


def _record(
    array: FlashArray, snapshot: model.VolumeSnapshot
) -> model.Transfer | None:
    found = array.transfers.by('snapshot', snapshot.group_snapshot_id)
    return next((t for t in found if t.started is not None), None)


def _render_part(array: FlashArray, snapshot: model.VolumeSnapshot) -> Item:
    transfer = _record(array, snapshot)
    assert transfer is not None
    part = array.part_transfers.get(
        part_id(transfer.id, snapshot.source_id or '')
    ) or model.PartTransfer('', transfer.id)
    return {
        'id': snapshot.id,
        'name': snapshot.name,
        'started': transfer.started,
        'completed': transfer.completed,
        'progress': _progress(transfer, part),
        'data_transferred': part.data_transferred,
        'physical_bytes_written': part.physical_bytes_written,
        'destroyed': snapshot.destroyed is not None,
    }


def _progress(transfer: model.Transfer, part: model.PartTransfer) -> float:
    """Return 1.0 for a volume of which all that is to come has come."""
    if transfer.completed is not None or not transfer.total:
        return transfer.progress
    if not part.total:
        return 1.0
    return min(1.0, round(part.data_transferred / part.total, 3))


def get_parts(call: Call) -> Answer:
    array = call.array
    sources = call.query.many('source_names')
    candidates = None
    if sources:
        candidates = [
            snapshot
            for volume in errors.for_each(
                sources, lambda name: volumes.find(array, name)
            )
            for snapshot in array.volume_snapshots.by('source', volume.id)
        ]
    return Listing(
        label=volumes.SNAPSHOT_LABEL,
        collection=array.volume_snapshots,
        render=lambda snapshot: _render_part(array, snapshot),
        visible=lambda snapshot: _record(array, snapshot) is not None,
        destroyed=lambda snapshot: snapshot.destroyed is not None,
        by_group=lambda name: [
            part
            for snapshot in _named(array, name)
            for part in group_snapshots.parts_of(array, snapshot)
        ],
        totals=('data_transferred', 'physical_bytes_written'),
    ).answer(call, candidates)


ROUTES = (
    Route('GET', 'protection-group-snapshots/transfer', get, _PARAMETERS),
    Route(
        'GET',
        'volume-snapshots/transfer',
        get_parts,
        _PARAMETERS,
    ),
)
