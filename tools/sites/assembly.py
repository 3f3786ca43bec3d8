# SPDX-License-Identifier: Apache-2.0
"""Bring sites up and down."""

import concurrent.futures
import fcntl
import functools
import hashlib
import os
import pathlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sites import (
    arrays,
    cinder,
    commands,
    console,
    context,
    errors,
    glance,
    identity,
    isolation,
    keystone,
    layout,
    mariadb,
    neutron,
    nova,
    packages,
    passwords,
    placement,
    plan,
    pristine,
    processes,
    rabbitmq,
    readiness,
    rendering,
    resources,
    schemas,
    virtualenv,
    waiting,
)

SERVICES = (keystone, placement, glance, cinder, neutron, nova)
# What decides about the stored state: a change makes a new build.
STATEFUL_MODULES = (
    'cinder',
    'context',
    'glance',
    'identity',
    'keystone',
    'mariadb',
    'neutron',
    'nova',
    'passwords',
    'placement',
    'plan',
    'rabbitmq',
    'resources',
    'schemas',
    'settings',
)


@dataclass(frozen=True)
class Clouds:
    """Everything of one state directory."""

    paths: layout.Layout
    output: console.Console
    supervisor: processes.Supervisor
    waiter: waiting.Waiter

    @classmethod
    def open(cls, output: console.Console) -> 'Clouds':
        """Open the state directory that the environment names."""
        paths = layout.Layout.from_environment(os.environ)
        paths.create()
        return cls(
            paths,
            output,
            processes.Supervisor(paths.records, paths.home),
            waiting.Waiter(output),
        )

    @functools.cached_property
    def secrets(self) -> passwords.Passwords:
        return passwords.load(self.paths)

    @property
    def database(self) -> mariadb.Server:
        return mariadb.Server(self.paths, self.secrets)

    @property
    def broker(self) -> rabbitmq.Broker:
        return rabbitmq.Broker(self.paths, self.secrets)

    def at(self, site: plan.Site) -> context.Context:
        """Return a site's context."""
        return context.Context(
            site,
            self.paths,
            self.secrets,
            self.database,
            self.broker,
            virtualenv.locate(self.paths),
        )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one command at a time change anything here."""
        with open(self.paths.lock, 'w') as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.output.say(
                    'waiting for another tools/clouds that is '
                    f'at work in {self.paths.clouds}'
                )
                fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def up(self, sites: list[plan.Site], fresh: bool) -> None:
        """Bring sites up; with ``fresh`` in their first state.

        Idempotent. Both sites share a database server: ``fresh`` ends
        whatever runs, and it needs nothing of the other site.
        """
        packages.ensure(self.output)
        virtualenv.ensure(self.paths, self.output)
        outdated = self._is_outdated()
        if outdated or fresh:
            if outdated and self.paths.build_mark.exists():
                self.output.say(
                    'the plan of the sites has changed: they are built anew'
                )
            self._begin_anew(outdated)
        heres = [self.at(site) for site in sites]
        self.start_shared()
        self._start_arrays()
        if not self.paths.build_mark.exists():
            self._build()
        for here in heres:
            if isolation.is_isolated(here):
                isolation.restore(here, self.supervisor)
        _together([functools.partial(self.start_site, here) for here in heres])

    def start_site(self, here: context.Context) -> None:
        """Start all services of a built site and wait until it is ready."""
        self._configure(here)
        started = self._launch(here, self._programs(here))
        if started or not readiness.is_ready(here, self.supervisor):
            self._await_site(here)
        self.output.say(
            f'{here.site.name}: ready, {here.site.auth_url}, '
            f'region {here.site.region}'
        )

    def down(self, purge: bool) -> None:
        """Stop all that was started; with ``purge`` forget all state.

        The virtual environments stay: they cost minutes, and are shared.
        """
        records = self.supervisor.all()
        shared = [
            record for record in records if record.group == mariadb.GROUP
        ]
        rest = [record for record in records if record not in shared]
        if records:
            with self.output.step(f'stop {len(records)} services'):
                self.supervisor.stop(rest, patience=6)
                self.supervisor.stop(shared, patience=30)
        for site in plan.SITES:
            self.paths.isolation_mark(site.name).unlink(missing_ok=True)
        if purge:
            self.output.say(f'remove {self.paths.clouds}')
            commands.run(['rm', '-rf', str(self.paths.clouds)])

    def _is_outdated(self) -> bool:
        mark = self.paths.build_mark
        return not mark.exists() or mark.read_text() != build_digest()

    def _begin_anew(self, outdated: bool) -> None:
        records = self.supervisor.all()
        if records:
            with self.output.step(f'stop {len(records)} services'):
                # Their state is thrown away: no reason to be gentle.
                self.supervisor.stop(records, patience=0)
        if outdated:
            pristine.forget(self.paths)
            pristine.wipe(self.paths)
        else:
            with self.output.step('put back the first state'):
                pristine.restore(self.paths)

    def start_shared(self) -> None:
        """Start MariaDB and RabbitMQ and wait until they answer."""
        running = self.supervisor.is_running
        if not running(rabbitmq.GROUP, rabbitmq.NAME):
            self.broker.prepare()
        mapper, broker = self.broker.programs()
        database = self.database.program()
        self._ensure(mapper)
        self._ensure(broker)
        self.database.initialise()
        self._ensure(database)
        self._await(database, 'MariaDB', self.database.is_ready, 60)
        self._await(broker, 'RabbitMQ', self.broker.is_ready, 90)

    def _start_arrays(self) -> None:
        # Both, whatever was asked for: the peer of an array must answer
        # when cinder-volume sets up its protection groups.
        heres = [self.at(site) for site in plan.SITES]
        for here in heres:
            self._ensure(arrays.program(here))
        for here in heres:
            if not isolation.is_isolated(here):
                self._await(
                    arrays.program(here),
                    f'array {here.site.array.name}',
                    functools.partial(arrays.is_ready, here),
                    60,
                )
        arrays.write_certificates(self.paths)

    def _build(self) -> None:
        """Fill the empty databases of both sites and keep a copy."""
        heres = [self.at(site) for site in plan.SITES]
        for here in heres:
            self.database.create(here.site)
            self._configure(here)
        with self.output.step('tables of all services'):
            schemas.ensure(heres, self.output)
        _together(
            [functools.partial(self._build_site, here) for here in heres]
        )
        with self.output.step('keep a copy of the first state'):
            self._keep_pristine()
        self.paths.build_mark.write_text(build_digest())

    def _build_site(self, here: context.Context) -> None:
        name = here.site.name
        with self.output.step(f'{name}: operator, roles, cells'):
            keystone.bootstrap(here)
            nova.map_cells(here)
        for program in keystone.programs(here):
            self._ensure(program)
        self._await_api(here, 'keystone')
        with self.output.step(f'{name}: catalogue, users and projects'):
            identity.fill(here)
        self._launch(here, self._programs(here))
        self._await_site(here, pools=False)
        with self.output.step(f'{name}: map the compute host'):
            self.waiter.until(
                f'compute node of {name}',
                functools.partial(nova.has_compute_node, here),
            )
            nova.discover_hosts(here)
        with self.output.step(f'{name}: flavors, types, network, image'):
            resources.fill(here)

    def _keep_pristine(self) -> None:
        # The services only sleep meanwhile: a restart costs far more, and
        # they replace idle connections by themselves.
        services = [
            record
            for record in self.supervisor.all()
            if record.group != mariadb.GROUP
        ]
        database = self.supervisor.record(mariadb.GROUP, mariadb.NAME)
        try:
            self.waiter.until(
                'the services to be between two transactions',
                functools.partial(self._freeze_if_idle, services),
            )
            if database is not None:
                self.supervisor.stop([database], patience=60)
            pristine.save(self.paths)
            self._ensure(self.database.program())
            self._await(
                self.database.program(), 'MariaDB', self.database.is_ready, 60
            )
        finally:
            self.supervisor.thaw(services)

    def _freeze_if_idle(self, services: list[processes.Record]) -> bool:
        self.supervisor.freeze(services)
        if self.database.is_idle():
            return True
        self.supervisor.thaw(services)
        return False

    def _configure(self, here: context.Context) -> None:
        for service in SERVICES:
            rendering.write(service.files(here))
            here.data(service.__name__.rpartition('.')[2]).mkdir(
                parents=True, exist_ok=True
            )

    def _programs(
        self,
        here: context.Context,
    ) -> list[processes.Program]:
        return [
            program
            for service in SERVICES
            for program in service.programs(here)
        ]

    def _launch(
        self, here: context.Context, programs: list[processes.Program]
    ) -> bool:
        """Start programs; nova-compute waits for what it cannot miss."""
        started = False
        for program in programs:
            if program.name == 'nova-compute':
                continue
            started |= self._ensure(program)
        for program in programs:
            if program.name == 'nova-compute':
                if not self.supervisor.is_running(program.group, program.name):
                    self._await_api(here, 'keystone')
                    self._await_api(here, 'placement')
                started |= self._ensure(program)
        return started

    def _await_site(self, here: context.Context, pools: bool = True) -> None:
        name = here.site.name
        for service in readiness.APIS:
            self._await_api(here, service)
        self._await_programs(
            here,
            ('neutron-api',),
            f'{name}: a list of networks',
            functools.partial(readiness.networks_are_listed, here),
        )
        for expectation in readiness.REPORTS:
            self._await_programs(
                here,
                expectation.programs,
                f'{name}: reports of {", ".join(expectation.programs)}',
                functools.partial(
                    readiness.reports, here, self.supervisor, expectation
                ),
                interval=1.0,
            )
        if pools:
            self._await_programs(
                here,
                ('cinder-volume', 'cinder-scheduler'),
                f'{name}: storage backends',
                functools.partial(readiness.pools_are_known, here),
                interval=1.0,
            )

    def _await_api(self, here: context.Context, service: str) -> None:
        self._await_programs(
            here,
            (f'{service}-api',),
            f'{here.site.name}: {service} at {here.site.url(service)}',
            functools.partial(readiness.api_answers, here, service),
        )

    def _await_programs(
        self,
        here: context.Context,
        names: tuple[str, ...],
        what: str,
        probe: waiting.Probe,
        interval: float | None = None,
    ) -> None:
        programs = [
            program
            for program in self._programs(here)
            if program.name in names
        ]
        self._guard(programs, what, probe, 300, interval)

    def _await(
        self,
        program: processes.Program,
        what: str,
        probe: waiting.Probe,
        deadline: float,
    ) -> None:
        self._guard([program], what, probe, deadline)

    def _guard(
        self,
        programs: list[processes.Program],
        what: str,
        probe: waiting.Probe,
        deadline: float,
        interval: float | None = None,
    ) -> None:
        """Wait for a probe; show the logs if a program ends meanwhile."""

        def probe_or_fail() -> bool:
            for program in programs:
                if not self.supervisor.is_running(program.group, program.name):
                    raise errors.ServiceFailed(f'{program.label} has ended')
            return probe()

        try:
            self.waiter.until(what, probe_or_fail, deadline, interval)
        except errors.ServiceFailed as error:
            logs = '\n'.join(_last_lines(program.log) for program in programs)
            raise errors.ServiceFailed(f'{error}\n{logs}') from error

    def _ensure(self, program: processes.Program) -> bool:
        if self.supervisor.is_running(program.group, program.name):
            started = self.supervisor.ensure(program)
            if started:
                self.output.say(
                    f'{program.label}: restarted, as its '
                    'configuration has changed'
                )
            return started
        _require_free(program.address, program.label)
        started = self.supervisor.ensure(program)
        self.output.say(f'{program.label}: started')
        return started


def build_digest() -> str:
    """Return a digest of all that decides about the stored state."""
    digest = hashlib.sha256(virtualenv.constraints_digest().encode())
    package = pathlib.Path(__file__).parent
    for name in STATEFUL_MODULES:
        digest.update((package / f'{name}.py').read_bytes())
    return digest.hexdigest()[:16]


def _together(tasks: list[Callable[[], None]]) -> None:
    with concurrent.futures.ThreadPoolExecutor(max(len(tasks), 1)) as pool:
        for future in [pool.submit(task) for task in tasks]:
            future.result()


def _require_free(address: str, label: str) -> None:
    host, _, port = address.partition(':')
    if port and arrays.accepts(host, int(port)):
        raise errors.CloudsError(
            f'{label} cannot start: something that this state directory '
            f'does not know listens at {address}. Perhaps sites run from '
            'another AEGIS_STATE_DIR: bring them down there first.'
        )


def _last_lines(log: pathlib.Path) -> str:
    try:
        text = log.read_text(errors='replace')
    except FileNotFoundError:
        text = ''
    return f'last lines of {log}:\n{commands.tail(text)}'
