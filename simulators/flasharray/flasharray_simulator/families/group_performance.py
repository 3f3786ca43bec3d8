# SPDX-License-Identifier: Apache-2.0
"""/protection-groups/performance/replication: bytes on the wire."""

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import protection
from flasharray_simulator.listing import Listing


def get(call: Call) -> Answer:
    """List a sample of now for each target of each group."""
    array = call.array

    def groups_targets(name: str) -> list[model.GroupTarget]:
        group = protection.find(array, name)
        return array.group_targets.by('group', group.id)

    def is_destroyed(target: model.GroupTarget) -> bool:
        group = array.protection_groups[target.group_id]
        return group.destroyed is not None

    return Listing(
        label=protection.LABEL,
        collection=array.group_targets,
        render=lambda target: _render(array, target),
        destroyed=is_destroyed,
        by_group=groups_targets,
        name_of=lambda target: array.protection_groups[target.group_id].name,
        with_prefix=lambda prefix: [
            target
            for group in array.protection_groups.with_prefix(prefix)
            for target in array.group_targets.by('group', group.id)
        ],
        totals=('bytes_per_sec',),
    ).answer(call)


def _render(array: FlashArray, target: model.GroupTarget) -> Item:
    group = array.protection_groups[target.group_id]
    key = target.id if group.local else group.id
    now = array.now()
    return {
        'id': group.id,
        'name': group.name,
        'bytes_per_sec': array.traffic.rate(key, now),
        'source': array.name if group.local else group.source_array,
        'target': target.array_name if group.local else array.name,
        'time': now,
    }


ROUTES = (
    Route(
        'GET',
        'protection-groups/performance/replication',
        get,
        ('destroyed', 'start_time', 'end_time', 'resolution', 'total_only'),
        since='2.1',
    ),
)
