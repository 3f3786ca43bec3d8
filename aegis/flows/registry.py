# SPDX-License-Identifier: Apache-2.0
"""Which flows an operation of each type runs.

A new operation type enters Aegis, its engine, its reports and its test rigs
by an entry point in the namespace ``aegis.flows`` and nothing else.
"""

import collections.abc
import dataclasses
import threading
from typing import Any, Protocol

from stevedore import extension
from taskflow.patterns import linear_flow

from aegis import models
from aegis.tasks import base

FINISH_SUFFIX = '.finish'
NAMESPACE = 'aegis.flows'


@dataclasses.dataclass(frozen=True)
class LanePlan:
    """A lane to be made: which flow, for whom, and in which wave."""

    name: str
    flow: str
    wave: int
    member_id: str | None = None


class OperationFlow(Protocol):
    """What the engine needs to know of an operation type."""

    type: models.OperationType

    def plan(
        self,
        group: models.FailoverGroup,
        members: collections.abc.Sequence[models.Member],
    ) -> list[LanePlan]:
        """Lay out the lanes of a run. Pure."""

    def build(self, environment: base.LaneEnvironment) -> linear_flow.Flow:
        """Wire the steps of the environment's lane. No outside calls."""

    def report(
        self,
        operation: models.Operation,
        lanes: collections.abc.Sequence[models.Lane],
        steps: collections.abc.Sequence[models.Step],
    ) -> dict[str, Any]:
        """Sum up a run that has ended, as JSON. Pure."""


_flows: dict[models.OperationType, OperationFlow] = {}
_lock = threading.Lock()


def register(flow: OperationFlow) -> None:
    """Make an operation type known; the newest registration counts."""
    with _lock:
        _load()
        _flows[flow.type] = flow


def operation_flow(operation_type: models.OperationType) -> OperationFlow:
    """The flow of a type.

    :raises KeyError: when none is installed.
    """
    with _lock:
        _load()
        return _flows[operation_type]


def registered() -> tuple[models.OperationType, ...]:
    """All types that can be run."""
    with _lock:
        _load()
        return tuple(_flows)


def _load() -> None:
    if _flows:
        return
    installed: extension.ExtensionManager[OperationFlow] = (
        extension.ExtensionManager(
            NAMESPACE, invoke_on_load=True, on_load_failure_callback=_refuse
        )
    )
    for found in installed:
        if found.obj is not None:
            _flows[found.obj.type] = found.obj


def _refuse(manager: Any, entry_point: Any, error: BaseException) -> None:
    raise error


def is_finish(flow: str) -> bool:
    """Whether a flow is the one that closes an operation."""
    return flow.endswith(FINISH_SUFFIX)
