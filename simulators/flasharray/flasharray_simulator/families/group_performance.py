# SPDX-License-Identifier: Apache-2.0
"""/protection-groups/performance/replication: bytes on the wire."""

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import protection
from flasharray_simulator.families import performance
from flasharray_simulator.listing import Listing


def get(call: Call) -> Answer:
    """List a sample of now for each group."""
    array = call.array
    return Listing(
        label=protection.LABEL,
        collection=array.protection_groups,
        render=lambda group: _sample(
            array,
            group,
            sum(
                _rate(array, group, target)
                for target in array.group_targets.by('group', group.id)
            ),
        ),
        destroyed=lambda group: group.destroyed is not None,
        totals=('bytes_per_sec',),
    ).answer(call)


def get_by_array(call: Call) -> Answer:
    """List a sample of now for each target of each group."""
    array = call.array

    def of_group(name: str) -> list[model.GroupTarget]:
        group = protection.find(array, name)
        return array.group_targets.by('group', group.id)

    def is_destroyed(target: model.GroupTarget) -> bool:
        group = array.protection_groups[target.group_id]
        return group.destroyed is not None

    return Listing(
        label=protection.LABEL,
        collection=array.group_targets,
        render=lambda target: _by_array(array, target),
        destroyed=is_destroyed,
        by_group=of_group,
        name_of=lambda target: array.protection_groups[target.group_id].name,
        with_prefix=lambda prefix: [
            target
            for group in array.protection_groups.with_prefix(prefix)
            for target in array.group_targets.by('group', group.id)
        ],
        totals=('bytes_per_sec',),
    ).answer(call)


def _rate(
    array: FlashArray, group: model.ProtectionGroup, target: model.GroupTarget
) -> int:
    key = target.id if group.local else group.id
    return array.traffic.rate(key, array.now())


def _sample(
    array: FlashArray, group: model.ProtectionGroup, rate: int
) -> Item:
    return {
        'id': group.id,
        'name': group.name,
        'bytes_per_sec': rate,
        'time': array.now(),
    }


def _by_array(array: FlashArray, target: model.GroupTarget) -> Item:
    group = array.protection_groups[target.group_id]
    ends = (array.name, target.array_name)
    if not group.local:
        ends = (group.source_array, array.name)
    return {
        **_sample(array, group, _rate(array, group, target)),
        'source': ends[0],
        'target': ends[1],
    }


_PARAMETERS = ('destroyed', *performance.TIMES)
_PATH = 'protection-groups/performance/replication'

ROUTES = (
    Route('GET', _PATH, get, _PARAMETERS),
    Route('GET', f'{_PATH}/by-array', get_by_array, _PARAMETERS),
)
