# SPDX-License-Identifier: Apache-2.0
"""The snapshots in offload targets, which ``on`` names."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from flasharray_simulator import errors, model
from flasharray_simulator.array import any_state
from flasharray_simulator.call import Answer, Call, Handler, Item, Query, Route
from flasharray_simulator.collections import Collection
from flasharray_simulator.domain import offloads, protection, volumes
from flasharray_simulator.families import remote_groups, rendering
from flasharray_simulator.listing import Listing, plain

Kept = model.OffloadSnapshot | model.OffloadGroupSnapshot
K = TypeVar('K', model.OffloadSnapshot, model.OffloadGroupSnapshot)


def _target(call: Call) -> model.Offload | None:
    """Return the offload of the call; None if it names an array or none."""
    name = call.query.text('on')
    if name is None or call.array.array_connections.find(name) is not None:
        return None
    return offloads.find(call.array, name)


def _required_target(call: Call) -> model.Offload:
    call.query.required('on')
    return offloads.find(call.array, call.query.values['on'])


def _shown(call: Call, name: str) -> str:
    """Return a name as the call sees it: without the target it gave."""
    return offloads.without_target(name) if call.query.text('on') else name


def _find(call: Call, collection: Collection[K], label: str, name: str) -> K:
    offload = _required_target(call)
    stored = collection.find(offloads.in_target(offload, name))
    if stored is None:
        stored = any_state(label, collection, name)
    return stored


def _render_kept(call: Call, kept: Kept) -> Item:
    array = call.array
    return {
        'id': kept.id,
        'name': _shown(call, kept.name),
        'created': kept.created,
        'destroyed': kept.destroyed is not None,
        'remote': rendering.reference(array.offloads.get(kept.offload_id)),
        'source': {'name': kept.source_name, 'id': kept.source_id},
        'suffix': kept.suffix,
        'time_remaining': array.time_remaining(kept.destroyed),
    }


def _render_volume(call: Call, kept: model.OffloadSnapshot) -> Item:
    return {
        **_render_kept(call, kept),
        'pod': rendering.reference(None),
        'provisioned': kept.provisioned,
    }


def _render_group(call: Call, kept: model.OffloadGroupSnapshot) -> Item:
    return {**_render_kept(call, kept), 'is_local': True}


def _render_transfer(call: Call, kept: Kept, sent: int) -> Item:
    return {
        'id': kept.id,
        'name': _shown(call, kept.name),
        'completed': kept.created,
        'data_transferred': sent,
        'destroyed': kept.destroyed is not None,
        'physical_bytes_written': sent,
        'progress': 1.0,
        'started': kept.created,
    }


def _list(
    call: Call, label: str, collection: Collection[K], render: Any
) -> Answer:
    """List what is in one target, or in all of them."""
    offload = _target(call)
    if offload is None and call.query.text('on'):
        return plain(call, [], label)
    prefix = '' if offload is None else f'{offload.name}:'
    candidates: Iterable[K] | None = None
    if offload is not None:
        candidates = collection.by('offload', offload.id)
    sources = {name.casefold() for name in call.query.many('source_names')}
    if prefix and call.query.many('names'):
        full = ','.join(
            name if collection.find(name) else f'{prefix}{name}'
            for name in call.query.many('names')
        )
        values = {**call.query.values, 'names': full}
        call = replace(call, query=Query(values))
    return Listing(
        label=label,
        collection=collection,
        render=render,
        visible=lambda kept: not sources or _is_of(kept, sources),
        destroyed=lambda kept: kept.destroyed is not None,
        name_of=lambda kept: _shown(call, kept.name),
        with_prefix=lambda start: collection.with_prefix(f'{prefix}{start}'),
    ).answer(call, candidates)


def _is_of(kept: Kept, sources: set[str]) -> bool:
    full = kept.source_name.casefold()
    return full in sources or offloads.without_target(full) in sources


def get_volumes(call: Call) -> Answer:
    return _list(
        call,
        volumes.SNAPSHOT_LABEL,
        call.array.offload_snapshots,
        lambda kept: _render_volume(call, kept),
    )


def get_volume_transfers(call: Call) -> Answer:
    return _list(
        call,
        volumes.SNAPSHOT_LABEL,
        call.array.offload_snapshots,
        lambda kept: _render_transfer(call, kept, kept.data_transferred),
    )


def post_volumes(call: Call) -> Answer:
    array = call.array
    offload = _required_target(call)
    suffix = call.fields('suffix').get('suffix') or None
    made = errors.for_each(
        call.query.required('source_names'),
        lambda name: offloads.keep_volume(
            array, offload, volumes.find_live(array, name), suffix
        ),
    )
    return Answer([_render_volume(call, kept) for kept in made])


def patch_volumes(call: Call) -> Answer:
    array = call.array
    destroyed = call.fields('destroyed').get('destroyed')
    if not isinstance(destroyed, bool):
        raise errors.missing_parameter('destroyed')
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: offloads.set_destroyed(
            array,
            _find(call, array.offload_snapshots, volumes.SNAPSHOT_LABEL, name),
            destroyed,
        ),
    )
    return Answer([_render_volume(call, kept) for kept in changed])


def delete_volumes(call: Call) -> Answer:
    array = call.array

    def eradicate(name: str) -> None:
        kept = _find(
            call, array.offload_snapshots, volumes.SNAPSHOT_LABEL, name
        )
        if kept.destroyed is None:
            raise errors.not_destroyed(volumes.SNAPSHOT_LABEL, name)
        array.offload_snapshots.remove(kept.id)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


def get_groups(call: Call) -> Answer:
    return _list(
        call,
        offloads.GROUP_LABEL,
        call.array.offload_group_snapshots,
        lambda kept: _render_group(call, kept),
    )


def get_group_transfers(call: Call) -> Answer:
    def render(kept: model.OffloadGroupSnapshot) -> Item:
        parts = offloads.parts_of(call.array, kept)
        sent = sum(part.data_transferred for part in parts)
        return {
            **_render_transfer(call, kept, sent),
            'source': {'name': kept.source_name, 'id': kept.source_id},
        }

    return _list(
        call,
        offloads.GROUP_LABEL,
        call.array.offload_group_snapshots,
        render,
    )


def post_groups(call: Call) -> Answer:
    array = call.array
    offload = _required_target(call)
    suffix = (call.body or {}).get('suffix') or None
    made = errors.for_each(
        call.query.required('source_names'),
        lambda name: offloads.keep_group(
            array, offload, protection.find_own(array, name), suffix
        ),
    )
    return Answer([_render_group(call, kept) for kept in made])


def patch_groups(call: Call) -> Answer:
    array = call.array
    destroyed = call.fields('destroyed').get('destroyed')
    if not isinstance(destroyed, bool):
        raise errors.missing_parameter('destroyed')
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: offloads.set_group_destroyed(
            array,
            _find(
                call,
                array.offload_group_snapshots,
                offloads.GROUP_LABEL,
                name,
            ),
            destroyed,
        ),
    )
    return Answer([_render_group(call, kept) for kept in changed])


def delete_groups(call: Call) -> Answer:
    array = call.array

    def eradicate(name: str) -> None:
        kept = _find(
            call, array.offload_group_snapshots, offloads.GROUP_LABEL, name
        )
        if kept.destroyed is None:
            raise errors.not_destroyed(offloads.GROUP_LABEL, name)
        offloads.eradicate_group(array, kept)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


def _here_or_there(here: Handler, there: Handler) -> Handler:
    """Return a handler for offload targets and for connected arrays."""

    def handle(call: Call) -> Answer:
        if remote_groups.is_for_arrays(call):
            return there(call)
        return call.array.run(lambda: here(call))

    return handle


get_any_groups = _here_or_there(get_groups, remote_groups.get_snapshots)
post_any_groups = _here_or_there(post_groups, remote_groups.post_snapshots)
get_any_transfers = _here_or_there(
    get_group_transfers, remote_groups.get_transfers
)

_VOLUMES = 'remote-volume-snapshots'
_GROUPS = 'remote-protection-group-snapshots'
_LIST = ('on', 'destroyed', 'source_names')
_CHANGE = ('on', 'replication_snapshot')
_POST_GROUP = (
    'on',
    'source_names',
    'apply_retention',
    'convert_source_to_baseline',
    'for_replication',
    'replicate',
    'replicate_now',
    'allow_throttle',
)

ROUTES = (
    Route('GET', _VOLUMES, get_volumes, _LIST),
    Route('POST', _VOLUMES, post_volumes, ('on', 'source_names')),
    Route('PATCH', _VOLUMES, patch_volumes, _CHANGE),
    Route('DELETE', _VOLUMES, delete_volumes, _CHANGE),
    Route('GET', f'{_VOLUMES}/transfer', get_volume_transfers, _LIST),
    Route('GET', _GROUPS, get_any_groups, _LIST, locked=False),
    Route('POST', _GROUPS, post_any_groups, _POST_GROUP, locked=False),
    Route('PATCH', _GROUPS, patch_groups, ('on',)),
    Route('DELETE', _GROUPS, delete_groups, ('on',)),
    Route(
        'GET',
        f'{_GROUPS}/transfer',
        get_any_transfers,
        _LIST,
        locked=False,
    ),
)
