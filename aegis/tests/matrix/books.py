# SPDX-License-Identifier: Apache-2.0
"""What Aegis' own records say of a group and of all its operations."""

import dataclasses
from collections.abc import Iterator

from aegis import models
from aegis.common import states
from aegis.db import groups, lanes, members, operations, session, steps
from aegis.tests.matrix import rows, verdict

_SHORT = 8


@dataclasses.dataclass(frozen=True)
class Account:
    """An operation with all its rows."""

    operation: models.Operation
    lanes: tuple[models.Lane, ...]
    steps: tuple[models.Step, ...]

    @property
    def ended(self) -> bool:
        return self.operation.state in states.OPERATION_ENDED

    @property
    def recovered(self) -> frozenset[str]:
        """Ids of the members whose lanes have succeeded."""
        return frozenset(
            lane.member_id
            for lane in self.lanes
            if lane.member_id and lane.state is models.LaneState.SUCCEEDED
        )

    def debts(self, current: bool) -> Iterator[verdict.Debt]:
        """The leftovers that are listed.

        :param current: only those of the present attempt of each lane.
        """
        by_id = {lane.id: lane for lane in self.lanes}
        for step in self.steps:
            lane = by_id[step.lane_id]
            if not current or step.attempt == lane.attempt:
                for leftover in step.leftovers:
                    yield verdict.Debt(_short(lane.member_id), leftover)

    def progress(self) -> int:
        """How far it has come, as a number that never falls."""
        return sum(
            1 + (step.finished_at is not None) for step in self.steps
        ) + sum(lane.fence for lane in self.lanes)


@dataclasses.dataclass(frozen=True)
class Books:
    """All rows; ``accounts`` has the newest operation last."""

    group: models.FailoverGroup
    members: tuple[models.Member, ...]
    placements: tuple[models.Placement, ...]
    accounts: tuple[Account, ...]

    @property
    def active(self) -> Account | None:
        """The operation that has not ended."""
        return next((e for e in self.accounts if not e.ended), None)

    def placed(self, site: str) -> Iterator[models.Placement]:
        """Where members live at a site."""
        return (each for each in self.placements if each.site == site)


def read(group_id: str) -> Books:
    """Read all, as of one moment."""
    return _read(rows.context(), group_id)


@session.reader
def _read(context: session.Context, group_id: str) -> Books:
    found = members.list_members(context, group_id)
    return Books(
        group=groups.get_group(context, group_id),
        members=tuple(found),
        placements=tuple(
            members.placements(context, [each.id for each in found])
        ),
        accounts=tuple(
            Account(
                operation,
                tuple(lanes.list_lanes(context, operation.id)),
                tuple(steps.list_steps(context, operation.id)),
            )
            for operation in sorted(
                operations.list_operations(context),
                key=lambda each: each.created_at,
            )
        ),
    )


def _short(member_id: str | None) -> str:
    return (member_id or '')[:_SHORT]
