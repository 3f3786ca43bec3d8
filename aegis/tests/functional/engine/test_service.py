# SPDX-License-Identifier: Apache-2.0
"""A whole engine: bus, pool, leases, signs of life."""

import signal
import subprocess
import sys
import urllib.request
from typing import Any
from unittest import mock

import fixtures

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import rpc
from aegis.db import lanes, services
from aegis.engine import heartbeat, rpcapi, runner, service
from aegis.journal import leases
from aegis.tests.fixtures import toy
from aegis.tests.functional.engine import base

OperationState = models.OperationState


class EngineTest(base.EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        # No scan but the first: what happens is because of a message.
        self.config(group='engine', scan_interval=600)
        self.config(sites=[])
        self.useFixture(
            fixtures.MonkeyPatch(
                'aegis.engine.services.factory.Clouds', mock.Mock()
            )
        )
        self.bus = rpc.Bus(self.conf)
        self.addCleanup(self.bus.close)

    def start(self) -> service.Engine:
        engine = service.Engine(self.conf, self.bus)
        engine.start()
        self.addCleanup(engine.stop)
        return engine

    def test_a_cast_wakes_it(self) -> None:
        self.start()
        operation = self.begin()

        rpcapi.EngineAPI(self.conf, self.bus).run_operation(
            self.context, operation.id
        )

        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)

    def test_it_shows_that_it_is_alive(self) -> None:
        self.start()

        (found,) = services.list_services(self.admin, 10)

        self.assertEqual('aegis-engine', found.binary)
        self.assertEqual(self.conf.host, found.host)
        self.assertTrue(found.alive)

    def test_lines_of_a_run_carry_request_and_operation(self) -> None:
        seen: list[Any] = []

        def look(step: str, moment: str) -> None:
            seen.append(aegis_context.context.get_current())

        self.start()
        self.useFixture(
            fixtures.MonkeyPatch('aegis.common.faults._hook', look)
        )
        operation = self.begin()
        rpcapi.EngineAPI(self.conf, self.bus).run_operation(
            self.context, operation.id
        )
        self.ended(operation)

        self.assertEqual(
            {(operation.request_id, operation.id)},
            {(each.request_id, each.resource_uuid) for each in seen},
        )

    def test_leases_are_renewed_while_a_step_takes_long(self) -> None:
        self.config(group='engine', lease_seconds=0.4)
        self.world.pause('reserve', 'acting')
        self.start()
        operation = self.begin()
        rpcapi.EngineAPI(self.conf, self.bus).run_operation(
            self.context, operation.id
        )
        toy.wait_until(
            lambda: self.world.is_reached('reserve', 'acting'), 'a step'
        )
        first = self.lane(operation, 'prepare').lease_expires_at
        beats: list[Any] = []

        def renewed() -> bool:
            expires = self.lane(operation, 'prepare').lease_expires_at
            if expires not in (first, *beats):
                beats.append(expires)
            return len(beats) >= 4

        toy.wait_until(renewed, 'renewals')
        self.world.proceed()

        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)
        self.assertEqual(1, self.lane(operation, 'prepare').fence)

    def test_the_heart_beats_on_after_an_error(self) -> None:
        failures = iter([RuntimeError('database gone')])
        real = lanes.renew_leases

        def renew(*args: Any) -> int:
            for error in failures:
                raise error
            return real(*args)

        heart = heartbeat.Heartbeat(
            self.conf, 'a', 'toy', '1', leases.Leases()
        )
        heart.start()
        self.addCleanup(heart.stop)
        (first,) = services.list_services(self.admin, 10)
        self.useFixture(
            fixtures.MonkeyPatch('aegis.db.lanes.renew_leases', renew)
        )

        toy.wait_until(
            lambda: (
                services.list_services(self.admin, 10)[0].heartbeat_at
                > first.heartbeat_at
            ),
            'another beat',
        )

    def test_advancing_what_has_ended_changes_nothing(self) -> None:
        engine = self.start()
        operation = self.begin()
        runner.advance(self.admin, operation.id)
        engine.pool.wake()
        ended = self.ended(operation)

        runner.advance(self.admin, operation.id)

        self.assertEqual(ended, self.ended(operation))


class ProgramTest(base.EngineTestCase):
    """The programs as they are started."""

    def program(self, module: str, *lines: str) -> subprocess.Popen[str]:
        path = self.world.root / 'aegis.conf'
        url = self.conf.database.connection
        path.write_text(
            '\n'.join(
                (
                    '[DEFAULT]',
                    'transport_url = fake:/',
                    '[database]',
                    f'connection = {url}',
                    *lines,
                )
            )
        )
        process = subprocess.Popen(
            [sys.executable, '-m', module, '--config-file', str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def alive(self, binary: str) -> bool:
        found = services.list_services(self.admin, 10)
        return any(each.binary == binary and each.alive for each in found)

    def test_the_engine_runs_until_it_is_told_to_stop(self) -> None:
        process = self.program('aegis.cmd.engine')
        toy.wait_until(lambda: self.alive('aegis-engine'), 'a sign of life')

        process.send_signal(signal.SIGTERM)

        log, _ = process.communicate(timeout=toy.PATIENCE_SECONDS)
        self.assertEqual(0, process.returncode, log)
        self.assertIn('stopped', log)

    def test_a_full_disk_under_the_log_stops_nothing(self) -> None:
        process = self.program(
            'aegis.cmd.engine', '[DEFAULT]', 'log_file = /dev/full'
        )
        toy.wait_until(lambda: self.alive('aegis-engine'), 'a sign of life')

        process.send_signal(signal.SIGTERM)

        said, _ = process.communicate(timeout=toy.PATIENCE_SECONDS)
        self.assertEqual(0, process.returncode, said)
        self.assertIn('No space left on device', said)

    def test_the_standalone_service_answers_and_stops(self) -> None:
        process = self.program(
            'aegis.cmd.standalone', '[standalone]', 'listen_port = 0'
        )
        address = ''
        while 'The API answers at ' not in address:
            address = process.stdout.readline()
            self.assertTrue(address, 'it ended before it answered')
        endpoint = address.strip().rpartition(' ')[2]

        with urllib.request.urlopen(f'http://{endpoint}/') as answer:
            self.assertEqual(200, answer.status)
        toy.wait_until(
            lambda: self.alive('aegis-standalone'), 'a sign of life'
        )
        process.send_signal(signal.SIGTERM)

        log, _ = process.communicate(timeout=toy.PATIENCE_SECONDS)
        self.assertEqual(0, process.returncode, log)

    def test_a_bad_command_line_is_told(self) -> None:
        for module in ('aegis.cmd.engine', 'aegis.cmd.standalone'):
            process = subprocess.run(
                [sys.executable, '-m', module, '--config-file', '/nowhere'],
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(2, process.returncode)
            self.assertIn('/nowhere', process.stderr)
