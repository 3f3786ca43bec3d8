# SPDX-License-Identifier: Apache-2.0
"""What has to be run before a flow can be: read off the state machine."""

import collections
from collections.abc import Sequence

from aegis import models
from aegis.common import states

START = models.GroupState.PROTECTED


def path(
    flow: models.OperationType,
    flows: Sequence[models.OperationType],
) -> tuple[models.OperationType, ...]:
    """The fewest operations after which a protected group allows a flow.

    :param flows: the operations that can be run.
    :raises LookupError: when there is no way.
    """
    first: tuple[models.OperationType, ...] = ()
    queue = collections.deque([(START, first)])
    seen = {START}
    while queue:
        state, taken = queue.popleft()
        if _allows(state, flow):
            return taken
        for each in flows:
            after = _after(state, each)
            if after is not None and after not in seen:
                seen.add(after)
                queue.append((after, (*taken, each)))
    raise LookupError(f'nothing leads to a group that allows {flow}')


def _allows(state: models.GroupState, flow: models.OperationType) -> bool:
    if not states.changes_group(flow):
        return True
    return state in states.group_states_before(f'{flow}.start')


def _after(
    state: models.GroupState, flow: models.OperationType
) -> models.GroupState | None:
    """Where an operation leads that succeeds."""
    if not states.changes_group(flow) or not _allows(state, flow):
        return None
    started = states.group_after(state, f'{flow}.start')
    return states.group_after(started, f'{flow}.succeeded')
