# SPDX-License-Identifier: Apache-2.0
"""The snapshots in offload targets, which ``on`` names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from flasharray_simulator import errors, offload_model
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Handler, Item, Query, Route
from flasharray_simulator.collections import Collection
from flasharray_simulator.domain import offloads, protection, volumes
from flasharray_simulator.families import remote_groups, rendering
from flasharray_simulator.listing import Listing, plain

Kept = offload_model.OffloadSnapshot | offload_model.OffloadGroupSnapshot
K = TypeVar(
    'K', offload_model.OffloadSnapshot, offload_model.OffloadGroupSnapshot
)


def _target(call: Call) -> offload_model.Offload | None:
    """Return the offload of the call; None if it names an array or none."""
    name = call.query.text('on')
    if name is None or call.array.array_connections.find(name) is not None:
        return None
    return offloads.find(call.array, name)


def _required_target(call: Call) -> offload_model.Offload:
    call.query.required('on')
    return offloads.find(call.array, call.query.values['on'])


def _shown(call: Call, name: str) -> str:
    """Return a name as the call sees it: without the target it gave."""
    return offloads.without_target(name) if call.query.text('on') else name


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


def _render_volume(call: Call, kept: offload_model.OffloadSnapshot) -> Item:
    return {
        **_render_kept(call, kept),
        'pod': rendering.reference(None),
        'provisioned': kept.provisioned,
    }


def _render_group(
    call: Call, kept: offload_model.OffloadGroupSnapshot
) -> Item:
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


@dataclass(frozen=True)
class _Family(Generic[K]):
    """What is done alike with both kinds of snapshots."""

    label: str
    collection: Callable[[FlashArray], Collection[K]]
    render: Callable[[Call, K], Item]
    set_destroyed: Callable[[FlashArray, K, bool], K]
    eradicate: Callable[[FlashArray, K], None]

    def get(self, call: Call) -> Answer:
        return self.listed(call, lambda kept: self.render(call, kept))

    def listed(self, call: Call, render: Callable[[K], Item]) -> Answer:
        return _list(call, self.label, self.collection(call.array), render)

    def patch(self, call: Call) -> Answer:
        destroyed = call.fields('destroyed').get('destroyed')
        if not isinstance(destroyed, bool):
            raise errors.missing_parameter('destroyed')
        changed = errors.for_each(
            call.query.required('names'),
            lambda name: self.set_destroyed(
                call.array, self._find(call, name), destroyed
            ),
        )
        return Answer([self.render(call, kept) for kept in changed])

    def delete(self, call: Call) -> Answer:
        def eradicate(name: str) -> None:
            kept = self._find(call, name)
            if kept.destroyed is None:
                raise errors.not_destroyed(self.label, name)
            self.eradicate(call.array, kept)

        errors.for_each(call.query.required('names'), eradicate)
        return Answer()

    def _find(self, call: Call, name: str) -> K:
        collection = self.collection(call.array)
        offload = _required_target(call)
        stored = collection.find(offloads.in_target(offload, name))
        if stored is None:
            stored = any_state(self.label, collection, name)
        return stored


VOLUMES = _Family(
    volumes.SNAPSHOT_LABEL,
    lambda array: array.offload_snapshots,
    _render_volume,
    offloads.set_destroyed,
    offloads.eradicate,
)
GROUPS = _Family(
    offloads.GROUP_LABEL,
    lambda array: array.offload_group_snapshots,
    _render_group,
    offloads.set_group_destroyed,
    offloads.eradicate_group,
)


def get_volume_transfers(call: Call) -> Answer:
    return VOLUMES.listed(
        call,
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


def get_group_transfers(call: Call) -> Answer:
    def render(kept: offload_model.OffloadGroupSnapshot) -> Item:
        parts = offloads.parts_of(call.array, kept)
        sent = sum(part.data_transferred for part in parts)
        return {
            **_render_transfer(call, kept, sent),
            'source': {'name': kept.source_name, 'id': kept.source_id},
        }

    return GROUPS.listed(call, render)


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


def _here_or_there(here: Handler, there: Handler) -> Handler:
    """Return a handler for offload targets and for connected arrays."""

    def handle(call: Call) -> Answer:
        if remote_groups.is_for_arrays(call):
            return there(call)
        return call.array.run(lambda: here(call))

    return handle


get_any_groups = _here_or_there(GROUPS.get, remote_groups.get_snapshots)
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
    Route('GET', _VOLUMES, VOLUMES.get, _LIST),
    Route('POST', _VOLUMES, post_volumes, ('on', 'source_names')),
    Route('PATCH', _VOLUMES, VOLUMES.patch, _CHANGE),
    Route('DELETE', _VOLUMES, VOLUMES.delete, _CHANGE),
    Route('GET', f'{_VOLUMES}/transfer', get_volume_transfers, _LIST),
    Route('GET', _GROUPS, get_any_groups, _LIST, locked=False),
    Route('POST', _GROUPS, post_any_groups, _POST_GROUP, locked=False),
    Route('PATCH', _GROUPS, GROUPS.patch, ('on',)),
    Route('DELETE', _GROUPS, GROUPS.delete, ('on',)),
    Route(
        'GET',
        f'{_GROUPS}/transfer',
        get_any_transfers,
        _LIST,
        locked=False,
    ),
)
