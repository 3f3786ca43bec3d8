# SPDX-License-Identifier: Apache-2.0
"""The journal of one run of one lane.

It knows the rows of the lane's present attempt, so that reading costs
nothing, and each transition is one transaction: from a step to the next one,
from the last step to the end of the lane. It belongs to the thread that runs
the lane.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

from oslo_db import exception as db_exception
from oslo_log import log as logging

from aegis import models
from aegis.common import clock, documents, exception, names, states
from aegis.common import context as aegis_context
from aegis.common import failure as aegis_failure
from aegis.journal import store as journal_store

LOG = logging.getLogger(__name__)

P = ParamSpec('P')
T = TypeVar('T')
Context = aegis_context.RequestContext
Failure = aegis_failure.Failure
Conclusion = Callable[
    [Context, models.Claim, models.Step | None, str, str | None], None
]


class LaneUndone(Exception):
    """The lane is to be undone; raised where its steps would go on."""


class LaneJournal:
    """What a lane's steps record and find recorded.

    ``reverting`` says that the lane is being undone, ``dropped`` that this
    process has no right, or no time, to go on with it: then every writing
    method raises :class:`~aegis.common.exception.FenceLost`. ``lost`` says
    that it is so because the database does not work.

    In a member's lane the end of a step is kept until something else is
    written, and written with that: of these there are many. Whoever takes the
    lane over before observes the step anew and finds it done. :meth:`release`
    writes it too; when the claim or the database is lost, it is lost with
    them.

    :param holds: whether the lease of the claim surely holds; see
        :class:`~aegis.journal.leases.Leases`.
    """

    def __init__(
        self,
        context: Context,
        lane: models.Lane,
        claim: models.Claim,
        steps: Iterable[models.Step],
        store: journal_store.JournalStore,
        holds: Callable[[models.Lane], bool] = lambda lane: True,
    ) -> None:
        self._context = context
        self._lane = lane
        self._claim = claim
        self._store = store
        self._holds = holds
        self._rows = {
            step.name: step for step in steps if step.attempt == lane.attempt
        }
        self._ended: models.Step | None = None
        self.reverting = lane.state is models.LaneState.REVERTING
        self.dropped = False
        self.lost = False
        self.failure = (
            Failure(lane.error_code, lane.reason or '')
            if lane.error_code
            else None
        )

    def recorded(self, name: str) -> models.Step | None:
        """The row of a step of the present attempt."""
        return self._rows.get(name)

    @property
    def leftovers(self) -> tuple[models.Leftover, ...]:
        """Everything that could not be undone so far."""
        return tuple(
            leftover
            for step in self._rows.values()
            for leftover in step.leftovers
        )

    def result(self, lane: str, step: str, result_type: Any) -> Any:
        """The result of a step of another lane of the same operation.

        That lane has to have ended.

        :raises LookupError: when that step has not succeeded.
        """
        document = self._write(
            self._store.find_result, self._claim.operation_id, lane, step
        )
        if document is None:
            raise LookupError(f'{step} of lane {lane} has no result')
        return documents.from_document(result_type, document)

    def require_lease(self) -> None:
        """Refuse to act once somebody else may have taken the lane over.

        Asks nobody, so that it can be called before each act.

        :raises aegis.common.exception.FenceLost: when the lease has not been
            renewed all the time.
        """
        if not self._holds(self._lane):
            LOG.warning('Lane %s was not kept by its lease', self._lane.id)
            raise exception.FenceLost

    def begin(
        self, name: str, intent: dict[str, Any], reversible: bool
    ) -> None:
        """Record a step's intent before it does anything.

        A step that was begun before and not ended goes on under its row.

        :raises aegis.common.exception.OperationCancelled: when the user
            asked for it.
        :raises LaneUndone: when the lane is to be undone for another reason.
        """
        known = self._rows.get(name)
        step = known or models.Step(
            id=_step_id(self._lane, name),
            lane_id=self._lane.id,
            attempt=self._lane.attempt,
            ordinal=len(self._rows) + 1,
            name=name,
            state=models.StepState.RUNNING,
            intent=intent,
            result=None,
            message=None,
            error_code=None,
            reversible=reversible,
            leftovers=(),
            service_seconds={},
            started_at=clock.now(),
            finished_at=None,
        )
        order = self._commit(
            self._store.begin_step,
            None if known else step,
            not self._committed(name),
        )
        if order is models.Order.CANCEL:
            raise exception.OperationCancelled
        if order is models.Order.UNDO:
            raise LaneUndone
        self._rows[name] = step

    def succeed(
        self,
        name: str,
        result: Any,
        service_seconds: dict[str, float],
    ) -> None:
        """Record what a step observed at its end, as of this moment.

        It is written with whatever is written next; at once if the step is
        irreversible or that of a whole group.
        """
        document = documents.to_document(result)
        if document is None:
            raise TypeError(f'step {name} succeeded without a result')
        if self.dropped:
            raise exception.FenceLost
        step = self._changed(
            name,
            'succeed',
            result=document,
            service_seconds=service_seconds,
            finished_at=clock.now(),
        )
        if step.reversible and self._lane.member_id is not None:
            self._rows[name] = self._ended = step
            return
        # That the point of no return was passed has to be there for whoever
        # comes next: without its result the step would be undone by a lane
        # that is, and this write voids an order to undo it. Steps of a group
        # may not see twice what they saw (a lost site that was left alone),
        # and the next one may take its time before it begins.
        self._save(step, 'succeed')

    def fail(
        self, name: str, failure: Failure, service_seconds: dict[str, float]
    ) -> None:
        """Record a step's failure; its lane reverts from now on."""
        step = self._changed(
            name,
            'fail',
            message=failure.reason,
            error_code=failure.code,
            service_seconds=service_seconds,
            finished_at=clock.now(),
        )
        self._commit(self._store.fail_step, step, failure)
        self._rows[name] = step
        self.reverting = True
        self.failure = failure

    def start_revert(self, failure: Failure | None) -> None:
        """Record that the lane reverts from now on; once is enough."""
        if self.reverting:
            return
        self._commit(self._store.start_revert, failure)
        self.reverting = True
        self.failure = failure

    def begin_undo(self, name: str) -> None:
        """Record that a step is about to be undone."""
        self._save(self._changed(name, 'undo'), 'undo')

    def end_undo(
        self, name: str, leftovers: Iterable[models.Leftover]
    ) -> None:
        """Record that a step was undone, and what remains of it."""
        step = self._changed(
            name,
            'undone',
            leftovers=tuple(leftovers),
            finished_at=clock.now(),
        )
        self._save(step, 'undone')

    def end(self, conclude: Conclusion | None = None) -> models.LaneState:
        """Record the end of the lane and give the claim up.

        :param conclude: writes it instead of the store, for whoever has
            more to write in the same transaction.
        """
        event, reason = self._outcome()
        source = (
            models.LaneState.REVERTING
            if self.reverting
            else models.LaneState.RUNNING
        )
        self._commit(conclude or self._store.end_lane, event, reason)
        self.dropped = True
        return states.lane_after(source, event)

    def drop(self, error: BaseException) -> None:
        """Write nothing any more, because of an error. Idempotent."""
        self.dropped = True
        if isinstance(error, exception.DatabaseUnavailable):
            self.lost = True

    def release(self) -> bool:
        """Let go, so that another engine can take over at once.

        The end of a step that was kept costs no transaction more, and saves
        the other engine from observing it anew.

        :returns: whether the lane waits for one now.
        """
        self.dropped = True
        try:
            self._store.release_lane(self._context, self._claim, self._ended)
            return True
        except exception.FenceLost:
            LOG.info('Lane %s belongs to another engine', self._lane.id)
        except exception.DatabaseUnavailable:
            LOG.warning('Lane %s could not be given up yet', self._lane.id)
        return False

    def _committed(self, name: str) -> bool:
        """Whether the lane has to go on with a step, whatever is ordered.

        It has when it is beyond the point of no return, or may be: a step
        that is never undone was begun before.
        """
        return any(
            not step.reversible
            and (step.state is models.StepState.SUCCEEDED or step.name == name)
            for step in self._rows.values()
        )

    def _outcome(self) -> tuple[str, str | None]:
        if not self.reverting:
            return 'succeed', None
        reason = self.failure.reason if self.failure else None
        if self.leftovers or self._still_standing():
            remains = 'Not everything could be undone; see the leftovers.'
            return 'fail', ' '.join(filter(None, (reason, remains)))
        cancelled = exception.OperationCancelled.code
        if self.failure and self.failure.code == cancelled:
            return 'cancel', reason
        return 'reverted', reason

    def _still_standing(self) -> list[models.Step]:
        return [
            step
            for step in self._rows.values()
            if step.reversible and step.state is not models.StepState.REVERTED
        ]

    def _changed(self, name: str, event: str, **values: Any) -> models.Step:
        step = self._rows[name]
        return dataclasses.replace(
            step, state=states.step_after(step.state, event), **values
        )

    def _save(self, step: models.Step, event: str) -> None:
        self._commit(self._store.record_step, step, event)
        self._rows[step.name] = step

    def _commit(
        self,
        call: Callable[
            Concatenate[Context, models.Claim, models.Step | None, P], T
        ],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Write something, together with the end that was kept for it."""
        answer = self._write(call, self._claim, self._ended, *args, **kwargs)
        self._ended = None
        return answer

    def _write(
        self,
        call: Callable[Concatenate[Context, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        if self.dropped:
            raise exception.FenceLost
        try:
            return call(self._context, *args, **kwargs)
        except exception.FenceLost:
            self.dropped = True
            raise
        except exception.DatabaseUnavailable as error:
            # Without its journal a lane must not go on; whoever can reach
            # the database again takes it up where it was recorded.
            self.drop(error)
            LOG.warning('Lane %s lost its journal', self._lane.id)
            raise exception.Interrupted from error
        except db_exception.DBError as error:
            self.dropped = self.lost = True
            LOG.exception('Lane %s lost its journal', self._lane.id)
            raise exception.Interrupted from error


def _step_id(lane: models.Lane, name: str) -> str:
    return names.record_id(lane.id, lane.attempt, name)
