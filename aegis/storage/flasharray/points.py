# SPDX-License-Identifier: Apache-2.0
"""Which copies of replication groups an array holds, and how old.

A point counts as complete when its transfer ended with progress 1.0 and
none of its volume snapshots is destroyed. That a snapshot is listed at the
target means nothing: it is so from the start of its transfer on. Which
volumes the group had at that instant is told by the copies alone.
"""

import collections
import collections.abc
import dataclasses
import datetime

from aegis.storage import base, errors
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import names, records

Groups = collections.abc.Sequence[base.ReplicationGroup]
Found = dict[base.ReplicationGroup, list[base.RecoveryPoint]]


@dataclasses.dataclass(frozen=True)
class _Candidate:
    """A group snapshot that is complete as far as its own record tells."""

    snapshot: records.Snapshot
    completed_at: datetime.datetime


class Points:
    """Reads recovery points of protection groups at one array."""

    def __init__(self, client: rest.Client, array_name: str) -> None:
        self._client = client
        self._array = array_name

    def newest(self, groups: Groups, limit: int, sent: bool = False) -> Found:
        """List the newest complete points of each group, newest first.

        Of a group that this array owns, any snapshot is complete here;
        with ``sent`` only those that have arrived at the other arrays.
        """
        waiting = self._candidates(groups, sent)
        found: Found = {group: [] for group in groups}
        while True:
            chosen: dict[base.ReplicationGroup, list[_Candidate]] = {}
            for group, points in found.items():
                missing = max(limit - len(points), 0)
                chosen[group] = waiting[group][:missing]
                waiting[group] = waiting[group][missing:]
            if not any(chosen.values()):
                return found
            self._append_complete(found, chosen)

    def require_complete(self, point: base.RecoveryPoint) -> None:
        """Refuse a point that is not complete here (any more).

        Raises :class:`~aegis.storage.errors.PointIncomplete`.
        """
        if self._owns(point.group):
            snapshot = self._client.group_snapshot(point.name)
            complete = snapshot is not None and not snapshot.destroyed
        else:
            transfers = self._client.transfer(point.name)
            complete = _completion(transfers) is not None
        if not complete:
            raise errors.PointIncomplete(
                f'The recovery point {point.name} on {self._array} is not '
                f'complete or does not exist any more.'
            )

    def _owns(self, group: base.ReplicationGroup) -> bool:
        return names.same(group.array, self._array)

    def _candidates(
        self, groups: Groups, sent: bool
    ) -> dict[base.ReplicationGroup, list[_Candidate]]:
        local = {g: names.local_group(g, self._array) for g in groups}
        completed = {
            name: _completion(transfers)
            for name, transfers in _by_name(
                self._client.transfers(local.values())
            ).items()
        }
        snapshots = collections.defaultdict(list)
        for snapshot in self._client.group_snapshots(local.values()):
            group_key = names.key(names.group_of(snapshot.name))
            snapshots[group_key].append(snapshot)
        result: dict[base.ReplicationGroup, list[_Candidate]] = {}
        for group, name in local.items():
            held = self._owns(group) and not sent
            result[group] = []
            for snapshot in sorted(
                snapshots[names.key(name)],
                key=lambda snapshot: snapshot.created,
                reverse=True,
            ):
                completed_at = (
                    snapshot.created
                    if held
                    else completed.get(names.key(snapshot.name))
                )
                if completed_at is not None:
                    result[group].append(_Candidate(snapshot, completed_at))
        return result

    def _append_complete(
        self,
        found: Found,
        chosen: dict[base.ReplicationGroup, list[_Candidate]],
    ) -> None:
        copies = collections.defaultdict(list)
        for copy in self._client.copies(
            candidate.snapshot.name
            for candidates in chosen.values()
            for candidate in candidates
        ):
            copies[names.key(names.point_of(copy.name))].append(copy)
        for group, candidates in chosen.items():
            for candidate in candidates:
                there = copies[names.key(candidate.snapshot.name)]
                if there and not any(copy.destroyed for copy in there):
                    found[group].append(
                        _recovery_point(group, candidate, there)
                    )


def _by_name(
    transfers: collections.abc.Iterable[records.Transfer],
) -> dict[str, list[records.Transfer]]:
    """Sort transfers: at the owner there is one for each target."""
    result = collections.defaultdict(list)
    for transfer in transfers:
        result[names.key(transfer.name)].append(transfer)
    return result


def _completion(
    transfers: collections.abc.Sequence[records.Transfer],
) -> datetime.datetime | None:
    """Tell when all had arrived, None while something has not."""
    times = [t.completed for t in transfers if t.complete and t.completed]
    if not times or len(times) < len(transfers):
        return None
    return max(times)


def _recovery_point(
    group: base.ReplicationGroup,
    candidate: _Candidate,
    copies: collections.abc.Sequence[records.Snapshot],
) -> base.RecoveryPoint:
    point = candidate.snapshot.name
    return base.RecoveryPoint(
        group=group,
        name=point,
        created_at=min(copy.created for copy in copies),
        completed_at=candidate.completed_at,
        size_bytes=sum(copy.size_bytes for copy in copies),
        volumes=tuple(
            base.PointVolume(
                volume=names.original(group, point, copy.name, copy.source),
                name=copy.name,
                size_bytes=copy.size_bytes,
            )
            for copy in sorted(copies, key=lambda copy: copy.name)
        ),
    )


def copies_of(
    point: base.RecoveryPoint, volumes: collections.abc.Iterable[str]
) -> list[base.PointVolume]:
    """Find the copies of these volumes in a point, in order.

    Raises :class:`~aegis.storage.errors.PointIncomplete` when one has none.
    """
    copies = {names.key(copy.volume): copy for copy in point.volumes}
    wanted = list(volumes)
    missing = [name for name in wanted if names.key(name) not in copies]
    if missing:
        raise errors.PointIncomplete(
            f'The recovery point {point.name} has no copy of '
            f'{", ".join(missing)}.'
        )
    return [copies[names.key(name)] for name in wanted]
