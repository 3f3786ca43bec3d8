# SPDX-License-Identifier: Apache-2.0
"""What the journal says of a run."""

from typing import Any

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import states
from aegis.db import lanes, operations, steps


def context() -> aegis_context.RequestContext:
    """Who may see every row."""
    return aegis_context.admin_context(overwrite=False)


def state(operation: models.Operation) -> models.OperationState:
    return operations.get_operation(context(), operation.id).state


def ended(operation: models.Operation) -> bool:
    return state(operation) in states.OPERATION_ENDED


def last_reversible(operation: models.Operation) -> str | None:
    """The step after which a run can be cancelled last."""
    reversible = [
        step
        for step in steps.list_steps(context(), operation.id)
        if step.reversible and step.finished_at
    ]
    return reversible[-1].name if reversible else None


def unfinished(operation: models.Operation) -> str:
    """What a run that does not end is at."""
    asked = context()
    return ', '.join(
        (
            str(state(operation)),
            *(
                f'{lane.name} {lane.state} of {lane.owner}'
                for lane in lanes.list_lanes(asked, operation.id)
                if lane.state not in states.LANE_ENDED
            ),
            *(
                f'{step.name} {step.state}'
                for step in steps.list_steps(asked, operation.id)
                if not step.finished_at
            ),
        )
    )


def written(operation: models.Operation) -> list[Any]:
    """All rows of a run, to be compared."""
    asked = context()
    return [
        lanes.list_lanes(asked, operation.id),
        steps.list_steps(asked, operation.id),
        operations.get_operation(asked, operation.id),
    ]
