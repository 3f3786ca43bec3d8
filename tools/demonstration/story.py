# SPDX-License-Identifier: Apache-2.0
"""The story: protect, lose, recover, compare."""

import concurrent.futures
import datetime
import pathlib
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from flasharray_simulator import door

from deployment import aegis, facts
from scenario import blueprint, build, checks, clouds, command, data, observe
from sites import console, waiting

GROUP = 'ledger'


class Story:
    """One run of the demo; every check is printed and counted."""

    def __init__(
        self,
        sites: facts.Sites,
        virtual_environment: pathlib.Path,
        mode: str,
        output: console.Console,
    ) -> None:
        self._sites = sites
        self._output = output
        self._waiter = waiting.Waiter(output)
        self._passed = 0
        self._failed = 0
        self._aegis = aegis.Deployment(
            sites,
            sites.state_directory.parent / 'demo',
            virtual_environment,
            output,
            aegis.Plan(mode),
        )
        self._openstack = command.OpenStack(
            virtual_environment,
            sites.west,
            sites.west.user('fiona', 'finance'),
        )
        self._west = self._connect(sites.west, 'fiona', 'finance')

    @property
    def succeeded(self) -> bool:
        return self._failed == 0 and self._passed > 0

    def verdict(self) -> str:
        return f'{self._passed} passed, {self._failed} failed'

    def tell(self) -> None:
        """Play it from fresh sites to the last check."""
        self._say('1. An Aegis at west, with nothing in it yet.')
        self._aegis.erase()
        self._aegis.start()
        self._say(
            '2. At east the finance project runs three servers; retail runs '
            'one at each site.'
        )
        application, bystanders = self._build()
        self._say('3. fiona protects her servers, by name.')
        self._protect(application)
        self._say(
            '4. The servers write. East replicates. The servers write more.'
        )
        contents, snapshot = self._fill(application)
        self._say('5. East is lost: no API, no array answers any more.')
        self._isolate()
        before = self._look(bystanders)
        self._say('6. fiona fails over, at west.')
        operation = self._fail_over()
        self._say('7. What came out, read back from the clouds and arrays:')
        self._check_application(application, contents)
        self._check_bystanders(before, bystanders)
        self._check_promises(operation, snapshot)

    def show_around(self) -> None:
        """Say how to look at what is still running."""
        tools = facts.TOOLS
        self._print('')
        self._print('Everything is still running. To look around as fiona:')
        self._print(
            f'  eval "$({tools}/clouds env west --user fiona '
            '--project finance)"'
        )
        self._print(
            f'  export PATH={self._openstack.virtual_environment}/bin:$PATH'
        )
        self._print('  openstack dr failover-group show ' + GROUP)
        self._print('  openstack dr operation list')
        self._print('  openstack server list --long')
        self._print(f'Logs of Aegis: {self._aegis.logs}')
        self._print(f'Logs of the sites: {tools}/clouds logs west')
        self._print(f'The lost site returns with: {tools}/clouds restore east')
        self._print(f'The end of it all: {tools}/demo --stop')

    def clean_up(self) -> None:
        self._aegis.stop()

    def _build(
        self,
    ) -> tuple[build.Application, tuple[build.Application, ...]]:
        east, west = self._sites.east, self._sites.west
        wanted = [
            (self._connect(site, plan.user, plan.project), plan, site)
            for site, plan in (
                (east, blueprint.finance()),
                (east, blueprint.retail()),
                (west, blueprint.retail()),
            )
        ]
        with (
            self._output.step('servers, volumes, networks, addresses'),
            concurrent.futures.ThreadPoolExecutor() as pool,
        ):
            application, *bystanders = pool.map(
                lambda each: build.build(
                    each[0], each[1], each[2].public_network
                ),
                wanted,
            )
        return application, tuple(bystanders)

    def _protect(self, application: build.Application) -> None:
        self._run(
            'dr',
            'failover-group',
            'create',
            '--protected-site',
            self._sites.east.name,
            '--recovery-site',
            self._sites.west.name,
            GROUP,
        )
        self._run(
            'dr',
            'failover-group',
            'add',
            'server',
            GROUP,
            *(server.plan.name for server in application.servers),
        )

    def _fill(
        self, application: build.Application
    ) -> tuple[tuple[data.Content, ...], data.Snapshot]:
        east, west = self._sites.east, self._sites.west
        data.write(east.array, application, 'before the snapshot')
        contents = data.contents(east.array, application)
        snapshot = data.replicate(
            self._sites, east.protection_group('finance-async'), self._waiter
        )
        self._run('dr', 'recovery-point', 'list', GROUP)
        # The line fails first, as it does: what is written from here on
        # is lost with the site, and must not come back.
        door.Door(east.array.door_url).set_link(west.array.name, False)
        data.write(east.array, application, 'after the snapshot')
        return contents, snapshot

    def _look(
        self,
        bystanders: tuple[build.Application, ...],
    ) -> dict[str, tuple[observe.Thing, ...]]:
        """Everything the failover has no business with."""
        west = self._sites.west
        return {
            'retail at west': observe.project(
                self._connect(west, 'rita', 'retail')
            ),
            'the array of west': observe.bystanders(
                west, self._names(bystanders)
            ),
            'the array of east': observe.everything(self._sites.east),
        }

    def _names(
        self, applications: Iterable[build.Application]
    ) -> frozenset[str]:
        return frozenset(
            data.array_volume(volume)
            for application in applications
            for volume in application.volumes
        )

    def _isolate(self) -> None:
        subprocess.run(
            [
                sys.executable,
                str(facts.TOOLS / 'clouds'),
                'isolate',
                self._sites.east.name,
            ],
            check=True,
        )

    def _fail_over(self) -> dict[str, Any]:
        self._print('$ openstack dr failover-group failover --wait ' + GROUP)
        self._openstack.stream(
            'dr', 'failover-group', 'failover', '--wait', GROUP
        )
        operations = self._openstack.ask(
            'dr', 'operation', 'list', '--group', GROUP
        )
        newest = operations[0]
        return dict(
            self._openstack.ask(
                'dr', 'operation', 'show', '--steps', newest['ID']
            )
        )

    def _check_application(
        self,
        application: build.Application,
        contents: tuple[data.Content, ...],
    ) -> None:
        west = self._sites.west
        array = west.array
        operator = clouds.connect(west, west.admin)
        self._judge(
            checks.application(
                self._west, operator, array, application, contents
            )
        )
        self._judge(
            checks.nothing_left_over(
                self._west,
                array,
                servers=len(application.servers),
                volumes=len(application.volumes),
                ports=sum(
                    len(server.plan.interfaces)
                    for server in application.servers
                ),
            )
        )

    def _check_bystanders(
        self,
        before: dict[str, tuple[observe.Thing, ...]],
        bystanders: tuple[build.Application, ...],
    ) -> None:
        after = self._look(bystanders)
        for place, things in before.items():
            changed = observe.differences(things, after[place])
            self._judge(
                [
                    checks.Check(
                        f'{place}: all {len(things)} objects unchanged',
                        not changed and bool(things),
                        '; '.join(changed[:5]),
                    )
                ]
            )

    def _check_promises(
        self, operation: dict[str, Any], snapshot: data.Snapshot
    ) -> None:
        """RPO and RTO, against clocks that are not Aegis' own."""
        report = operation['report']
        self._judge(
            [
                checks.same(
                    'the operation succeeded',
                    'succeeded',
                    operation['state'],
                )
            ]
        )
        created = datetime.datetime.fromisoformat(
            report['recovery_point']['created_at']
        )
        self._judge(
            [
                checks.Check(
                    "the recovery point is the array's newest complete one",
                    created >= snapshot.created,
                    f'{created} is older than {snapshot.created}',
                )
            ]
        )
        started = datetime.datetime.fromisoformat(operation['started_at'])
        launched = max(
            datetime.datetime.fromisoformat(server.launched_at).replace(
                tzinfo=datetime.UTC
            )
            for server in self._west.compute.servers()
        )
        measured = (launched - started).total_seconds()
        self._judge(
            [
                checks.Check(
                    f'RPO {report["rpo_seconds"]:.0f} s: the age of the '
                    'recovery point by the array',
                    0 <= report['rpo_seconds'] < 900,
                    f'{report["rpo_seconds"]} s',
                ),
                checks.Check(
                    f'RTO {report["rto_seconds"]:.0f} s: until Nova launched '
                    'the last server',
                    abs(report['rto_seconds'] - measured) < 10,
                    f'measured {measured:.0f} s',
                ),
            ]
        )

    def _judge(self, found: Iterable[checks.Check]) -> None:
        for check in found:
            if check.passed:
                self._passed += 1
                self._print(f'  ok      {check.question}')
            else:
                self._failed += 1
                self._print(f'  FAILED  {check.question}: {check.found}')

    def _run(self, *arguments: str) -> None:
        self._print('$ openstack ' + ' '.join(arguments))
        self._print(self._openstack.run(*arguments))

    def _connect(
        self, site: facts.Site, user: str, project: str
    ) -> observe.Connection:
        return clouds.connect(site, site.user(user, project))

    def _say(self, text: str) -> None:
        self._print('')
        self._output.say(text)

    def _print(self, text: str) -> None:
        print(text, flush=True)
