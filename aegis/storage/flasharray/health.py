# SPDX-License-Identifier: Apache-2.0
"""How well replication does, as one array tells it."""

import collections
import collections.abc
import datetime

from aegis.storage import base, errors
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import names, points, records

Groups = collections.abc.Sequence[base.ReplicationGroup]
Links = dict[str, bool]


class Health:
    """Reads the replication health of protection groups.

    Its calls grow with the number of groups only.
    """

    def __init__(
        self, client: rest.Client, array_name: str, found: points.Points
    ) -> None:
        self._client = client
        self._array = array_name
        self._points = found

    def of(self, groups: Groups) -> list[base.ReplicationHealth]:
        """Tell each group's health, in order."""
        if not groups:
            return []
        local = [names.local_group(g, self._array) for g in groups]
        schedules = {
            names.key(group.name): group
            for group in self._client.groups(local)
        }
        targets = collections.defaultdict(list)
        for target in self._client.targets(local):
            targets[names.key(target.group)].append(target)
        links = {
            names.key(link.array): link.connected
            for link in self._client.connections()
        }
        newest = self._points.newest(groups, 1, sent=True)
        now = clock(self._client.facts())
        return [
            _health(
                group,
                schedules.get(names.key(name)),
                self._is_linked(group, targets[names.key(name)], links),
                newest[group],
                now,
            )
            for group, name in zip(groups, local, strict=True)
        ]

    def _is_linked(
        self,
        group: base.ReplicationGroup,
        targets: list[records.Target],
        links: Links,
    ) -> bool:
        """Tell whether points can come: link up, and the target allows."""
        if names.same(group.array, self._array):
            others = [target.array for target in targets]
        else:
            others = [group.array]
            targets = [t for t in targets if names.same(t.array, self._array)]
        connected = [links.get(names.key(other), False) for other in others]
        allowed = [target.allowed for target in targets]
        return bool(connected) and all(connected) and all(allowed)


def clock(facts: records.Facts) -> datetime.datetime:
    """Tell the array's own time.

    Raises :class:`~aegis.storage.errors.ArrayFailed` when it told none.
    """
    if facts.now is None:
        raise errors.ArrayFailed(
            f'The array {facts.name} does not tell its time, so that the '
            f'age of recovery points is unknown.'
        )
    return facts.now


def _health(
    group: base.ReplicationGroup,
    schedule: records.Group | None,
    linked: bool,
    newest: list[base.RecoveryPoint],
    now: datetime.datetime,
) -> base.ReplicationHealth:
    enabled = schedule is not None and schedule.schedule_enabled
    interval = schedule.interval_seconds if schedule else None
    point = newest[0] if newest else None
    return base.ReplicationHealth(
        group=group,
        link_connected=linked,
        schedule_enabled=enabled,
        interval_seconds=interval if enabled else None,
        lag_seconds=(
            (now - point.created_at).total_seconds() if point else None
        ),
        newest_point=point.name if point else None,
    )
