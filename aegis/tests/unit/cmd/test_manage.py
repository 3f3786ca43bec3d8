# SPDX-License-Identifier: Apache-2.0
import datetime
import io
import pathlib

import fixtures
import oslo_messaging
from oslo_config import cfg
from oslo_messaging import conffixture as messaging_fixture
from oslo_utils import uuidutils

from aegis import conf as aegis_conf
from aegis.cmd import manage
from aegis.common import clock
from aegis.db import migration, session
from aegis.db import models as tables
from aegis.engine import rpcapi
from aegis.tests import base
from aegis.tests.fixtures import samples


class CommandTestCase(base.DatabaseTestCase):
    """A program run in process, with a configuration file of its own."""

    main = staticmethod(manage.main)
    program = 'aegis-manage'

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.MockPatchObject(aegis_conf.logging, 'setup'))
        self.file = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.file / 'aegis.conf'
        self.write()

    def write(self, text: str = '') -> None:
        """Write the configuration file."""
        self.file.write_text(
            '[DEFAULT]\n'
            'transport_url = fake:/\n'
            f'{text}\n'
            '[database]\n'
            f'connection = {self.conf.database.connection}\n'
        )

    def run_program(self, *arguments: str) -> tuple[int, str]:
        """The exit code, and all that the program printed."""
        output = io.StringIO()
        conf = cfg.ConfigOpts()
        self.useFixture(messaging_fixture.ConfFixture(conf))
        argv = [self.program, '--config-file', str(self.file), *arguments]
        with (
            fixtures.MockPatchObject(aegis_conf, 'CONF', conf),
            fixtures.MonkeyPatch('sys.argv', argv),
            fixtures.MonkeyPatch('sys.stdout', output),
            fixtures.MonkeyPatch('sys.stderr', output),
        ):
            try:
                code = self.main()
            except SystemExit as error:
                code = error.code
        session.configure(self.conf)
        return code, output.getvalue()


class DatabaseCommandsTest(CommandTestCase):
    def test_version_shows_the_revision(self):
        code, output = self.run_program('db', 'version')
        self.assertEqual((0, f'{migration.head()}\n'), (code, output))

    def test_sync_brings_a_new_database_to_head(self):
        path = self.file.with_name('new.sqlite')
        self.conf.set_override(
            'connection', f'sqlite:///{path}', group='database'
        )
        self.write()
        self.assertEqual(
            (0, 'The database has no tables yet.\n'),
            self.run_program('db', 'version'),
        )
        code, output = self.run_program('db', 'sync')
        self.assertEqual(0, code)
        self.assertIn(migration.head(), output)
        self.assertEqual(migration.head(), migration.version())

    def test_a_bad_file_is_told_without_a_traceback(self):
        self.file.write_text('response_validation\n')
        code, output = self.run_program('db', 'version')
        self.assertEqual(2, code)
        self.assertIn('response_validation', output)
        self.assertNotIn('Traceback', output)

    def test_a_database_that_does_not_answer_is_told_without_a_traceback(
        self,
    ):
        self.conf.set_override(
            'connection', 'sqlite:////nowhere/at/all', group='database'
        )
        self.write()
        code, output = self.run_program('db', 'sync')
        self.assertEqual(1, code)
        self.assertIn('database', output)
        self.assertNotIn('Traceback', output)

    def test_no_command_is_an_error(self):
        code, _ = self.run_program()
        self.assertEqual(2, code)


class OperationCommandsTest(CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context)
        self.running = samples.running_operation(self.context, self.group)
        self.ended = samples.running_operation(
            self.context,
            self.group,
            state='succeeded',
            active_group_id=None,
            finished_at=clock.now(),
        )

    def _add_lane(self, state: str) -> str:
        lane_id = uuidutils.generate_uuid()
        with session.transaction(self.admin) as database:
            database.add(
                tables.Lane(
                    id=lane_id,
                    operation_id=self.running,
                    name=lane_id,
                    flow='flow',
                    wave=0,
                    state=state,
                    direction='execute',
                    attempt=1,
                    owner='dead',
                    lease_expires_at=clock.now() + datetime.timedelta(days=1),
                    fence=3,
                )
            )
        return lane_id

    def test_the_list_shows_what_has_not_ended(self):
        code, output = self.run_program('operation', 'list')
        self.assertEqual(0, code)
        self.assertIn(self.running, output)
        self.assertNotIn(self.ended, output)

    def test_the_whole_list_shows_what_has_ended_too(self):
        _, output = self.run_program('operation', 'list', '--all')
        self.assertIn(self.running, output)
        self.assertIn(self.ended, output)

    def test_resuming_takes_the_lanes_from_whoever_has_them(self):
        lane_id = self._add_lane('running')
        done = self._add_lane('succeeded')
        code, output = self.run_program('operation', 'resume', self.running)
        self.assertEqual(0, code, output)
        self.assertIn('1 lanes', output)
        with session.transaction(self.admin) as database:
            lane = database.get(tables.Lane, lane_id)
            self.assertIsNone(lane.owner)
            self.assertIsNone(lane.lease_expires_at)
            self.assertEqual('running', lane.state)
            self.assertEqual('dead', database.get(tables.Lane, done).owner)

    def test_resuming_tells_the_engines(self):
        told = []
        self.useFixture(
            fixtures.MockPatchObject(
                rpcapi.EngineAPI,
                'run_operation',
                lambda _self, context, operation_id: told.append(operation_id),
            )
        )
        self.run_program('operation', 'resume', self.running)
        self.assertEqual([self.running], told)

    def test_resuming_works_while_the_bus_is_down(self):
        self.useFixture(
            fixtures.MockPatchObject(
                oslo_messaging.RPCClient,
                'cast',
                side_effect=oslo_messaging.MessageDeliveryFailure('down'),
            )
        )
        code, output = self.run_program('operation', 'resume', self.running)
        self.assertEqual(0, code, output)

    def test_an_ended_operation_is_not_resumed(self):
        code, output = self.run_program('operation', 'resume', self.ended)
        self.assertEqual(1, code)
        self.assertIn('dr operation retry', output)

    def test_an_operation_that_is_none_is_told(self):
        code, output = self.run_program('operation', 'resume', 'unknown')
        self.assertEqual(1, code)
        self.assertIn('unknown', output)


GOOD = """
local_site = west
sites = east,west

[site:east]
arrays = fa-east
auth_type = password
auth_url = https://keystone.east.example.org/v3
username = aegis
password = not-shown
project_name = service
user_domain_name = Default
project_domain_name = Default

[site:west]
arrays = fa-west
auth_type = password
auth_url = https://keystone.west.example.org/v3
username = aegis
password = not-shown
project_name = service
user_domain_name = Default
project_domain_name = Default

[array:fa-east]
driver = noop

[array:fa-west]
driver = noop
"""


class CheckCommandTest(CommandTestCase):
    def _check(self, old: str = '', new: str = '') -> tuple[int, str]:
        self.write(GOOD.replace(old, new) if old else GOOD)
        return self.run_program('config', 'check')

    def test_a_good_configuration_is_good(self):
        code, output = self._check()
        self.assertEqual(
            (
                0,
                'Options: good\nDatabase: good\nSites: good\nArrays: good\n',
            ),
            (code, output),
        )

    def test_each_mistake_is_told_with_its_remedy(self):
        for old, new, expected in (
            ('sites = east,west', 'sites =', 'No site is configured'),
            ('local_site = west', 'local_site = north', 'north'),
            ('arrays = fa-east', '', 'Site east has no array'),
            ('driver = noop', 'driver = floppy', 'floppy'),
            ('auth_type = password', '', 'has no credentials'),
            ('auth_type = password', 'auth_type = magic', 'magic'),
            ('[site:east]', '[api]\nmax_limit = x\n[site:east]', 'max_limit'),
        ):
            code, output = self._check(old, new)
            self.assertEqual(1, code, output)
            self.assertIn(expected, output)
            self.assertNotIn('Traceback', output)

    def test_no_secret_is_shown(self):
        _, output = self._check('auth_type = password', 'auth_type = magic')
        self.assertNotIn('not-shown', output)

    def test_a_database_that_is_behind_is_told(self):
        path = self.file.with_name('new.sqlite')
        self.conf.set_override(
            'connection', f'sqlite:///{path}', group='database'
        )
        code, output = self._check()
        self.assertEqual(1, code)
        self.assertIn('aegis-manage db sync', output)
