# SPDX-License-Identifier: Apache-2.0
"""Bring copies of volumes to life as new volumes."""

import collections.abc
import dataclasses

from aegis.storage import base, errors
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import names, points, records, settling, tagged

Promotions = collections.abc.Sequence[base.Promotion]


@dataclasses.dataclass
class _Plan:
    """What is there, by position, and what is still to be done."""

    found: dict[int, tagged.TaggedVolume]
    create: list[records.Copy]
    heal: list[records.Copy]
    recover: list[records.Volume]
    refill: list[records.Copy]

    def __bool__(self) -> bool:
        return bool(self.create or self.heal or self.recover or self.refill)


@dataclasses.dataclass(frozen=True)
class _World:
    """The volumes of the array that matter, at one instant."""

    live: dict[str, tagged.TaggedVolume]
    destroyed: dict[str, tagged.TaggedVolume]

    def bearer(self, promotion: base.Promotion) -> tagged.TaggedVolume | None:
        """Find the live volume of these birth tags, whatever its name."""
        wanted = self.live.get(names.key(promotion.name))
        if wanted is not None and wanted.carries(promotion.tags):
            return wanted
        for volume in self.live.values():
            if volume.carries(_all_tags(promotion)):
                return volume
        return None


class _Promotion:
    """One call of :func:`promote`."""

    def __init__(
        self,
        client: rest.Client,
        point: base.RecoveryPoint,
        promotions: Promotions,
    ) -> None:
        self._client = client
        self._point = point
        self._promotions = promotions
        self._copies = points.copies_of(point, [p.volume for p in promotions])

    def look(self) -> _Plan:
        """Compare what is wanted with what the array has."""
        world = _read(self._client, self._promotions)
        plan = _Plan({}, [], [], [], [])
        for index, promotion in enumerate(self._promotions):
            source = self._copies[index]
            copy = records.Copy(
                promotion.name, source.name, _all_tags(promotion)
            )
            found = world.bearer(promotion)
            if found is None:
                self._plan_missing(plan, world, copy, source)
            elif found.carries([tagged.DISCARDED]):
                _plan_refill(plan, found.volume, copy)
            else:
                _check_size(found.volume, source)
                plan.found[index] = found
        return plan

    def act(self, plan: _Plan) -> None:
        """Make it so, in an order that can be interrupted anywhere."""
        client = self._client
        client.set_destroyed([v.name for v in plan.recover], False)
        if plan.refill:
            client.copy(plan.refill, overwrite=True)
            client.untag([c.name for c in plan.refill], tagged.DISCARDED.key)
        for copy in plan.heal:
            client.tag([copy.name], copy.tags)
        client.copy(plan.create)

    def _plan_missing(
        self,
        plan: _Plan,
        world: _World,
        copy: records.Copy,
        source: base.PointVolume,
    ) -> None:
        live = world.live.get(names.key(copy.name))
        destroyed = world.destroyed.get(names.key(copy.name))
        if live is not None and self._is_half_made(live, source):
            plan.heal.append(copy)
        elif live is not None:
            raise errors.NameTaken(
                f'There is a volume {copy.name} on the array that does not '
                f'carry the birth tags.'
            )
        elif destroyed is None:
            plan.create.append(copy)
        elif destroyed.carries([*copy.tags, tagged.DISCARDED]):
            plan.recover.append(destroyed.volume)
            _plan_refill(plan, destroyed.volume, copy)
        else:
            raise errors.NameTaken(
                f'The name {copy.name} is held by a destroyed volume that '
                f'the array has not eradicated yet.'
            )

    def _is_half_made(
        self, found: tagged.TaggedVolume, source: base.PointVolume
    ) -> bool:
        """Tell whether it is ours and only its tags are missing.

        That happens only where an array cannot make both at once.
        """
        volume = found.volume
        if self._client.can_batch() or found.tags or not volume.source:
            return False
        original = names.original(
            self._point.group, self._point.name, source.name, volume.source
        )
        return names.same(original, source.volume) and not volume.connections


def promote(
    client: rest.Client, point: base.RecoveryPoint, promotions: Promotions
) -> list[base.PromotedVolume]:
    """Make the volumes that do not exist; answers in order.

    A volume counts as made when one carries the birth tags, also when it
    was renamed since.
    """
    if not promotions:
        return []
    _check(promotions)
    promotion = _Promotion(client, point, promotions)
    plan = settling.settle(promotion.look, promotion.act)
    return [plan.found[i].promoted() for i in range(len(promotions))]


def _check(promotions: Promotions) -> None:
    wanted = [names.key(promotion.name) for promotion in promotions]
    if len(set(wanted)) != len(wanted):
        raise errors.GuardFailed(
            'Two volumes are to be promoted under the same name.'
        )
    for promotion in promotions:
        tagged.require(promotion.tags)


def _all_tags(promotion: base.Promotion) -> tuple[base.Tag, ...]:
    """Add the original, since volumes may share their birth tags."""
    origin = base.Tag(tagged.ORIGIN_KEY, promotion.volume)
    return (*promotion.tags, origin)


def _read(client: rest.Client, promotions: Promotions) -> _World:
    wanted = [promotion.name for promotion in promotions]
    bearers = [row.volume for row in client.tags_like(_marks(promotions))]
    live: list[records.Volume] = []
    destroyed: list[records.Volume] = []
    for volume in client.volumes(wanted + bearers, destroyed=None):
        (destroyed if volume.destroyed else live).append(volume)
    return _World(
        _index(tagged.with_tags(client, live)),
        _index(tagged.with_tags(client, destroyed, destroyed=True)),
    )


def _marks(promotions: Promotions) -> set[base.Tag]:
    """Choose tags by which to find all that were promoted before.

    One that all of them share makes one short request.
    """
    common = set.intersection(*(set(p.tags) for p in promotions))
    shared = [tag for tag in promotions[0].tags if tag in common]
    if shared:
        return {tagged.most_selective(shared)}
    return {tagged.most_selective(p.tags) for p in promotions}


def _index(
    volumes: list[tagged.TaggedVolume],
) -> dict[str, tagged.TaggedVolume]:
    return {names.key(found.volume.name): found for found in volumes}


def _plan_refill(
    plan: _Plan, volume: records.Volume, copy: records.Copy
) -> None:
    if volume.connections:
        raise errors.VolumeInUse(
            f'The volume {volume.name} was discarded and is to be filled '
            f'again, but a host is connected to it.'
        )
    plan.refill.append(dataclasses.replace(copy, name=volume.name, tags=()))


def _check_size(volume: records.Volume, source: base.PointVolume) -> None:
    if volume.size_bytes < source.size_bytes:
        raise errors.GuardFailed(
            f'The volume {volume.name} has {volume.size_bytes} bytes, its '
            f'copy in the recovery point {source.size_bytes}.'
        )
