# SPDX-License-Identifier: Apache-2.0
"""/protection-group-snapshots/transfer: how far replication is."""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import group_snapshots
from flasharray_simulator.families.protection_group_snapshots import (
    of_group,
    of_sources,
)
from flasharray_simulator.listing import Listing


def _render(array: FlashArray, transfer: model.Transfer) -> Item:
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


def _of_name(array: FlashArray, name: str) -> list[model.Transfer]:
    snapshot = array.group_snapshots.find(name)
    snapshots = [snapshot] if snapshot else of_group(array, name)
    if snapshots is None:
        raise errors.does_not_exist(group_snapshots.LABEL, name)
    return [
        transfer
        for found in snapshots
        for transfer in array.transfers.by('snapshot', found.id)
    ]


def _with_prefix(array: FlashArray, prefix: str) -> list[model.Transfer]:
    return [
        transfer
        for snapshot in array.group_snapshots.with_prefix(prefix)
        for transfer in array.transfers.by('snapshot', snapshot.id)
    ]


def get(call: Call) -> Answer:
    array = call.array
    sources = of_sources(call)
    candidates = None
    if sources is not None:
        candidates = [
            transfer
            for snapshot in sources
            for transfer in array.transfers.by('snapshot', snapshot.id)
        ]

    def destroyed(transfer: model.Transfer) -> bool:
        snapshot = array.group_snapshots[transfer.group_snapshot_id]
        return snapshot.destroyed is not None

    return Listing(
        label=group_snapshots.LABEL,
        collection=array.transfers,
        render=lambda transfer: _render(array, transfer),
        visible=lambda transfer: (
            transfer.started is not None
            and array.group_snapshots.get(transfer.group_snapshot_id)
            is not None
        ),
        destroyed=destroyed,
        by_group=lambda name: _of_name(array, name),
        name_of=lambda transfer: (
            array.group_snapshots[transfer.group_snapshot_id].name
        ),
        with_prefix=lambda prefix: _with_prefix(array, prefix),
    ).answer(call, candidates)


ROUTES = (
    Route(
        'GET',
        'protection-group-snapshots/transfer',
        get,
        ('destroyed', 'source_names'),
    ),
)
