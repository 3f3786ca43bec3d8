# SPDX-License-Identifier: Apache-2.0
"""/volume-snapshots."""

from dataclasses import replace

from flasharray_simulator import errors, model, names, switches
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import (
    group_snapshots,
    offloads,
    safemode,
    volumes,
)
from flasharray_simulator.families import rendering, tags
from flasharray_simulator.listing import Listing, Quick

LABEL = volumes.SNAPSHOT_LABEL


def render(array: FlashArray, snapshot: model.VolumeSnapshot) -> Item:
    volume = array.volumes.get(snapshot.volume_id)
    group = array.volume_groups.get(volume.volume_group_id if volume else None)
    return {
        'id': snapshot.id,
        'name': snapshot.name,
        'created': snapshot.created,
        'destroyed': snapshot.destroyed is not None,
        'pod': rendering.reference(array.pods.get(snapshot.pod_id)),
        'provisioned': snapshot.provisioned,
        'serial': snapshot.serial,
        'source': _source(array, snapshot),
        'space': rendering.snapshot_space(array, snapshot),
        'suffix': _suffix(array, snapshot),
        'time_remaining': array.time_remaining(
            snapshot.destroyed, _is_locked(array, snapshot)
        ),
        'volume_group': rendering.reference(group),
        '.tags': tags.of(array, snapshot.id),
    }


def _suffix(array: FlashArray, snapshot: model.VolumeSnapshot) -> str:
    group = array.group_snapshots.get(snapshot.group_snapshot_id)
    if (
        group is None
        or switches.MEMBER_SNAPSHOT_SUFFIX.of(array) != 'group-and-volume'
    ):
        return snapshot.suffix
    return f'{snapshot.suffix}.{snapshot.name[len(group.name) + 1 :]}'


def _is_locked(array: FlashArray, snapshot: model.VolumeSnapshot) -> bool:
    group = group_snapshots.group_of(array, snapshot)
    return group is not None and safemode.is_locked(group)


def _source(array: FlashArray, snapshot: model.VolumeSnapshot) -> Item:
    return {
        'name': volumes.source_name(array, snapshot),
        'id': snapshot.volume_id,
    }


QUICK: Quick[model.VolumeSnapshot] = {
    'id': lambda snapshot: snapshot.id,
    'name': lambda snapshot: snapshot.name,
    'created': lambda snapshot: snapshot.created,
    'destroyed': lambda snapshot: snapshot.destroyed is not None,
    'provisioned': lambda snapshot: snapshot.provisioned,
    'serial': lambda snapshot: snapshot.serial,
}


def listing(array: FlashArray) -> Listing[model.VolumeSnapshot]:
    return Listing(
        label=LABEL,
        collection=array.volume_snapshots,
        render=lambda snapshot: render(array, snapshot),
        visible=lambda snapshot: _is_listed(array, snapshot),
        destroyed=lambda snapshot: snapshot.destroyed is not None,
        indexed={'source.name': lambda name: _of_source(array, name)},
        totals=('provisioned',),
        quick={
            **QUICK,
            'source': lambda snapshot: _source(array, snapshot),
        },
    )


def _is_listed(array: FlashArray, snapshot: model.VolumeSnapshot) -> bool:
    """Return whether a snapshot is there, or enough of it has arrived."""
    return (
        snapshot.complete
        or switches.INCOMPLETE_SNAPSHOTS.of(array) == 'listed'
    )


def _of_source(array: FlashArray, name: str) -> list[model.VolumeSnapshot]:
    snapshots = array.volume_snapshots
    found = snapshots.by('source_name', name.casefold())
    volume = array.volumes.find(name)
    if volume is not None:
        found += snapshots.by('source', volume.id)
    return found


def get(call: Call) -> Answer:
    candidates = None
    sources = call.query.many('source_names')
    if sources:
        candidates = [
            snapshot
            for volume in errors.for_each(
                sources, lambda name: volumes.find(call.array, name)
            )
            for snapshot in call.array.volume_snapshots.by('volume', volume.id)
        ]
    return listing(call.array).answer(call, candidates)


def post(call: Call) -> Answer:
    body = call.fields('destroyed', 'suffix', 'tags')
    if call.query.text('on'):
        return _bring_back(call)
    suffix = body.get('suffix') or None
    made = errors.for_each(
        call.query.required('source_names'),
        lambda name: volumes.snapshot(
            call.array, volumes.find_live(call.array, name), suffix
        ),
    )
    for snapshot in made:
        tags.put_all(
            call.array, 'volume-snapshots', snapshot, body.get('tags') or []
        )
    return Answer([render(call.array, snapshot) for snapshot in made])


def _bring_back(call: Call) -> Answer:
    """Restore snapshots from the offload target that the call names."""
    array = call.array
    offload = offloads.find(array, call.query.values['on'])

    def restore(name: str) -> model.VolumeSnapshot:
        kept = any_state(
            volumes.SNAPSHOT_LABEL,
            array.offload_snapshots,
            offloads.in_target(offload, name),
        )
        return offloads.restore(array, kept)

    made = errors.for_each(call.query.required('source_names'), restore)
    return Answer([render(array, snapshot) for snapshot in made])


def post_batch(call: Call) -> Answer:
    """Take different snapshots in one call: all of them or none."""
    array = call.array
    if not isinstance(call.body, list) or not call.body:
        raise errors.missing_parameter()
    most = switches.BATCH_MAXIMUM.of(array)
    if len(call.body) > most:
        raise errors.invalid_parameter(f'more than {most} snapshots.')
    made = errors.for_each(call.body, lambda body: _take(array, body))
    return Answer([render(array, snapshot) for snapshot in made])


def _take(array: FlashArray, wanted: Item) -> model.VolumeSnapshot:
    body = check_fields(
        wanted, ('destroyed', 'suffix', 'tags', 'source_id', 'source_name')
    )
    stored = array.volumes.get(body.get('source_id'))
    name = stored.name if stored else body.get('source_name')
    if not isinstance(name, str) or not name:
        raise errors.missing_parameter('source_name')
    snapshot = volumes.snapshot(
        array, volumes.find_live(array, name), body.get('suffix') or None
    )
    tags.put_all(array, 'volume-snapshots', snapshot, body.get('tags') or [])
    return snapshot


def _find(array: FlashArray, name: str) -> model.VolumeSnapshot:
    snapshot = array.volume_snapshots.find(name)
    if snapshot is None or not _is_listed(array, snapshot):
        raise errors.refused(
            'No such volume or snapshot: it does not exist.', name
        )
    return snapshot


def patch(call: Call) -> Answer:
    body = call.fields('destroyed', 'name')
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: _patch(call, name, body),
    )
    return Answer([render(call.array, snapshot) for snapshot in changed])


def _patch(call: Call, name: str, body: Item) -> model.VolumeSnapshot:
    array = call.array
    snapshot = _find(array, name)
    if 'destroyed' in body:
        _expect_alone(call, snapshot)
    if body.get('destroyed') is True:
        if snapshot.destroyed is not None:
            raise errors.has_been_destroyed(LABEL, name)
        return array.volume_snapshots.put(
            replace(snapshot, destroyed=array.now())
        )
    if body.get('destroyed') is False:
        snapshot = _recover(array, snapshot)
    if body.get('name') is not None:
        return _rename(array, snapshot, body['name'])
    return snapshot


def _expect_alone(call: Call, snapshot: model.VolumeSnapshot) -> None:
    """Raise ApiError for a part that only goes with its group snapshot.

    ``replication_snapshot`` lets a client take single parts of what
    replication uses or has brought.
    """
    array = call.array
    whole = array.group_snapshots.get(snapshot.group_snapshot_id)
    if whole is None:
        return
    group = array.protection_groups[whole.group_id]
    safemode.refuse_if_locked(group)
    wanted = bool(call.query.boolean('replication_snapshot'))
    if not (wanted and group_snapshots.is_needed(array, whole)):
        raise errors.refused(
            'A part of a protection group snapshot cannot be destroyed or'
            ' eradicated alone.',
            snapshot.name,
        )


def _recover(
    array: FlashArray, snapshot: model.VolumeSnapshot
) -> model.VolumeSnapshot:
    volume = array.volumes.get(snapshot.volume_id)
    if volume is not None and volume.destroyed is not None:
        raise errors.has_been_destroyed(volumes.LABEL, volume.name)
    return array.volume_snapshots.put(replace(snapshot, destroyed=None))


def _rename(
    array: FlashArray, snapshot: model.VolumeSnapshot, wanted: str
) -> model.VolumeSnapshot:
    if snapshot.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, snapshot.name)
    if snapshot.group_snapshot_id is not None:
        raise errors.refused(
            'A part of a protection group snapshot cannot be renamed.',
            snapshot.name,
        )
    prefix = snapshot.name[: -len(snapshot.suffix)]
    suffix = wanted
    if wanted.casefold().startswith(prefix.casefold()):
        suffix = wanted[len(prefix) :]
    names.check_suffix(suffix, snapshot.name)
    name = prefix + suffix
    if name.casefold() != snapshot.name.casefold():
        free_name(LABEL, array.volume_snapshots, name)
    return array.volume_snapshots.put(
        replace(snapshot, name=name, suffix=suffix)
    )


def delete(call: Call) -> Answer:
    def eradicate(name: str) -> None:
        snapshot = _find(call.array, name)
        if snapshot.destroyed is None:
            raise errors.not_destroyed(LABEL, name)
        _expect_alone(call, snapshot)
        safemode.refuse_eradication(call.array, name)
        volumes.eradicate_snapshot(call.array, snapshot)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


ROUTES = (
    Route('GET', 'volume-snapshots', get, ('destroyed', 'source_names')),
    Route(
        'POST',
        'volume-snapshots',
        post,
        ('source_names', 'on', 'allow_throttle'),
    ),
    Route(
        'POST',
        'volume-snapshots/batch',
        post_batch,
        ('on', 'allow_throttle'),
    ),
    Route('PATCH', 'volume-snapshots', patch, ('replication_snapshot',)),
    Route('DELETE', 'volume-snapshots', delete, ('replication_snapshot',)),
)
