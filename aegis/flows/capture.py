# SPDX-License-Identifier: Apache-2.0
"""Capture: keep a fresh copy of the group's metadata."""

import collections.abc
from typing import Any

from taskflow.patterns import linear_flow

from aegis import models
from aegis.flows import registry, report
from aegis.tasks import base, capture

CAPTURE = 'capture.group'


def get_capture_group_flow(
    environment: base.LaneEnvironment,
) -> linear_flow.Flow:
    """One bulk capture for all members."""
    return linear_flow.Flow(CAPTURE).add(capture.CaptureGroup(environment))


class CaptureFlow:
    """One lane for the whole group."""

    type = models.OperationType.CAPTURE

    def plan(
        self,
        group: models.FailoverGroup,
        members: collections.abc.Sequence[models.Member],
    ) -> list[registry.LanePlan]:
        return [registry.LanePlan('capture', CAPTURE, wave=0)]

    def build(self, environment: base.LaneEnvironment) -> linear_flow.Flow:
        return get_capture_group_flow(environment)

    def report(
        self,
        operation: models.Operation,
        lanes: collections.abc.Sequence[models.Lane],
        steps: collections.abc.Sequence[models.Step],
    ) -> dict[str, Any]:
        return report.capture(operation, lanes, steps)
