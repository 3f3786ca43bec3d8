# SPDX-License-Identifier: Apache-2.0
"""Two real sites and a real Aegis, for one class of tests.

The packages below ``tools`` build the sites, run Aegis and make the
application; the demo uses the same ones.
"""

import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import testtools

TOOLS = pathlib.Path(__file__).resolve().parents[4] / 'tools'
sys.path.insert(0, str(TOOLS))

from deployment import aegis, facts  # noqa: E402
from scenario import (  # noqa: E402
    blueprint,
    build,
    clouds,
    command,
    data,
)
from sites import console, errors, waiting  # noqa: E402

VIRTUAL_ENVIRONMENT = pathlib.Path(sys.executable).parent.parent
OPERATION_SECONDS = 600


class SitesTestCase(testtools.TestCase):
    """``mode`` says which Aegis runs; each class gets fresh sites."""

    mode = aegis.DISTRIBUTED

    sites: facts.Sites
    aegis: aegis.Deployment
    output: console.Console
    hooks: pathlib.Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.output = console.Console(sys.__stderr__)
        cls.addClassCleanup(cls._say_end)
        cls.output.say(f'{cls.__name__}: fresh sites')
        clouds_command('up', 'east', 'west', '--fresh')
        cls.sites = facts.read()
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        home = pathlib.Path(directory.name)
        cls.hooks = home / 'hooks'
        cls.hooks.mkdir()
        cls.aegis = aegis.Deployment(
            cls.sites,
            home / 'aegis',
            VIRTUAL_ENVIRONMENT,
            cls.output,
            aegis.Plan(cls.mode, test_hooks=cls.hooks),
        )
        cls.addClassCleanup(cls.aegis.stop)
        cls.aegis.start()

    @classmethod
    def _say_end(cls) -> None:
        cls.output.say(f'{cls.__name__}: done')

    @classmethod
    def user(cls, name: str, project: str = 'finance') -> command.OpenStack:
        """The openstack command of a person at the recovery site."""
        site = cls.sites.west
        return command.OpenStack(
            VIRTUAL_ENVIRONMENT, site, site.user(name, project)
        )

    @classmethod
    def connection(
        cls, site: facts.Site, name: str, project: str
    ) -> build.Connection:
        return clouds.connect(site, site.user(name, project))

    @classmethod
    def build(
        cls, plan: blueprint.ApplicationPlan, site: facts.Site | None = None
    ) -> build.Application:
        """Build an application at east, or elsewhere."""
        place = site or cls.sites.east
        with cls.output.step(f'{len(plan.servers)} servers at {place.name}'):
            return build.build(
                cls.connection(place, plan.user, plan.project),
                plan,
                place.public_network,
            )

    @classmethod
    def protect(cls, group: str, *servers: str) -> None:
        """Make a group of servers, as fiona does."""
        fiona = cls.user('fiona')
        fiona.run(
            'dr',
            'failover-group',
            'create',
            '--protected-site',
            cls.sites.east.name,
            group,
        )
        if servers:
            fiona.run('dr', 'failover-group', 'add', 'server', group, *servers)

    @classmethod
    def replicate(cls) -> data.Snapshot:
        """Bring a recovery point of finance to west."""
        return data.replicate(
            cls.sites,
            cls.sites.east.protection_group('finance-async'),
            waiting.Waiter(cls.output),
        )

    @classmethod
    def lose_east(cls) -> None:
        clouds_command('isolate', cls.sites.east.name)

    def assert_refused(
        self, answer: command.Answer, code: str, *words: str
    ) -> None:
        """A command that failed with a stable code and a clear text."""
        said = answer.output + answer.errors
        self.assertNotEqual(0, answer.exit_code, said)
        self.assertIn(code, said)
        for word in words:
            self.assertIn(word, said)
        self.assertNotIn('Traceback', said)

    def newest_operation(self, group: str) -> dict[str, Any]:
        """The newest operation on a group, with lanes and steps."""
        fiona = self.user('fiona')
        listed = fiona.ask('dr', 'operation', 'list', '--group', group)
        return dict(
            fiona.ask('dr', 'operation', 'show', '--steps', listed[0]['ID'])
        )

    def wait_for(
        self,
        what: str,
        probe: Callable[[], bool],
        seconds: float = OPERATION_SECONDS,
    ) -> None:
        """Poll, as a person would, until something is so."""
        pause = threading.Event()
        deadline = time.monotonic() + seconds
        while not probe():
            if time.monotonic() > deadline:
                raise errors.ServiceFailed(
                    f'{what} did not come within {seconds:.0f} s'
                )
            pause.wait(0.2)


def clouds_command(*arguments: str) -> None:
    """Run tools/clouds."""
    subprocess.run(
        [sys.executable, str(TOOLS / 'clouds'), *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
