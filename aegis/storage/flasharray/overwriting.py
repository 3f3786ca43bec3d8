# SPDX-License-Identifier: Apache-2.0
"""Fill volumes that exist with their copies in a recovery point."""

import collections
import collections.abc
import dataclasses

from aegis.storage import base, errors
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import names, points, records, settling, tagged

Overwrites = collections.abc.Sequence[base.Overwrite]


@dataclasses.dataclass(frozen=True)
class _Plan:
    """What is there, and what must be saved and filled."""

    found: list[tagged.TaggedVolume]
    save: list[base.Overwrite]
    fill: list[tuple[base.Overwrite, records.Copy]]

    def __bool__(self) -> bool:
        return bool(self.fill)


class _Overwriting:
    """One call of :func:`overwrite`."""

    def __init__(
        self,
        client: rest.Client,
        point: base.RecoveryPoint,
        overwrites: Overwrites,
    ) -> None:
        self._client = client
        self._overwrites = overwrites
        self._copies = points.copies_of(point, [o.volume for o in overwrites])

    def look(self) -> _Plan:
        """Check every guard, and find out what is still to be done."""
        volumes = {
            names.key(found.volume.name): found
            for found in tagged.read(
                self._client, [o.target for o in self._overwrites]
            )
        }
        saved = {
            names.key(snapshot.name): snapshot
            for snapshot in self._client.volume_snapshots(
                _safety_snapshot(o) for o in self._overwrites
            )
        }
        plan = _Plan([], [], [])
        for overwrite, copy in zip(
            self._overwrites, self._copies, strict=True
        ):
            found = _same_volume(volumes, overwrite)
            plan.found.append(found)
            snapshot = saved.get(names.key(_safety_snapshot(overwrite)))
            if snapshot is not None and snapshot.destroyed:
                raise errors.GuardFailed(
                    f'The safety snapshot {snapshot.name} was destroyed.'
                )
            if snapshot is not None and found.carries([_mark(overwrite)]):
                continue
            _require_unused(found)
            if snapshot is None:
                plan.save.append(overwrite)
            plan.fill.append(
                (overwrite, records.Copy(found.volume.name, copy.name))
            )
        return plan

    def act(self, plan: _Plan) -> None:
        """Save all, fill all, and leave a mark on what was filled."""
        for suffix, overwrites in _by_safety_name(plan.save).items():
            self._client.snapshot_volumes(
                [overwrite.target for overwrite in overwrites], suffix
            )
        self._client.copy([copy for _, copy in plan.fill], overwrite=True)
        filled = [overwrite for overwrite, _ in plan.fill]
        for overwrites in _by_safety_name(filled).values():
            self._client.tag(
                [overwrite.target for overwrite in overwrites],
                [_mark(overwrites[0])],
            )


def overwrite(
    client: rest.Client, point: base.RecoveryPoint, overwrites: Overwrites
) -> list[base.PromotedVolume]:
    """Replace contents; answers in order.

    A volume whose safety snapshot exists and that carries the mark of it is
    done. One with the snapshot but no mark was interrupted, and since
    nothing may be connected in between it can be filled again.
    """
    if not overwrites:
        return []
    for item in overwrites:
        tagged.require(item.tags)
    overwriting = _Overwriting(client, point, overwrites)
    plan = settling.settle(overwriting.look, overwriting.act)
    return [found.promoted() for found in plan.found]


def _mark(overwrite: base.Overwrite) -> base.Tag:
    return base.Tag(tagged.OVERWRITTEN_KEY, overwrite.safety_name)


def _safety_snapshot(overwrite: base.Overwrite) -> str:
    return f'{overwrite.target}.{overwrite.safety_name}'


def _by_safety_name(
    overwrites: collections.abc.Iterable[base.Overwrite],
) -> dict[str, list[base.Overwrite]]:
    result = collections.defaultdict(list)
    for item in overwrites:
        result[item.safety_name].append(item)
    return result


def _same_volume(
    volumes: dict[str, tagged.TaggedVolume], overwrite: base.Overwrite
) -> tagged.TaggedVolume:
    found = volumes.get(names.key(overwrite.target))
    if found is None:
        raise errors.GuardFailed(
            f'There is no volume {overwrite.target} on the array.'
        )
    if not names.same(found.volume.serial, overwrite.serial):
        raise errors.GuardFailed(
            f'The volume {overwrite.target} has the serial '
            f'{found.volume.serial}, not {overwrite.serial}.'
        )
    if not found.carries(overwrite.tags):
        raise errors.BirthTagMissing(
            f'The volume {overwrite.target} does not carry the birth tags.'
        )
    return found


def _require_unused(found: tagged.TaggedVolume) -> None:
    if found.volume.connections:
        raise errors.VolumeInUse(
            f'A host is connected to the volume {found.volume.name}.'
        )
