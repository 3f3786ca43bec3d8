# SPDX-License-Identifier: Apache-2.0
import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import webob

from aegis import models
from aegis.api import links
from aegis.api.views import common


def show(
    request: webob.Request, operation: models.Operation
) -> dict[str, Any]:
    """An operation as clients see it, without its lanes."""
    return {
        'id': operation.id,
        'failover_group_id': operation.group_id,
        'type': operation.type.value,
        'state': operation.state.value,
        'state_reason': operation.state_reason,
        'error_code': operation.error_code,
        'arguments': operation.arguments,
        'report': operation.report,
        'attempt': operation.attempt,
        'cancel_requested': operation.cancel_requested,
        'user_id': operation.user_id,
        'request_id': operation.request_id,
        'created_at': common.moment(operation.created_at),
        'started_at': common.moment(operation.started_at),
        'finished_at': common.moment(operation.finished_at),
        'links': links.self_links(request, 'operations', operation.id),
    }


def lanes(
    found: Iterable[models.Lane], steps: Iterable[models.Step]
) -> list[dict[str, Any]]:
    """Lanes, each with the steps of its newest attempt."""
    found = list(found)
    by_lane: dict[tuple[str, int], list[models.Step]] = {
        (lane.id, lane.attempt): [] for lane in found
    }
    for step in steps:
        if (step.lane_id, step.attempt) in by_lane:
            by_lane[step.lane_id, step.attempt].append(step)
    return [_lane(lane, by_lane[lane.id, lane.attempt]) for lane in found]


def steps(
    found: Iterable[models.Lane], taken: Iterable[models.Step]
) -> list[dict[str, Any]]:
    """The steps of all attempts of all lanes."""
    by_id = {lane.id: lane for lane in found}
    return [
        {
            **_step(step),
            'id': step.id,
            'lane_id': step.lane_id,
            'lane': by_id[step.lane_id].name,
            'member_id': by_id[step.lane_id].member_id,
            'attempt': step.attempt,
        }
        for step in taken
    ]


def _lane(lane: models.Lane, taken: Sequence[models.Step]) -> dict[str, Any]:
    return {
        'id': lane.id,
        'name': lane.name,
        'member_id': lane.member_id,
        'wave': lane.wave,
        'state': lane.state.value,
        'direction': lane.direction.value,
        'attempt': lane.attempt,
        'reason': lane.reason,
        'error_code': lane.error_code,
        'started_at': common.moment(lane.started_at),
        'finished_at': common.moment(lane.finished_at),
        'steps': [_step(step) for step in taken],
    }


def _step(step: models.Step) -> dict[str, Any]:
    return {
        'name': step.name,
        'state': step.state.value,
        'message': step.message,
        'error_code': step.error_code,
        'started_at': common.moment(step.started_at),
        'finished_at': common.moment(step.finished_at),
        'leftovers': [
            dataclasses.asdict(leftover) for leftover in step.leftovers
        ],
        'service_seconds': step.service_seconds,
    }
