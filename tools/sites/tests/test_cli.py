# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import os
import unittest
from unittest import mock

from sites import cli
from sites.tests import fixtures


class ParserTest(unittest.TestCase):
    def refuse(self, *arguments: str) -> str:
        text = io.StringIO()
        with contextlib.redirect_stderr(text):
            with self.assertRaises(SystemExit) as caught:
                cli.parser().parse_args(arguments)
        self.assertEqual(2, caught.exception.code)
        return text.getvalue()

    def test_up_takes_sites_and_fresh(self) -> None:
        chosen = cli.parser().parse_args(['up', 'east', 'west', '--fresh'])
        self.assertEqual(['east', 'west'], chosen.sites)
        self.assertTrue(chosen.fresh)

    def test_an_unknown_site_is_refused_with_the_known_ones(self) -> None:
        self.assertIn("choose from 'east', 'west'", self.refuse('up', 'north'))

    def test_a_command_is_needed(self) -> None:
        self.assertIn('COMMAND', self.refuse())

    def test_the_shared_servers_have_logs_too(self) -> None:
        chosen = cli.parser().parse_args(['logs', 'shared', 'rabbitmq'])
        self.assertEqual('shared', chosen.site)

    def test_the_shared_servers_cannot_be_isolated(self) -> None:
        self.refuse('isolate', 'shared')

    def test_services_that_are_restarted_are_named(self) -> None:
        chosen = cli.parser().parse_args(
            ['restart', 'shared', 'rabbitmq', 'mariadb']
        )
        self.assertEqual('shared', chosen.site)
        self.assertEqual(['rabbitmq', 'mariadb'], chosen.services)
        self.assertIn('SERVICE', self.refuse('restart', 'west'))

    def test_help_names_every_command(self) -> None:
        text = cli.parser().format_help()
        for name in (
            'up',
            'status',
            'down',
            'logs',
            'env',
            'isolate',
            'restore',
            'stop',
            'restart',
            'info',
        ):
            self.assertRegex(text, rf'\n    {name} ')


class MainTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = fixtures.temporary_directory(self)
        patch = mock.patch.dict(
            os.environ, {'AEGIS_STATE_DIR': str(self.root)}
        )
        patch.start()
        self.addCleanup(patch.stop)

    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        output, progress = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(progress),
        ):
            code = cli.main(arguments)
        return code, output.getvalue(), progress.getvalue()

    def test_the_environment_of_a_tenant(self) -> None:
        code, output, _ = self.run_main('env', 'west', '--user', 'olga')
        self.assertEqual(0, code)
        self.assertIn('export OS_PROJECT_NAME=finance\n', output)
        self.assertIn('export OS_USER_DOMAIN_NAME=acme\n', output)
        self.assertIn('export OS_REGION_NAME=west-2\n', output)

    def test_the_environment_of_the_operator_is_the_default(self) -> None:
        _, output, _ = self.run_main('env', 'east')
        self.assertIn('export OS_USERNAME=operator\n', output)

    def test_an_unknown_user_is_an_error_that_names_the_known(self) -> None:
        code, output, progress = self.run_main('env', 'east', '--user', 'x')
        self.assertEqual((1, ''), (code, output))
        self.assertIn(
            'there is no user x; choose one of operator, fiona', progress
        )

    def test_an_unknown_project_is_an_error(self) -> None:
        code, _, progress = self.run_main('env', 'east', '--project', 'x')
        self.assertEqual(1, code)
        self.assertIn('there is no project x', progress)

    def test_what_does_not_run_cannot_be_isolated(self) -> None:
        code, _, progress = self.run_main('isolate', 'east')
        self.assertEqual(1, code)
        self.assertIn('start it with: tools/clouds up east', progress)

    def test_status_of_nothing_fails(self) -> None:
        code, output, _ = self.run_main('status')
        self.assertEqual(1, code)
        self.assertIn('nothing runs', output)

    def test_down_with_nothing_running_is_no_error(self) -> None:
        self.assertEqual(0, self.run_main('down')[0])

    def test_logs_that_are_not_there_are_an_error(self) -> None:
        code, _, progress = self.run_main('logs', 'east', 'nova-api')
        self.assertEqual(1, code)
        self.assertIn('there is no log of nova-api', progress)
