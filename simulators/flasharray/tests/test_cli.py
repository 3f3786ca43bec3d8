# SPDX-License-Identifier: Apache-2.0
"""The command line."""

import contextlib
import io
import socket
import subprocess
import sys
import unittest
from pathlib import Path

from flasharray_simulator import cli, testing
from flasharray_simulator.door import Door
from tests import support


class CommandLineCase(unittest.TestCase):
    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        output, errors = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
        ):
            try:
                status = cli.main(list(arguments))
            except SystemExit as end:
                status = int(end.code or 0)
        return status, output.getvalue(), errors.getvalue()


class CommandLineTest(CommandLineCase):
    def test_help_explains_the_commands(self) -> None:
        for command in ((), ('array',), ('pair',)):
            status, output, _ = self.run_main(*command, '--help')
            self.assertEqual(0, status)
            self.assertIn('array', output)

    def test_a_bad_connection_is_explained(self) -> None:
        with support.directory() as path:
            status, _, errors = self.run_main(
                *('array', '--name', 'fa', '--data-dir', str(path)),
                *('--connect', 'fa-west'),
            )
        self.assertEqual(1, status)
        self.assertIn('NAME=ADDRESS:REPLICATION_PORT', errors)

    def test_one_address_for_two_arrays_is_refused(self) -> None:
        with support.directory() as path:
            status, _, errors = self.run_main(
                *('pair', '--data-dir', str(path)),
                *('--addresses', '127.0.0.1', '127.0.0.1'),
            )
        self.assertEqual(1, status)
        self.assertIn('two addresses', errors)

    def test_a_token_is_made_once_and_kept(self) -> None:
        with support.directory() as path:
            one = support.ArrayProcess('fa-token', path, 'given')
            one.start()
            self.addCleanup(one.kill)
            one.ready()
            token = Path(path / 'api-token')
            self.assertEqual('given', token.read_text().strip())
            self.assertEqual(0o600, token.stat().st_mode & 0o777)
            one.kill()


class TakenPortTest(unittest.TestCase):
    def test_an_array_whose_port_is_taken_says_so_and_ends(self) -> None:
        path = self.enterContext(support.directory())
        one = testing.ArrayProcess('fa-one', path / 'data')
        taken = self.enterContext(socket.socket())
        taken.bind((one.address, one.ports[0]))
        ended = subprocess.run(
            one.command(), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(1, ended.returncode)
        self.assertIn(str(one.ports[0]), ended.stderr)


class PairCommandTest(unittest.TestCase):
    def test_a_pair_is_connected_when_it_is_announced(self) -> None:
        path = self.enterContext(support.directory())
        api, door, replication = (str(p) for p in support.free_ports(3))
        process = subprocess.Popen(
            [
                sys.executable,
                '-m',
                'flasharray_simulator.cli',
                'pair',
                *('--data-dir', str(path)),
                *('--addresses', '127.0.0.1', '127.0.0.2'),
                *('--port', api, '--door-port', door),
                *('--replication-port', replication),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        assert process.stdout is not None
        self.addCleanup(process.stdout.close)
        printed = ''
        while printed.count('side door') < 2:
            line = process.stdout.readline()
            self.assertTrue(line, printed)
            printed += line
        token = (path / 'fa-east' / 'api-token').read_text().strip()
        self.assertIn(token, printed)
        self.assertTrue(printed.startswith('fa-east\n  REST API'), printed)
        status = Door(f'http://127.0.0.1:{door}').status()
        self.assertEqual({'fa-west': True}, status['connected'])


class OptionTest(CommandLineCase):
    def refused(self, *options: str) -> str:
        with support.directory() as path:
            status, _, errors = self.run_main(
                *('array', '--name', 'fa', '--data-dir', str(path)), *options
            )
        self.assertEqual(1, status)
        return errors

    def test_an_unknown_switch_is_explained(self) -> None:
        self.assertIn('page_size', self.refused('--switch', 'pages=1'))

    def test_a_bad_user_is_explained(self) -> None:
        for text in ('bob', 'bob:king:token', 'bob:readonly:'):
            with self.subTest(text):
                self.assertIn('storage_admin', self.refused('--user', text))

    def test_a_user_of_the_command_line_logs_in(self) -> None:
        with support.RunningArrays(
            ['fa-users'], ['--user=bob:storage_admin:bobs-token']
        ) as arrays:
            client = arrays['fa-users'].client(api_token='bobs-token')
            admins = {a.name: a.role.name for a in client.get_admins().items}
        self.assertEqual('storage_admin', admins['bob'])
