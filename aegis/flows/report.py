# SPDX-License-Identifier: Apache-2.0
"""What is said of a run when it has ended."""

import collections
import collections.abc
import datetime
from typing import Any

from aegis import models
from aegis.common import documents, names
from aegis.tasks import compute, fence, network, storage

Steps = collections.abc.Sequence[models.Step]


def failover(
    operation: models.Operation,
    lanes: collections.abc.Sequence[models.Lane],
    steps: Steps,
) -> dict[str, Any]:
    """Recovery point, recovery time, and a line per member.

    ``rpo_seconds`` is by the arrays' own clocks, ``rto_seconds`` ends when
    Nova says that the last server was launched.
    """
    current = _current(lanes, steps)
    by_lane: dict[str, list[models.Step]] = {}
    for step in current:
        by_lane.setdefault(step.lane_id, []).append(step)
    return {
        **_recovery_point(current),
        **_recovery_time(operation, current),
        'fence': _fence(current),
        'members': [
            _member(lane, by_lane.get(lane.id, ()))
            for lane in lanes
            if lane.member_id
        ],
        'seconds': time_split(current),
    }


def capture(
    operation: models.Operation,
    lanes: collections.abc.Sequence[models.Lane],
    steps: Steps,
) -> dict[str, Any]:
    """How long it took, and of whom."""
    return {'seconds': time_split(_current(lanes, steps))}


def time_split(steps: Steps) -> dict[str, dict[str, float]]:
    """Seconds by step and by the service that was waited for.

    Lanes run side by side, so these are sums of work, not of wall time.
    ``aegis`` is what is left of a step when all services are taken off.
    """
    totals: dict[str, collections.defaultdict[str, float]] = {}
    for step in steps:
        if step.finished_at is None:
            continue
        split = totals.setdefault(step.name, collections.defaultdict(float))
        wall = (step.finished_at - step.started_at).total_seconds()
        split['wall'] += wall
        split['aegis'] += max(0.0, wall - sum(step.service_seconds.values()))
        for service, seconds in step.service_seconds.items():
            split[service] += seconds
    return {
        name: {key: round(value, 3) for key, value in split.items()}
        for name, split in totals.items()
    }


def _current(
    lanes: collections.abc.Sequence[models.Lane], steps: Steps
) -> list[models.Step]:
    attempts = {lane.id: lane.attempt for lane in lanes}
    return [
        step for step in steps if attempts.get(step.lane_id) == step.attempt
    ]


def _result(steps: Steps, task: Any) -> Any:
    for step in steps:
        if step.name == task.step and step.result is not None:
            return documents.from_document(task.result_type, step.result)
    return None


def _recovery_point(steps: Steps) -> dict[str, Any]:
    chosen = _result(steps, storage.ResolveRecoveryPoint)
    if chosen is None:
        return {}
    age = chosen.array_now - chosen.point.created_at
    return {
        'recovery_point': {
            'id': names.recovery_point_id(chosen.point.name),
            'created_at': documents.to_document(chosen.point.created_at),
        },
        'rpo_seconds': round(age.total_seconds(), 3),
    }


def _recovery_time(
    operation: models.Operation, steps: Steps
) -> dict[str, Any]:
    launched: list[datetime.datetime] = [
        server.launched_at
        for step in steps
        if (server := _result([step], compute.CreateServer))
        and server.launched_at
    ]
    if not launched:
        return {}
    seconds = (max(launched) - operation.created_at).total_seconds()
    return {'rto_seconds': round(seconds, 3)}


def _fence(steps: Steps) -> dict[str, Any] | None:
    report = _result(steps, fence.FenceProtectedSite)
    if report is None:
        return None
    return {
        'fenced': report.fenced,
        'reason': report.reason,
        'replication_paused': report.replication_paused,
    }


def _member(lane: models.Lane, steps: Steps) -> dict[str, Any]:
    server = _result(steps, compute.CreateServer)
    floating = _result(steps, network.AssociateFloatingIps) or ()
    return {
        'member_id': lane.member_id,
        'name': lane.name,
        'result': str(lane.state),
        'error_code': lane.error_code,
        'reason': lane.reason,
        'server_id': server.server_id if server else None,
        'floating_ips': [
            {'was': each.source_address, 'is': each.address}
            for each in floating
        ],
    }
