# SPDX-License-Identifier: Apache-2.0
"""Looking at an operation again and again until it has ended."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

from keystoneauth1 import exceptions as keystone_exceptions

from aegisclient import exceptions
from aegisclient.sdk.v1 import operation

#: What goes away by itself: a restart of the API, a lost connection.
PASSING = (
    exceptions.ServiceUnavailable,
    keystone_exceptions.ConnectionError,
)


@dataclasses.dataclass(frozen=True)
class Pace:
    """Seconds between two looks, and without an answer before giving up."""

    interval: float
    patience: float


def follow(
    look: Callable[[], operation.Operation],
    pace: Pace,
    wait: Callable[[float], Any],
    on_trouble: Callable[[Exception], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[operation.Operation]:
    """Yield what ``look`` returns until it has ended.

    :raises aegisclient.exceptions.OperationLost: if there was no answer for
        longer than ``pace.patience``.
    """
    answered_at = clock()
    while True:
        try:
            current = look()
        except PASSING as error:
            _give_up_after(clock() - answered_at, pace, error)
            if on_trouble is not None:
                on_trouble(error)
        else:
            answered_at = clock()
            yield current
            if current.is_ended:
                return
        wait(pace.interval)


def _give_up_after(silence: float, pace: Pace, error: Exception) -> None:
    if silence >= pace.patience:
        raise exceptions.OperationLost(
            f'The disaster recovery service has not answered for '
            f'{silence:.0f} seconds; the operation may still be running. '
            f'{error}'
        ) from error
