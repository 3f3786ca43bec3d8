# SPDX-License-Identifier: Apache-2.0
"""A running Aegis at a site: all in one process, or spread out."""

import pathlib
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass, replace

from deployment import configuration, facts
from sites import commands, console, errors, processes, waiting

GROUP = 'aegis'
STANDALONE = 'standalone'
DISTRIBUTED = 'distributed'
MODES = (STANDALONE, DISTRIBUTED)

API = 'aegis-api'
ENGINES = ('engine-1', 'engine-2')


def api_command(programs: pathlib.Path, address: str) -> tuple[str, ...]:
    """How the API is served by uWSGI.

    :param programs: the directory of the environment's programs.
    """
    return (
        str(programs / 'uwsgi'),
        '--http-socket',
        address,
        '--module',
        'aegis.wsgi.api:application',
        '--master',
        '--lazy-apps',
        '--need-app',
        '--processes',
        '2',
        '--threads',
        '4',
        '--enable-threads',
        '--buffer-size',
        '65535',
        '--die-on-term',
        '--add-header',
        'Connection: close',
    )


@dataclass(frozen=True)
class Plan:
    """Which Aegis to run: the mode, and options on top of the usual."""

    mode: str
    extra: tuple[tuple[str, str, str], ...] = ()
    test_hooks: pathlib.Path | None = None


class Deployment:
    """An Aegis at the recovery site, run by this machine's supervisor.

    :param directory: everything of it lies there: configuration, logs,
        process records and, when standalone, the database.
    :param virtual_environment: where the aegis-* commands are.
    """

    def __init__(
        self,
        sites: facts.Sites,
        directory: pathlib.Path,
        virtual_environment: pathlib.Path,
        output: console.Console,
        plan: Plan,
    ) -> None:
        self.sites = sites
        self.site = sites.west
        self.directory = directory
        self.plan = plan
        self._programs = virtual_environment / 'bin'
        self._output = output
        self._records = directory / 'processes'
        self._records.mkdir(parents=True, exist_ok=True)
        self._supervisor = processes.Supervisor(self._records, directory)

    @property
    def endpoint(self) -> str:
        return self.site.aegis.endpoint

    @property
    def logs(self) -> pathlib.Path:
        return self.directory / 'logs'

    @property
    def engines(self) -> tuple[str, ...]:
        """The names of the programs that run lanes."""
        if self.plan.mode == STANDALONE:
            return (STANDALONE,)
        return ENGINES

    def erase(self) -> None:
        """Stop it and forget what it knew.

        A database server's own data goes with a fresh start of the sites.
        """
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        self._records.mkdir(parents=True)

    def start(self) -> None:
        """Write the configuration, bring the database up and start."""
        with self._output.step(f'Aegis at {self.site.name}'):
            if self.plan.mode == DISTRIBUTED:
                self._sync_database()
                self._supervisor.ensure(self._api_program())
            for engine in self.engines:
                self.start_engine(engine)
            waiting.Waiter(self._output).until(
                f'Aegis at {self.endpoint}', self.answers, deadline=60
            )

    def stop(self) -> None:
        """End all of its processes."""
        self._supervisor.stop(self._supervisor.all(GROUP))

    def start_engine(self, engine: str) -> None:
        """Start one engine; nothing happens when it runs."""
        program = 'aegis-engine'
        if self.plan.mode == STANDALONE:
            program = 'aegis-standalone'
        self._supervisor.ensure(
            processes.Program(
                GROUP,
                engine,
                (
                    str(self._programs / program),
                    '--config-file',
                    str(self._configure(engine)),
                ),
                (),
                self.logs / f'{engine}.log',
            )
        )

    def kill_engine(self, engine: str) -> None:
        """End an engine as a power cut does: at once, without warning."""
        record = self._supervisor.record(GROUP, engine)
        if record is None:
            raise errors.CloudsError(f'{engine} was never started')
        self._supervisor.stop([record], patience=0)

    def running(self, engine: str) -> bool:
        return self._supervisor.is_running(GROUP, engine)

    def answers(self) -> bool:
        """Whether the API says that it is well."""
        try:
            with urllib.request.urlopen(
                f'{self.endpoint}/healthcheck', timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _sync_database(self) -> None:
        commands.run(
            [
                str(self._programs / 'aegis-manage'),
                '--config-file',
                str(self._configure(API)),
                'db',
                'sync',
            ],
            what='aegis-manage db sync',
        )

    def _configure(self, host: str) -> pathlib.Path:
        distributed = self.plan.mode == DISTRIBUTED
        settings = configuration.Settings(
            directory=self.directory,
            host=host,
            local=self.site,
            sites=self.sites,
            database_url=(
                self.site.aegis.database_url if distributed else None
            ),
            transport_url=(
                self.site.aegis.transport_url if distributed else None
            ),
            test_hooks=self.plan.test_hooks,
            extra=self.plan.extra,
        )
        if not distributed:
            listen = (
                ('standalone', 'listen_address', self.site.aegis.address),
                ('standalone', 'listen_port', str(self.site.aegis.port)),
            )
            settings = replace(settings, extra=(*listen, *settings.extra))
        path = self.directory / f'{host}.conf'
        path.touch(mode=0o600)
        path.write_text(configuration.render(settings))
        return path

    def _api_program(self) -> processes.Program:
        address = f'{self.site.aegis.address}:{self.site.aegis.port}'
        return processes.Program(
            GROUP,
            API,
            api_command(self._programs, address),
            (('OS_AEGIS_CONFIG_FILES', str(self._configure(API))),),
            self.logs / f'{API}.log',
            address=address,
        )
