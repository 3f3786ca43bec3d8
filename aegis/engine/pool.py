# SPDX-License-Identifier: Apache-2.0
"""The lanes of one process: claimed as threads are free, run side by side."""

import threading
import time

import futurist
from oslo_log import log as logging

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import exception
from aegis.db import lanes, operations
from aegis.engine import runner, services
from aegis.journal import store as journal_store

LOG = logging.getLogger(__name__)


class LanePool:
    """One dispatcher thread and a pool of lane threads.

    The dispatcher moves operations on and claims lanes whenever somebody
    calls :meth:`submit`, whenever a lane ends, and every ``[engine]
    scan_interval`` seconds for what nobody told of: lost messages and the
    lanes of engines that died. It never claims more than can run at once.

    What the database failed to record, or to tell us that it had, is found
    by the same scan: lanes that are ours by their rows and are not run here
    are given up, to be claimed again.

    :param owner: a name no other process has, nor an earlier one of ours.
    """

    def __init__(self, engine_services: services.Services, owner: str) -> None:
        self._services = engine_services
        self._conf = engine_services.conf.engine
        self._owner = owner
        self._executor = futurist.ThreadPoolExecutor(
            max_workers=self._conf.max_concurrent_lanes
        )
        self._runner = runner.LaneRunner(
            engine_services,
            owner,
            journal_store.DatabaseStore(),
            self._note_release,
        )
        self._condition = threading.Condition()
        self._awake = False
        self._submitted: dict[str, None] = {}
        self._released: dict[str, None] = {}
        # By lane and fence: a lane that was lost and taken back runs twice
        # until the earlier run finds out.
        self._running: set[tuple[str, int]] = set()
        self._next_scan = 0.0
        self._dispatcher = threading.Thread(
            target=self._dispatch, name='aegis-dispatcher', daemon=True
        )

    @property
    def running(self) -> int:
        """How many runs of lanes there are in this process now."""
        with self._condition:
            return len(self._running)

    def start(self) -> None:
        """Begin to claim lanes; the first scan is at once."""
        self._dispatcher.start()

    def submit(self, operation_id: str) -> None:
        """See to an operation soon. Returns at once."""
        with self._condition:
            self._submitted[operation_id] = None
        self.wake()

    def wake(self) -> None:
        """Look for lanes to claim soon."""
        with self._condition:
            self._awake = True
            self._condition.notify_all()

    def stop(self, timeout: float) -> list[str]:
        """Let all lanes go between two steps, and claim no more.

        Nothing is undone. A lane that is inside a call for longer than
        ``timeout`` seconds is left to its lease.

        :returns: ids of the operations that wait for another engine.
        """
        self._services.waiter.stop()
        self.wake()
        if self._dispatcher.is_alive():
            self._dispatcher.join(timeout)
        with self._condition:
            if not self._condition.wait_for(
                lambda: not self._running, timeout
            ):
                LOG.warning(
                    '%d lanes did not stop in %s seconds; their leases run '
                    'out',
                    len(self._running),
                    timeout,
                )
            released = list(self._released)
        self._executor.shutdown(wait=False)
        return released

    def _dispatch(self) -> None:
        while not self._services.waiter.stopping:
            try:
                self._round()
            except exception.DatabaseUnavailable:
                LOG.warning('Nothing is claimed; it is repeated')
            except Exception:
                LOG.exception('Looking for lanes failed; it is repeated')
            self._sleep()

    def _round(self) -> None:
        context = aegis_context.admin_context(overwrite=True)
        for operation_id in self._to_advance(context):
            try:
                runner.advance(context, operation_id)
            except exception.DatabaseUnavailable:
                raise
            except Exception:
                LOG.exception('Operation %s cannot go on', operation_id)
        self._claim(context)

    def _to_advance(self, context: runner.Context) -> list[str]:
        with self._condition:
            self._awake = False
            wanted, self._submitted = self._submitted, {}
        if time.monotonic() >= self._next_scan:
            self._next_scan = time.monotonic() + self._conf.scan_interval
            self._release_others(context)
            wanted |= dict.fromkeys(operations.list_active(context))
        return list(wanted)

    def _release_others(self, context: runner.Context) -> None:
        # Nobody but this thread adds lanes to those that run, so none can
        # be claimed between the look and the release.
        with self._condition:
            kept = {lane_id for lane_id, _ in self._running}
        released = lanes.release_others(context, self._owner, kept)
        if released:
            LOG.info('%d lanes were not run and are given up', released)

    def _claim(self, context: runner.Context) -> None:
        free = self._conf.max_concurrent_lanes - self.running
        if free <= 0 or self._services.waiter.stopping:
            return
        claimed = lanes.claim_lanes(
            context,
            self._owner,
            free,
            self._conf.max_concurrent_lanes_per_operation,
            self._conf.lease_seconds,
        )
        for lane in claimed:
            with self._condition:
                self._running.add((lane.id, lane.fence))
            self._executor.submit(self._run, lane)

    def _run(self, lane: models.Lane) -> None:
        try:
            self._runner.run(lane)
        finally:
            with self._condition:
                self._running.remove((lane.id, lane.fence))
            self.wake()

    def _sleep(self) -> None:
        with self._condition:
            self._condition.wait_for(
                lambda: self._awake or self._services.waiter.stopping,
                max(0.0, self._next_scan - time.monotonic()),
            )

    def _note_release(self, operation_id: str) -> None:
        with self._condition:
            self._released[operation_id] = None
