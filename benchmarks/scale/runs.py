# SPDX-License-Identifier: Apache-2.0
"""One failover, run and recorded."""

import dataclasses
import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aegis import models
from aegis.common import states
from aegis.db import lanes, operations, steps
from benchmarks import processes
from benchmarks.scale import deployment, estate

_LONGEST_SECONDS = 7200.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Call:
    """A call that Aegis made; ended is in seconds of the epoch.

    seconds is what the one who was called says that it took, 0 if unknown.
    """

    name: str
    ended: float
    is_further_page: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Run:
    """What was recorded of a failover.

    Seconds of processor time are those of all engines, of the database and
    of the emulation; memory is the peak of the largest engine in bytes.
    The wall is that
    from the moment an engine has found the operation: nobody casts it here.
    """

    members: int
    engines: int
    wall: float
    engine_cpu: float
    database_cpu: float
    world_cpu: float
    memory: int
    steps: tuple[models.Step, ...]
    lanes: tuple[models.Lane, ...]
    calls: tuple[Call, ...]
    array_calls: tuple[Call, ...]


def fail_over(
    world: estate.Estate,
    deployed: deployment.Deployment,
    engines: Sequence[processes.Running],
    group: models.FailoverGroup,
    latency: float,
) -> Run:
    """Fail a group over to the other site, whose calls take some time.

    :raises RuntimeError: when the operation does not succeed.
    """
    context = deployment.context(group.project_id)
    world.lose(latency)
    before = _costs(world, deployed, engines)
    clock = time.time() - time.monotonic()
    operation = operations.create_operation(
        context, group.id, models.OperationType.FAILOVER, {}
    )

    def ended() -> bool:
        for engine in engines:
            engine.require()
        found = operations.get_operation(context, operation.id)
        return found.state in states.OPERATION_ENDED

    processes.until(ended, 'the failover', _LONGEST_SECONDS, _POLL_SECONDS)
    after = _costs(world, deployed, engines)
    calls = world.calls()
    array_calls = world.array_calls()
    world.bring_back()
    operation = operations.get_operation(context, operation.id)
    if operation.state is not models.OperationState.SUCCEEDED:
        raise RuntimeError(
            f'The failover {operation.state}: {operation.state_reason}'
        )
    found = lanes.list_lanes(context, operation.id)
    spent = dataclasses.asdict(after)
    for name, value in dataclasses.asdict(before).items():
        spent[name] -= value
    return Run(
        members=sum(lane.member_id is not None for lane in found),
        engines=len(engines),
        wall=_seconds(operation.started_at, operation.finished_at),
        **spent,
        memory=max(engine.cost().memory for engine in engines),
        steps=tuple(steps.list_steps(context, operation.id)),
        lanes=tuple(found),
        calls=tuple(_call(each, clock) for each in calls),
        array_calls=tuple(_array_call(each) for each in array_calls),
    )


@dataclass(frozen=True)
class _Costs:
    engine_cpu: float
    database_cpu: float
    world_cpu: float


def _costs(
    world: estate.Estate,
    deployed: deployment.Deployment,
    engines: Sequence[processes.Running],
) -> _Costs:
    server = deployed.database.server
    return _Costs(
        engine_cpu=sum(engine.cost().cpu for engine in engines),
        database_cpu=server.cost().cpu if server else 0.0,
        world_cpu=world.cpu(),
    )


def _call(entry: dict[str, Any], clock: float) -> Call:
    return Call(
        name=entry['name'],
        ended=entry['at'] + clock,
        is_further_page='marker=' in entry['path'],
    )


def _array_call(entry: dict[str, Any]) -> Call:
    return Call(
        name=f'{entry["method"]} {entry["path"]}',
        ended=entry['time'] / 1000,
        seconds=entry['seconds'],
    )


def _seconds(
    started: datetime.datetime | None, finished: datetime.datetime | None
) -> float:
    assert started is not None and finished is not None
    return (finished - started).total_seconds()
