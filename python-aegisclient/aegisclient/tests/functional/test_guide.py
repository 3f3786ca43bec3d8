# SPDX-License-Identifier: Apache-2.0
"""Every example of the user guide prints what the guide says.

With AEGISCLIENT_WRITE_EXAMPLES in the environment the outputs are written
into the guide instead.
"""

import datetime
import importlib.metadata
import os
import pathlib
import re
import shlex
import textwrap
from unittest import mock

import fixtures

import aegisclient
from aegisclient.osc import progress
from aegisclient.tests.functional import base, scenario

GUIDE = (
    pathlib.Path(aegisclient.__file__).parents[2]
    / 'doc'
    / 'source'
    / 'user'
    / 'cli.rst'
)

_EXAMPLE = re.compile(
    r'(?<=\.\. code-block:: console\n\n)   \$ (openstack dr [^\n]*'
    r'(?:\n     [^\n]*)*)\n((?:   [^\n]*\n|\n(?=   [^\$]))*)'
)
_ESCAPES = re.compile(r'\x1b\[[0-9;?]*[a-zA-Z]')


class GuideTest(base.FunctionalTest):
    cloud_class = scenario.Cloud

    def setUp(self):
        super().setUp()
        if not GUIDE.exists():
            self.skipTest('the guide is not here')
        self.useFixture(
            fixtures.MonkeyPatch(
                'aegisclient.osc.times.now', lambda: self.cloud.now
            )
        )
        self.useFixture(fixtures.EnvironmentVariable('NO_COLOR', '1'))
        self.useFixture(fixtures.EnvironmentVariable('COLUMNS', '100'))

    def test_every_command_has_a_section(self):
        text = GUIDE.read_text()
        commands = self._commands()
        described = [
            command
            for command in commands
            if re.search(rf'^{command}\n-+$', text, re.MULTILINE)
        ]
        self.assertEqual(commands, described)

    def test_examples_print_what_the_guide_says(self):
        text = GUIDE.read_text()
        shown, count = _EXAMPLE.subn(self._with_output, text)
        if os.environ.get('AEGISCLIENT_WRITE_EXAMPLES'):
            GUIDE.write_text(shown)
        else:
            self.assertEqual(shown, text)
        self.assertEqual(text.count('$ openstack dr'), count)

    def _with_output(self, example):
        command = example.group(1)
        output = self._output(command.replace('\\\n', ' '))
        return f'   $ {command}\n' + textwrap.indent(output, '   ')

    def _output(self, command):
        command, _, filtered = command.partition('|')
        words = shlex.split(command)[2:]
        self._prepare(words)
        if 'watch' in words:
            self.cloud.history = scenario.history()
            self.cloud.moments = list(scenario.MOMENTS)
            words += ['--interval', '0.01']
        if 'watch' in words and not filtered:
            return self._interrupted(words)
        result = self.run_dr(*words)
        printed = (result.err + result.out).rstrip()
        return f'{printed}\n' if printed else ''

    def _prepare(self, words):
        scenario.fill(self.cloud)
        self.cloud.now = scenario.NOW
        if words[0] == 'operation' and 'watch' not in words:
            self.cloud.now += datetime.timedelta(minutes=3)
        if 'cancel' in words:
            self.cloud.operations = [scenario.history()[2]]

    def _interrupted(self, words):
        """What a terminal shows after Ctrl-C at the fourth look."""
        shown = progress.LiveTable.show

        def show(table, operation):
            shown(table, operation)
            if not self.cloud.moments[1:]:
                raise KeyboardInterrupt

        with mock.patch.object(progress.LiveTable, 'show', show):
            result = self.run_dr(*words, out=base.Terminal())
        last = re.split(r'\x1b\[\d*A\x1b\[2K', result.out)[-1]
        lines = _ESCAPES.sub('', last).splitlines()
        return ''.join(f'{line.rstrip()}\n' for line in lines)

    def _commands(self):
        group = 'openstack.dr.v1'
        return sorted(
            entry.name.replace('_', ' ')
            for entry in importlib.metadata.entry_points(group=group)
        )
