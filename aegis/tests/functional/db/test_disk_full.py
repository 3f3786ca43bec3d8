# SPDX-License-Identifier: Apache-2.0
"""The disk of the database gets full in the middle of a failover."""

import contextlib
import itertools
import os
import pathlib
import shutil
from collections.abc import Iterator

import fixtures

from aegis import models
from aegis.common import clock, exception, names, states
from aegis.db import groups, operations, session
from aegis.db import models as tables
from aegis.engine import pool, runner
from aegis.tests.fixtures import application, disk, toy
from aegis.tests.fixtures.failover import FailoverTestCase

OperationState = models.OperationState


class FullDiskMixin:
    """``make_disk`` puts the database onto a disk."""

    def make_disk(self) -> disk.Disk:
        raise NotImplementedError

    def setUp(self) -> None:
        super().setUp()
        self.config(group='engine', scan_interval=0.05)
        self.log = self.useFixture(fixtures.FakeLogger())
        self.disk = self.make_disk()
        self.protect_and_lose()

    def test_the_run_waits_and_goes_on_when_there_is_room(self) -> None:
        operation = self.app.begin()
        lanes = pool.LanePool(self.app.services, 'engine')
        self.fill(operation)
        lanes.start()
        self.addCleanup(lanes.stop, toy.PATIENCE_SECONDS)
        toy.wait_until(self._engine_was_refused, 'a full disk')
        toy.wait_until(lambda: not lanes.running, 'lanes that are let go')
        self.disk.make_room()
        toy.wait_until(
            lambda: self._now(operation).state in states.OPERATION_ENDED,
            'an end',
        )

        self.assertIs(OperationState.SUCCEEDED, self._now(operation).state)
        self.assert_recovered_once()

    def test_nothing_is_undone_meanwhile(self) -> None:
        operation = self.app.begin()
        lanes = pool.LanePool(self.app.services, 'engine')
        self.fill(operation)
        lanes.start()
        toy.wait_until(self._engine_was_refused, 'a full disk')
        lanes.stop(toy.PATIENCE_SECONDS)
        self.disk.make_room()

        self.assertNotIn('Undoing', self.log.output)
        now = self._now(operation)
        self.assertEqual((None, None), (now.finished_at, now.error_code))
        self.assertIn('has to make room', self.log.output)

    def test_what_is_asked_is_done_or_refused_but_never_half(self) -> None:
        self.disk.fill()
        made = list(self._create_until_full())
        self.disk.make_room()

        self.assertEqual(
            {'ledger', *made},
            {group.name for group in groups.list_groups(self.context)},
        )

    def fill(self, operation: models.Operation) -> None:
        """Leave no room for the steps of an operation."""
        self.disk.fill()

    def _create_until_full(self) -> Iterator[str]:
        for ordinal in itertools.count():
            try:
                yield self._create(f'group-{ordinal}').name
            except exception.DatabaseFull:
                return

    def _create(self, name: str) -> models.FailoverGroup:
        return groups.create_group(
            self.context,
            name=name,
            description='x' * 200,
            protected_site='east',
            recovery_site='west',
            protected_project_id=application.EAST_PROJECT,
        )

    def _engine_was_refused(self) -> bool:
        said = self.log.output
        return 'lost its journal' in said or 'Nothing is claimed' in said

    def _now(self, operation: models.Operation) -> models.Operation:
        return operations.get_operation(self.admin, operation.id)


class LimitedDatabaseTest(FullDiskMixin, FailoverTestCase):
    """A database that may not grow."""

    def make_disk(self) -> disk.Disk:
        if session.engine().dialect.name != 'sqlite':
            self.skipTest('for SQLite')
        return self.useFixture(disk.LimitedPages())


class FullFileSystemTest(FullDiskMixin, FailoverTestCase):
    """A file system without room: nothing at all can be written."""

    def make_disk(self) -> disk.Disk:
        if session.engine().dialect.name != 'sqlite':
            self.skipTest('for SQLite')
        if not disk.may_mount():
            self.skipTest('needs root, to mount a file system')
        small = self.useFixture(disk.SmallFileSystem()).disk
        here = pathlib.Path(session.engine().url.database or '')
        session.dispose()
        there = shutil.copy(here, small.path)
        self.config(group='database', connection=f'sqlite:///{there}')
        session.configure(self.conf)
        self.addCleanup(session.dispose)
        return small


class FullServerTest(FullDiskMixin, FailoverTestCase):
    """The disk of a database server; nobody else may use that meanwhile."""

    def make_disk(self) -> disk.Disk:
        path = os.environ.get(disk.SERVER_VARIABLE)
        if not path:
            self.skipTest('for a database server; see tools/test-databases')
        return self.useFixture(disk.FileSystem(pathlib.Path(path)))

    def fill(self, operation: models.Operation) -> None:
        """A server has allocated more than a table needs: use that up."""
        runner.advance(self.admin, operation.id)
        super().fill(operation)
        lane = self.app.lane(operation, 'prepare')
        with contextlib.suppress(exception.DatabaseFull):
            for ordinal in itertools.count():
                _insert_old_step(self.admin, lane, f'old-{ordinal}')


@session.writer
def _insert_old_step(
    context: session.Context, lane: models.Lane, name: str
) -> None:
    """A step of an attempt that nobody looks at any more."""
    context.session.add(
        tables.Step(
            id=names.record_id(lane.id, name),
            lane_id=lane.id,
            attempt=0,
            ordinal=1,
            name=name,
            state=models.StepState.REVERTED.value,
            intent={'filling': 'x' * 3000},
            reversible=True,
            leftovers=[],
            service_seconds={},
            started_at=clock.now(),
        )
    )
