# SPDX-License-Identifier: Apache-2.0
"""The real openstack shell against the emulated API."""

import contextlib
import dataclasses
import io
import json
import logging
import os
from typing import Any

import fixtures
import testtools
from openstackclient import shell
from osc_lib import clientmanager

from aegisclient.osc import plugin
from aegisclient.tests.functional import emulator


@dataclasses.dataclass(frozen=True)
class Result:
    """What a command left: exit code, standard output and error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class FunctionalTest(testtools.TestCase):
    cloud_class = emulator.Emulator

    def setUp(self) -> None:
        super().setUp()
        self._forget_environment()
        self._keep_logging()
        self.cloud = self.useFixture(self.cloud_class())

    def _forget_environment(self) -> None:
        for name in os.environ:
            if name.startswith(('OS_', 'CLIFF_')):
                self.useFixture(fixtures.EnvironmentVariable(name))
        home = self.useFixture(fixtures.TempHomeDir()).path
        for name in ('XDG_CONFIG_HOME', 'XDG_CACHE_HOME'):
            self.useFixture(fixtures.EnvironmentVariable(name, home))
        self.useFixture(fixtures.EnvironmentVariable('COLUMNS', '200'))
        self.useFixture(
            fixtures.EnvironmentVariable('OS_PASSWORD', emulator.PASSWORD)
        )

    def _keep_logging(self) -> None:
        root = logging.getLogger()
        self.addCleanup(setattr, root, 'handlers', list(root.handlers))
        self.addCleanup(root.setLevel, root.level)

    def _forget_client(self) -> None:
        # The shell keeps one client per process, which a test outlives.
        cache = clientmanager.ClientCache(plugin.make_client)
        setattr(clientmanager.ClientManager, plugin.API_NAME, cache)

    @property
    def credentials(self) -> list[str]:
        return [
            '--os-auth-url',
            f'{self.cloud.url}/keystone/v3',
            '--os-username',
            'ann',
            '--os-project-name',
            'finance',
            '--os-user-domain-name',
            'acme',
            '--os-project-domain-name',
            'acme',
            '--os-region-name',
            emulator.REGION,
        ]

    def run_dr(
        self, *words: str, out: io.StringIO | None = None, **options: str
    ) -> Result:
        """Run ``openstack dr WORDS``; options are global ones."""
        out = out or io.StringIO()
        err = io.StringIO()
        self._forget_client()
        chosen = [
            part
            for key, value in options.items()
            for part in (f'--{key.replace("_", "-")}', value)
        ]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = shell.OpenStackShell().run(
                    [*self.credentials, *chosen, 'dr', *words]
                )
            except SystemExit as refused:
                code = int(refused.code or 0)
        return Result(code, out.getvalue(), err.getvalue())

    def run_json(self, *words: str) -> Any:
        """Run a command that must succeed; its output from JSON."""
        result = self.run_dr(*words, '-f', 'json')
        self.assertEqual((0, ''), (result.code, result.err))
        return result.json
