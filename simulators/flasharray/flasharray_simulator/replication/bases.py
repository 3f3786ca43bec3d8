# SPDX-License-Identifier: Apache-2.0
"""Which content a transfer starts from: what both sides have already."""

from dataclasses import replace

from flasharray_simulator import model, switches
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication.wire import Header

_MOST_CANDIDATES = 64


def candidates(array: FlashArray, part: model.VolumeSnapshot) -> list[str]:
    """Return the contents of the snapshots of a part's volume."""
    return _contents_of(array, part.source_id)


def origins(array: FlashArray, part: model.VolumeSnapshot) -> list[str]:
    """Return what the volume was copied from, if that is to be used.

    The array that replicates back to where a volume came from may find
    the snapshot there that the volume was made of. Whether a real array
    looks for it is not published.
    """
    if switches.REVERSE_BASELINE.of(array) != 'common-snapshot':
        return []
    volume = array.volumes.get(part.volume_id)
    if volume is None or volume.source_id is None:
        return []
    return _contents_of(array, volume.source_id)


def _contents_of(array: FlashArray, source_id: str | None) -> list[str]:
    """Return the newest contents, newest first, without empty ones."""
    found = sorted(
        (s for s in array.volume_snapshots.by('source', source_id)),
        key=lambda snapshot: snapshot.created,
        reverse=True,
    )
    recent = (s.content for s in found if s.complete and s.content)
    return list(dict.fromkeys(recent))[:_MOST_CANDIDATES]


def parts_in_order(
    array: FlashArray, snapshot: model.GroupSnapshot, header: Header
) -> list[model.VolumeSnapshot]:
    """Return the parts in the order of the sender's volumes."""
    found = {
        part.source_id: part
        for part in array.volume_snapshots.by('group_snapshot', snapshot.id)
    }
    return [found[volume['id']] for volume in header['volumes']]


def fit(
    array: FlashArray, snapshot: model.GroupSnapshot, header: Header
) -> bool:
    """Return whether the source still has what the parts start from."""
    parts = parts_in_order(array, snapshot, header)
    return all(
        not part.base
        or part.base in volume['candidates']
        or part.base in volume['origins']
        for part, volume in zip(parts, header['volumes'], strict=True)
    )


def choose(
    array: FlashArray, snapshot: model.GroupSnapshot, header: Header
) -> None:
    """Start each part from the newest content that both sides have."""
    parts = parts_in_order(array, snapshot, header)
    common = _common(array, snapshot, header)
    for part, volume in zip(parts, header['volumes'], strict=True):
        base = common.get(volume['id']) or next(
            (root for root in volume['origins'] if array.content.has(root)),
            '',
        )
        if (part.base, part.content) != (base, base):
            array.volume_snapshots.put(replace(part, base=base, content=base))


def _common(
    array: FlashArray, snapshot: model.GroupSnapshot, header: Header
) -> dict[str, str]:
    """Return per volume the content of the newest common snapshot."""
    wanted = {
        volume['id']: set(volume['candidates'])
        for volume in header['volumes']
        if volume['candidates']
    }
    newest_first = sorted(
        (
            earlier
            for earlier in array.group_snapshots.by('group', snapshot.group_id)
            if earlier.complete
        ),
        key=lambda earlier: earlier.created,
        reverse=True,
    )
    found: dict[str, str] = {}
    for earlier in newest_first:
        if not wanted:
            break
        for part in array.volume_snapshots.by('group_snapshot', earlier.id):
            source_id = part.source_id or ''
            if part.content in wanted.get(source_id, ()):
                found[source_id] = part.content
                del wanted[source_id]
    return found
