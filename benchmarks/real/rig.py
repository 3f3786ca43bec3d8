# SPDX-License-Identifier: Apache-2.0
"""Two real sites, a farm at the first one, and its loss.

The packages below ``tools`` do the work, as they do for the demo and the
integration tests.
"""

import pathlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

TOOLS = pathlib.Path(__file__).resolve().parents[2] / 'tools'
sys.path.insert(0, str(TOOLS))

from deployment import aegis, facts  # noqa: E402
from scenario import blueprint, build, clouds, data  # noqa: E402
from sites import console, waiting  # noqa: E402

VIRTUAL_ENVIRONMENT = pathlib.Path(sys.executable).parent.parent
PROJECT = 'finance'
VOLUME_TYPE = 'finance-async'
USER = 'fiona'


@dataclass(frozen=True)
class Share:
    """The servers of the farm that one measurement brings up."""

    name: str
    servers: tuple[build.BuiltServer, ...]


@dataclass(frozen=True)
class Source:
    """What is known of the lost site: its newest copy and what it held."""

    application: build.Application
    recovery_point: str
    contents: tuple[data.Content, ...]


def clouds_command(*arguments: str) -> None:
    """Run tools/clouds."""
    subprocess.run(
        [sys.executable, str(TOOLS / 'clouds'), *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def shares(
    application: build.Application, sizes: Sequence[tuple[str, int]]
) -> Iterator[Share]:
    """Deal the servers out, none of them twice."""
    first = 0
    for name, size in sizes:
        yield Share(name, application.servers[first : first + size])
        first += size


@dataclass(frozen=True)
class Rig:
    """The running sites, and the Aegis at the second one."""

    sites: facts.Sites
    aegis: aegis.Deployment
    output: console.Console

    @property
    def account(self) -> facts.Account:
        """The account that Aegis has, in the project of the farm.

        All contenders use it, so that each may do the same.
        """
        west = self.sites.west
        return replace(
            west.aegis.user,
            project_name=PROJECT,
            project_domain_name=west.tenant_domain,
        )

    def connect(self) -> build.Connection:
        """That account's connection to the recovery site."""
        return clouds.connect(self.sites.west, self.account)

    def owner(self) -> build.Connection:
        """The farm owner's connection to the recovery site."""
        west = self.sites.west
        return clouds.connect(west, west.user(USER, PROJECT))

    def build_farm(self, servers: int) -> build.Application:
        """Build the farm at the first site, with bytes on all volumes."""
        east = self.sites.east
        self._raise_quotas()
        with self.output.step(f'{servers} servers at {east.name}'):
            application = build.build(
                clouds.connect(east, east.user(USER, PROJECT)),
                blueprint.farm(servers),
                east.public_network,
            )
            data.write(east.array, application, 'benchmark')
        return application

    def lose_the_first_site(self, application: build.Application) -> Source:
        """Bring a recovery point over, then cut the site off."""
        east = self.sites.east
        contents = data.contents(east.array, application)
        point = data.replicate(
            self.sites,
            east.protection_group(VOLUME_TYPE),
            waiting.Waiter(self.output),
        )
        clouds_command('isolate', east.name)
        return Source(application, point.name, contents)

    def _raise_quotas(self) -> None:
        for site in (self.sites.east, self.sites.west):
            operator = clouds.connect(site, site.admin)
            domain = operator.identity.find_domain(site.tenant_domain)
            project = operator.identity.find_project(
                PROJECT, domain_id=domain.id
            ).id
            operator.set_compute_quotas(
                project, instances=500, cores=1000, ram=4000000
            )
            operator.set_volume_quotas(project, volumes=500, gigabytes=5000)
            operator.set_network_quotas(project, port=1000)


def start(directory: pathlib.Path, output: console.Console) -> Rig:
    """Build fresh sites and start a distributed Aegis at the second one."""
    clouds_command('up', 'east', 'west', '--fresh')
    sites = facts.read()
    deployment = aegis.Deployment(
        sites,
        directory / 'aegis',
        VIRTUAL_ENVIRONMENT,
        output,
        # Tracing every call costs the one who is traced.
        aegis.Plan(aegis.DISTRIBUTED, extra=(('DEFAULT', 'debug', 'false'),)),
    )
    deployment.start()
    return Rig(sites, deployment, output)
