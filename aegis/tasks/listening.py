# SPDX-License-Identifier: Apache-2.0
"""Ask for a sign of life while other things are done."""

from collections.abc import Callable
from concurrent import futures

from oslo_context import context
from oslo_log import log as logging

from aegis.common import stopwatch, waiting

LOG = logging.getLogger(__name__)

_CALLS = 2


class Listening:
    """Two calls, of which one answer is enough.

    A single answer may get lost. The second call does not wait until the
    first one has been silent for as long as it may, or a lost site would be
    waited for twice.

    :param call: returns at any sign of life and raises without one.
    :param lost: what it raises then.
    :param pause: seconds between both calls.
    """

    def __init__(
        self,
        call: Callable[[], None],
        lost: tuple[type[BaseException], ...],
        pause: float,
        waiter: waiting.Waiter,
    ) -> None:
        self._call = _belonging_to_request(call)
        self._lost = lost
        self._pause = pause
        self._waiter = waiter
        # Nobody waits for a call whose answer does not matter any more.
        self._pool = futures.ThreadPoolExecutor(
            _CALLS + 1, thread_name_prefix='aegis-listening'
        )
        self._end = self._pool.submit(self._listen)

    def end(self) -> None:
        """Return when there was a sign of life.

        :raises BaseException: that of the second call when there was none.
        """
        with stopwatch.measure('keystone'):
            try:
                self._end.result()
            finally:
                self._pool.shutdown(wait=False)

    def _listen(self) -> None:
        first = self._pool.submit(self._call)
        futures.wait([first], self._pause)
        if first.done():
            try:
                return first.result()
            except self._lost as error:
                LOG.warning('The protected site gives no answer: %s', error)
                self._waiter.wait(self._pause)
        second = self._pool.submit(self._call)
        for ended in futures.as_completed([first, second]):
            if ended.exception() is None:
                return None
        return second.result()


def _belonging_to_request(call: Callable[[], None]) -> Callable[[], None]:
    request = context.get_current()

    def made() -> None:
        if request is not None:
            request.update_store()
        call()

    return made
