# SPDX-License-Identifier: Apache-2.0
"""Many calls at a time, where a service offers none in bulk."""

import concurrent.futures
from collections.abc import Callable, Iterable
from typing import TypeVar

from oslo_context import context

from aegis.common import permits, stopwatch

_Argument = TypeVar('_Argument')
_Result = TypeVar('_Result')

_WORKERS = 8


def each(
    service: str,
    function: Callable[[_Argument], _Result],
    arguments: Iterable[_Argument],
) -> list[_Result]:
    """Call a function once per argument, some at a time.

    The time until all have answered is charged to the service. The calls
    belong to the request of the caller, and may change what it may.

    :raises Exception: the first error; calls not yet begun are not made.
    """
    request = context.get_current()
    allowed = permits.carried(function)

    def call(argument: _Argument) -> _Result:
        if request is not None:
            request.update_store()
        return allowed(argument)

    with (
        stopwatch.measure(service),
        concurrent.futures.ThreadPoolExecutor(_WORKERS) as executor,
    ):
        futures = [executor.submit(call, each) for each in arguments]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()
