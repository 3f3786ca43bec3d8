# SPDX-License-Identifier: Apache-2.0
"""The one base of all steps.

A step says three things: how to see that it is done (``observe``), how to
get it done (``act``) and how to make it not so (``undo``). All the rest,
recording, replaying, repeating, waiting, giving up and reverting, is here.
"""

import abc
import dataclasses
import functools
import inspect
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from oslo_config import cfg
from oslo_log import log as logging
from taskflow import task
from taskflow.types import failure as taskflow_failure

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import (
    documents,
    exception,
    faults,
    permits,
    stopwatch,
    waiting,
)
from aegis.common import failure as aegis_failure
from aegis.common import retry as aegis_retry
from aegis.journal import lane as lane_journal
from aegis.tasks import looks as lane_looks
from aegis.tasks import records

if TYPE_CHECKING:
    from aegis.clouds import factory
    from aegis.storage import manager

LOG = logging.getLogger(__name__)

Births = Mapping[str, Collection[str]]

_LET_GO = (
    exception.FenceLost,
    exception.Interrupted,
    exception.DatabaseUnavailable,
)


@dataclasses.dataclass(frozen=True)
class LaneEnvironment:
    """All that the steps of one lane work with.

    ``member`` is None for a lane of the whole group. ``context`` is an
    administrator's with the request id of the operation.
    """

    operation: models.Operation
    lane: models.Lane
    group: models.FailoverGroup
    member: models.Member | None
    context: aegis_context.RequestContext
    journal: lane_journal.LaneJournal
    clouds: 'factory.Clouds'
    storage: 'manager.StorageManager'
    waiter: waiting.Waiter
    conf: cfg.ConfigOpts

    @functools.cached_property
    def records(self) -> records.LaneRecords:
        """What our own records say; the steps of a lane share it."""
        return records.LaneRecords(self.context, self.group, self.member)

    looks: lane_looks.Looks = dataclasses.field(
        default_factory=lane_looks.Looks
    )


class JournaledTask(task.Task):
    """A step of a lane.

    The names of ``observe``'s parameters are the step's inputs: results of
    earlier steps of the lane, under the name that these ``provide``.
    ``intent``, ``act`` and ``undo`` take those of them that they name.

    :attr:`resumed` tells that a run of this step was cut short before, so
    that it may have acted.

    Any method may raise. An error whose ``retryable`` is true is repeated
    as :attr:`retry` allows, any other one fails the step and reverts the
    lane. Time spent waiting is charged to :attr:`service`.
    """

    step: ClassVar[str]
    """Name, unique in its lane and stable for ever: rows are found by it."""

    service: ClassVar[str] = 'aegis'
    """Who is usually waited for: nova, cinder, neutron, array or aegis."""

    result_type: ClassVar[Any]
    """The type of the result, with which it is read back from its row."""

    provides: Any = None
    """Name under which later steps of the lane take the result."""

    reversible: ClassVar[bool] = True
    """False past the point of no return: never undone, never cancelled."""

    retry: ClassVar[aegis_retry.RetryPolicy] = aegis_retry.RetryPolicy()
    """How failed calls of this step are repeated."""

    looks_anew: bool = False
    """Whether no look of an earlier step or another lane is good enough."""

    undo_persists: ClassVar[bool] = False
    """Whether ``undo`` itself asks again for what did not go at once."""

    def __init__(self, environment: LaneEnvironment, **kwargs: Any) -> None:
        inputs = _parameters(type(self).observe)
        super().__init__(
            name=kwargs.pop('name', self.step),
            provides=kwargs.pop('provides', type(self).provides),
            requires=inputs,
            **kwargs,
        )
        self.environment = environment
        self.pending = 'the wanted state was not seen'
        self.resumed = False
        for method in ('intent', 'act', 'undo'):
            self._check_parameters(method, inputs)

    @property
    def timeout(self) -> float:
        """Seconds until a step that is not done has failed."""
        return float(self.environment.conf.failover.recovery_timeout)

    @property
    def poll_interval(self) -> float:
        """Most seconds between two looks at what is waited for."""
        return float(self.environment.conf.engine.poll_interval)

    def anticipate(self) -> None:
        """Begin, as the lane begins, what takes long and changes nothing.

        It may be in vain: an earlier step may fail, or the lane be undone.
        """

    def intent(self, *args: Any, **inputs: Any) -> dict[str, Any]:
        """What the step is about to do, as JSON without secrets.

        Called once, before anything is done: a resumed step finds it in its
        row.
        """
        return {}

    @abc.abstractmethod
    def observe(self, *args: Any, **inputs: Any) -> Any:
        """See whether it is so: the result, or None when it is not (yet).

        Called before ``act`` and then until it answers. It changes nothing.
        An answer may get lost with the engine until the next step begins, or
        the lane ends; then it is asked for again.
        While it answers None it may say in :attr:`pending` what is missing.
        """

    def act(self, *args: Any, **inputs: Any) -> Births | None:
        """Make it so, or begin to. Called when it was seen not to be so.

        It may be called again after an engine was killed inside it, so it
        looks by name or birth tag before it creates.

        :returns: the ids of all that it made at :attr:`service`, by kind, so
            that nobody has to look for them; None when it does not tell.
        """

    def undo(
        self, result: Any, *args: Any, **inputs: Any
    ) -> Sequence[models.Leftover] | None:
        """Make it not so; tolerate that it already is not.

        :param result: what ``observe`` had answered; None when the step
            never succeeded and may yet have left something, to be found by
            its derived name or birth tag.
        :returns: what could not be removed.
        """

    def execute(self, **inputs: Any) -> Any:
        """Bring the step about, or replay it. Not for overriding."""
        journal = self.environment.journal
        row = journal.recorded(self.step)
        if row is not None and row.result is not None:
            return documents.from_document(self.result_type, row.result)
        if journal.reverting:
            raise lane_journal.LaneUndone
        self.resumed = row is not None
        # A call of whoever had the lane before may only now take effect.
        self.looks_anew = self.looks_anew or self.resumed
        try:
            return self._run(inputs)
        except _LET_GO as error:
            journal.drop(error)
            raise

    def revert(
        self,
        result: Any,
        flow_failures: Mapping[str, taskflow_failure.Failure],
        **inputs: Any,
    ) -> None:
        """Undo the step and never raise. Not for overriding."""
        journal = self.environment.journal
        try:
            if not journal.dropped:
                journal.start_revert(_cause(flow_failures))
                self._undo_recorded(result, inputs)
        except _LET_GO as error:
            journal.drop(error)
        except Exception:
            # A bug of ours; the row says that the step was not undone.
            LOG.exception('Step %s could not be reverted', self.step)

    def _run(self, inputs: dict[str, Any]) -> Any:
        environment = self.environment
        environment.waiter.wait(0)
        environment.journal.begin(
            self.step,
            {} if self.resumed else self._call('intent', inputs),
            self.reversible,
        )
        with stopwatch.collect() as account:
            try:
                result = self._reach(inputs)
                environment.journal.succeed(
                    self.step, result, account.seconds()
                )
            except _LET_GO:
                raise
            except Exception as error:
                self._log_failure(error)
                environment.journal.fail(
                    self.step,
                    aegis_failure.describe(error),
                    account.seconds(),
                )
                raise
        faults.point(self.step, 'after')
        return result

    def _reach(self, inputs: dict[str, Any]) -> Any:
        waiter = self.environment.waiter
        begun = waiter.monotonic()
        deadline = begun + self.timeout
        acted = False
        failures = aegis_retry.Failures(self.retry, self._seed)
        while True:
            try:
                result = self._call('observe', inputs)
                if result is not None:
                    return result
                if not acted:
                    self._act(inputs)
                    acted = True
                    failures.forget()
                    begun = waiter.monotonic()
                    continue
                failures.forget()
                pause = waiting.patience(
                    waiter.monotonic() - begun, self.poll_interval
                )
            except Exception as error:
                if not failures.allow(error):
                    raise
                LOG.warning('Step %s is repeated: %s', self.step, error)
                pause = failures.pause()
                reason = str(getattr(error, 'summary', error))
                self._pause(pause, deadline, reason)
            else:
                self._pause(pause, deadline, self.pending)

    def _act(self, inputs: dict[str, Any]) -> None:
        faults.point(self.step, 'before')
        require_lease = self.environment.journal.require_lease
        require_lease()
        born: Births | None = None
        try:
            with permits.checked(require_lease):
                born = self._call('act', inputs)
        finally:
            self._account_for(born)
            self._touch()
        faults.point(self.step, 'acting')

    def _account_for(self, born: Births | None) -> None:
        looks = self.environment.looks
        if born is None:
            looks.doubt(self.service)
        for kind, ids in (born or {}).items():
            looks.bear(kind, ids)

    def _pause(self, seconds: float, deadline: float, reason: str) -> None:
        waiter = self.environment.waiter
        remaining = deadline - waiter.monotonic()
        if remaining <= 0:
            raise exception.StepTimeout(
                step=self.step, seconds=self.timeout, reason=reason
            )
        with stopwatch.measure(self.service):
            waiter.wait(min(seconds, remaining))
        self._touch()
        self.environment.journal.require_lease()

    def _touch(self) -> None:
        environment = self.environment
        environment.looks.touch(self.service, environment.waiter.monotonic())

    def _undo_recorded(self, result: Any, inputs: dict[str, Any]) -> None:
        journal = self.environment.journal
        row = journal.recorded(self.step)
        if row is None or row.state is models.StepState.REVERTED:
            return
        if not row.reversible and row.result is not None:
            LOG.warning('Step %s is past undoing and stays', self.step)
            return
        LOG.warning(
            'Undoing step %s of lane %s', self.step, self.environment.lane.id
        )
        if isinstance(result, taskflow_failure.Failure):
            result = None
        journal.begin_undo(self.step)
        self.looks_anew = True
        faults.point(self.step, 'undoing')
        journal.require_lease()
        with permits.checked(journal.require_lease):
            leftovers = self._undo_patiently(row, result, inputs)
        faults.point(self.step, 'undone')
        journal.end_undo(self.step, leftovers)

    def _undo_patiently(
        self, row: models.Step, result: Any, inputs: dict[str, Any]
    ) -> Sequence[models.Leftover]:
        failures = aegis_retry.Failures(self.retry)
        refusals = 0
        while True:
            try:
                leftovers = self._call('undo', inputs, result=result) or ()
            except _LET_GO:
                raise
            except Exception as error:
                if not failures.allow(error):
                    LOG.exception('Step %s could not be undone', self.step)
                    return (self._debt(row, error),)
            else:
                refusals += 1
                believed = refusals >= self.retry.undo_attempts
                if not leftovers or self.undo_persists or believed:
                    return leftovers
            self.environment.waiter.wait(
                self.retry.interval(failures.number + refusals, self._seed)
            )

    def _debt(self, row: models.Step, error: Exception) -> models.Leftover:
        return models.Leftover(
            service=self.service,
            resource_type='step',
            resource_id=row.id,
            name=self.step,
            reason=aegis_failure.describe(error).reason,
        )

    @property
    def _seed(self) -> str:
        return f'{self.environment.lane.id}:{self.step}'

    def _call(self, method: str, inputs: dict[str, Any], **more: Any) -> Any:
        function = getattr(self, method)
        wanted = _parameters(getattr(type(self), method))
        given = {**inputs, **more}
        return function(**{name: given[name] for name in wanted})

    def _check_parameters(self, method: str, inputs: Sequence[str]) -> None:
        known = {*inputs, *(('result',) if method == 'undo' else ())}
        unknown = set(_parameters(getattr(type(self), method))) - known
        if unknown:
            raise TypeError(
                f'{type(self).__name__}.{method} takes {sorted(unknown)}, '
                f'which observe does not'
            )

    def _log_failure(self, error: Exception) -> None:
        if isinstance(getattr(error, 'code', None), str):
            LOG.error('Step %s failed: %s', self.step, error)
        else:
            LOG.error('Step %s failed unexpectedly', self.step, exc_info=error)


class UndoLane(task.Task):
    """The last task of a lane that is to be undone: it makes TaskFlow do so.

    Before it, steps that had succeeded are replayed, so that each is undone
    with its own result.
    """

    def execute(self) -> None:
        """Fail, always."""
        raise lane_journal.LaneUndone

    def revert(self, *args: Any, **kwargs: Any) -> None:
        """Nothing was done."""


@functools.cache
def _parameters(function: Any) -> tuple[str, ...]:
    """The names a method takes, without self and open-ended ones."""
    named = (
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    )
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return tuple(
        parameter.name for parameter in parameters if parameter.kind in named
    )


def _cause(
    flow_failures: Mapping[str, taskflow_failure.Failure],
) -> aegis_failure.Failure | None:
    """Why the flow reverts, None when the lane's row already tells it."""
    for failure in flow_failures.values():
        if failure.check(lane_journal.LaneUndone) is None:
            return aegis_failure.describe(failure.exception)
    return None
