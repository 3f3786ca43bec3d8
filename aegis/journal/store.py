# SPDX-License-Identifier: Apache-2.0
"""What a lane's journal needs of the place its rows are kept in."""

from typing import Any, Protocol

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import failure as aegis_failure
from aegis.db import lanes, steps

Context = aegis_context.RequestContext


class JournalStore(Protocol):
    """Every writing method is one transaction that first checks the claim.

    Then, before all else, it writes ``ended``: a step that has succeeded and
    of which that was not written yet, or None without one. It is written even
    when the answer is an order.

    :raises aegis.common.exception.FenceLost: by every one of them, when the
        claim no longer holds; then nothing was written.
    """

    def begin_step(
        self,
        context: Context,
        claim: models.Claim,
        ended: models.Step | None,
        step: models.Step | None,
        obey: bool,
    ) -> models.Order:
        """Record that a step begins, unless there are other orders.

        :param step: None for one whose row is there from before.
        :param obey: False beyond the point of no return: then the answer is
            always ``PROCEED``.
        """

    def record_step(
        self,
        context: Context,
        claim: models.Claim,
        ended: models.Step | None,
        step: models.Step,
        event: str,
    ) -> None:
        """Record what became of a step."""

    def fail_step(
        self,
        context: Context,
        claim: models.Claim,
        ended: models.Step | None,
        step: models.Step,
        failure: aegis_failure.Failure,
    ) -> None:
        """Record that a step failed and that its lane reverts from now on."""

    def start_revert(
        self,
        context: Context,
        claim: models.Claim,
        ended: models.Step | None,
        failure: aegis_failure.Failure | None,
    ) -> None:
        """Record that a lane reverts from now on.

        :param failure: why; None when the lane's row already says it.
        """

    def end_lane(
        self,
        context: Context,
        claim: models.Claim,
        ended: models.Step | None,
        event: str,
        reason: str | None,
    ) -> None:
        """Record the end of a lane and give the claim up."""

    def release_lane(
        self,
        context: Context,
        claim: models.Claim,
        ended: models.Step | None,
    ) -> None:
        """Give the claim up, so that another engine goes on at once."""

    def find_result(
        self, context: Context, operation_id: str, lane: str, step: str
    ) -> Any:
        """The result of a succeeded step of any lane, None without one."""


class DatabaseStore:
    """The tables ``lanes`` and ``steps``."""

    begin_step = staticmethod(steps.begin_step)
    record_step = staticmethod(steps.record_step)
    fail_step = staticmethod(steps.fail_step)
    find_result = staticmethod(steps.find_result)
    start_revert = staticmethod(lanes.start_revert)
    end_lane = staticmethod(lanes.end_lane)
    release_lane = staticmethod(lanes.release_lane)
