# SPDX-License-Identifier: Apache-2.0
"""/protection-groups/targets: where to, and whether it is allowed."""

import time
from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import protection, safemode
from flasharray_simulator.families import sides
from flasharray_simulator.listing import Listing

LABEL = 'Target'
_ANNOUNCING = 5.0


def status_of(
    array: FlashArray, group: model.ProtectionGroup, target: model.GroupTarget
) -> str:
    """Return replicating, suspended (no link) or disallowed."""
    if not target.allowed:
        return 'disallowed'
    peer = target.array_name if group.local else group.source_array
    return 'replicating' if array.is_reachable(peer) else 'suspended'


def render(array: FlashArray, target: model.GroupTarget) -> Item:
    group = array.protection_groups[target.group_id]
    member: Item = {'name': target.array_name, 'id': None}
    connection = array.array_connections.find(target.array_name)
    if not group.local:
        member = array.reference()
    elif connection is not None:
        member['id'] = connection.peer_id
    return {
        'allowed': target.allowed,
        'group': {'name': group.name, 'id': group.id},
        'member': {**member, 'resource_type': 'arrays'},
        'status': status_of(array, group, target),
    }


def _candidates(call: Call) -> list[model.GroupTarget] | None:
    array = call.array
    wanted = call.query.many('group_names')
    members = [m.casefold() for m in call.query.many('member_names')]
    if not wanted and not members:
        return None
    groups = errors.for_each(wanted, lambda name: protection.find(array, name))
    found = (
        [t for g in groups for t in array.group_targets.by('group', g.id)]
        if groups
        else list(array.group_targets)
    )
    return [
        target
        for target in found
        if not members or _member_name(array, target) in members
    ]


def _member_name(array: FlashArray, target: model.GroupTarget) -> str:
    group = array.protection_groups[target.group_id]
    name = target.array_name if group.local else array.name
    return name.casefold()


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.group_targets,
        render=lambda target: render(array, target),
    ).answer(call, _candidates(call))


def post(call: Call) -> Answer:
    call.fields()
    pairs = sides.pairs(call)
    array = call.array
    made = array.run(
        lambda: errors.for_each(pairs, lambda pair: _add(array, *pair))
    )
    deadline = time.monotonic() + _ANNOUNCING
    for target in made:
        _await_announcement(array, target.id, deadline)
    with array.lock:
        return Answer([render(array, target) for target in made])


def _await_announcement(
    array: FlashArray, target_id: str, deadline: float
) -> None:
    """Wait until the target array knows the group, or for long enough.

    Cinder allows the replication of a new group at once, without a look
    whether the target has heard of it.
    """
    while (left := deadline - time.monotonic()) > 0:
        with array.lock:
            generation = array.generation
            target = array.group_targets.get(target_id)
        if target is None or target.announced:
            return
        array.wait_for_change(generation, left)


def _add(array: FlashArray, group_name: str, member: str) -> model.GroupTarget:
    group = protection.find_own(array, group_name)
    connection = array.array_connections.find(member)
    if connection is None:
        raise errors.does_not_exist('Array connection', member)
    identifier = f'{group.id}>{connection.name.casefold()}'
    if array.group_targets.get(identifier) is not None:
        raise errors.refused(
            'Protection group already includes target array.', group_name
        )
    if not array.is_reachable(connection.name):
        raise errors.refused('Target array is not connected.', member)
    return array.group_targets.put(
        model.GroupTarget(identifier, group.id, connection.name)
    )


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields('allowed')
    call.query.required('group_names')
    allowed = body.get('allowed')
    if not isinstance(allowed, bool):
        raise errors.missing_parameter('allowed')
    found = _candidates(call) or []
    if not found:
        raise errors.does_not_exist(
            LABEL, ','.join(call.query.many('group_names'))
        )

    def change(target: model.GroupTarget) -> model.GroupTarget:
        group = array.protection_groups[target.group_id]
        if group.destroyed is not None:
            raise errors.has_been_destroyed(protection.LABEL, group.name)
        if group.local:
            raise errors.refused(
                'Replication is allowed or disallowed on the target array.',
                group.name,
            )
        if not allowed:
            safemode.refuse_if_locked(group)
        if allowed == target.allowed:
            word = 'allowed' if allowed else 'disallowed'
            raise errors.refused(
                f'Protection group is already {word} on {array.name}.',
                group.name,
            )
        return array.group_targets.put(replace(target, allowed=allowed))

    changed = errors.for_each(found, change)
    return Answer([render(array, target) for target in changed])


def delete(call: Call) -> Answer:
    array = call.array

    def remove(pair: tuple[str, str]) -> None:
        group = protection.find_own(array, pair[0])
        safemode.refuse_if_locked(group)
        identifier = f'{group.id}>{pair[1].casefold()}'
        if array.group_targets.get(identifier) is None:
            raise errors.refused(
                'Target could not be found in protection group.', pair[1]
            )
        for transfer in array.transfers.by('group', group.id):
            if (
                transfer.peer.casefold() == pair[1].casefold()
                and transfer.completed is None
            ):
                array.transfers.put(replace(transfer, state='dropped'))
        array.group_targets.remove(identifier)

    pairs = sides.pairs(call)
    errors.for_each(pairs, remove)
    return Answer()


ROUTES = (
    Route('GET', 'protection-groups/targets', get, sides.PARAMETERS),
    Route(
        'POST',
        'protection-groups/targets',
        post,
        sides.PARAMETERS,
        locked=False,
    ),
    Route('PATCH', 'protection-groups/targets', patch, sides.PARAMETERS),
    Route('DELETE', 'protection-groups/targets', delete, sides.PARAMETERS),
)
