# SPDX-License-Identifier: Apache-2.0
"""The Python example of the README does what it says."""

import contextlib
import io
import pathlib
import re
import textwrap

import fixtures
import yaml

import aegisclient
from aegisclient.tests import documents
from aegisclient.tests.functional import base, emulator

README = pathlib.Path(aegisclient.__file__).parents[1] / 'README.rst'


class ReadmeTest(base.FunctionalTest):
    def setUp(self):
        super().setUp()
        if not README.exists():
            self.skipTest('installed without its README')
        clouds = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        configuration = clouds / 'clouds.yaml'
        configuration.write_text(
            yaml.safe_dump({'clouds': {'west': self._cloud()}})
        )
        self.useFixture(
            fixtures.EnvironmentVariable(
                'OS_CLIENT_CONFIG_FILE', str(configuration)
            )
        )

    def _cloud(self):
        return {
            'auth': {
                'auth_url': f'{self.cloud.url}/keystone/v3',
                'username': 'ann',
                'password': emulator.PASSWORD,
                'project_name': 'finance',
                'user_domain_name': 'acme',
                'project_domain_name': 'acme',
            },
            'region_name': emulator.REGION,
        }

    def _run_example(self):
        found = re.search(
            r'code-block:: python\n\n((?:(?:   .*)?\n)+)', README.read_text()
        )
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(textwrap.dedent(found.group(1)), {})
        return output.getvalue()

    def test_example_fails_a_group_over(self):
        history = documents.failover_history()
        self.cloud.history = history[:1] + history[-1:]
        self.assertEqual(
            'would lose 612 seconds of data\nqueued\nsucceeded\n',
            self._run_example(),
        )
