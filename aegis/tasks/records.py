# SPDX-License-Identifier: Apache-2.0
"""What our own records say of whom a lane is about."""

import dataclasses
import functools

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.common import context as aegis_context
from aegis.db import checkpoints, members, steps


class LaneRecords:
    """Records that nobody changes while an operation runs; each read once.

    :param member: that of the lane, None for all of the group.
    """

    def __init__(
        self,
        context: aegis_context.RequestContext,
        group: models.FailoverGroup,
        member: models.Member | None,
    ) -> None:
        self._context = context
        self._group = group
        self._member = member

    @functools.cached_property
    def protected_placements(self) -> tuple[models.Placement, ...]:
        """Where the lane's member, or all members, live when protected."""
        wanted = (
            [self._member]
            if self._member
            else members.list_members(self._context, self._group.id)
        )
        return tuple(
            members.placements(
                self._context,
                [each.id for each in wanted],
                site=self._group.protected_site,
            )
        )

    @functools.cached_property
    def manifest(self) -> catalog.GroupManifest:
        """What was captured: of the lane's member, or of all of them.

        A checkpoint may hold members that have been removed since.
        """
        found = catalog.from_checkpoint(
            checkpoints.latest_checkpoint(
                self._context,
                self._group.id,
                member_id=self._member.id if self._member else None,
            )
        )
        placed = {each.member_id for each in self.protected_placements}
        return dataclasses.replace(
            found,
            members=tuple(
                each for each in found.members if each.member_id in placed
            ),
        )

    def earlier(self, lane: models.Lane, step: str) -> list[models.Step]:
        """What earlier attempts of a lane recorded of a step."""
        return [
            row
            for attempt in range(1, lane.attempt)
            for row in steps.list_lane_steps(self._context, lane.id, attempt)
            if row.name == step
        ]
