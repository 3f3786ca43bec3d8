# SPDX-License-Identifier: Apache-2.0
"""What every service of a site needs to know to be configured."""

import pathlib
from dataclasses import dataclass

from sites import (
    layout,
    mariadb,
    passwords,
    plan,
    processes,
    rabbitmq,
    rendering,
    rest,
    virtualenv,
)

# Some services log no calls of their own.
ACCESS_LOG = 'access %(method) %(uri) %(status) %(msecs) ms'


@dataclass(frozen=True)
class Context:
    """One site on this machine."""

    site: plan.Site
    paths: layout.Layout
    passwords: passwords.Passwords
    database: mariadb.Server
    broker: rabbitmq.Broker
    environment: virtualenv.Environment

    def configuration(self, service: str) -> pathlib.Path:
        return self.paths.configuration(self.site.name, service)

    def data(self, service: str) -> pathlib.Path:
        return self.paths.data(self.site.name, service)

    def log(self, program: str) -> pathlib.Path:
        return self.paths.logs(self.site.name) / f'{program}.log'

    def shipped(self, relative: str) -> rendering.File:
        """Return a settings file of a package, to lie beside ours."""
        source = self.environment.settings / relative
        service, _, name = relative.partition('/')
        return rendering.File(
            self.configuration(service) / name, source.read_text()
        )

    def service_password(self, user: str) -> str:
        """Return the Keystone password of a service's user here."""
        return self.passwords.of(f'service {user} {self.site.name}')

    def user_password(self, user: str) -> str:
        """Return the Keystone password of a person here."""
        return self.passwords.of(f'user {user} {self.site.name}')

    def administrator(self) -> rest.Credentials:
        """Return the credentials of the site's operator."""
        return rest.Credentials(
            self.site.auth_url,
            self.site.region,
            plan.ADMIN_USER,
            plan.ADMIN_DOMAIN,
            self.user_password(plan.ADMIN_USER),
            plan.ADMIN_PROJECT,
            plan.ADMIN_DOMAIN,
        )

    def daemon(
        self,
        name: str,
        *arguments: str,
        files: tuple[rendering.File, ...],
        environment: tuple[tuple[str, str], ...] = (),
    ) -> processes.Program:
        """Return a service program that has no API of its own."""
        return processes.Program(
            self.site.name,
            name,
            (self.environment.program(name), *arguments),
            environment,
            self.log(name),
            version=rendering.digest(files),
            address=self.site.address,
        )

    def api(
        self,
        service: str,
        module: str,
        *,
        files: tuple[rendering.File, ...],
        environment: tuple[tuple[str, str], ...] = (),
        workers: int = 1,
        threads: int = 8,
        arguments: str = '',
    ) -> processes.Program:
        """Return a uwsgi program that serves an API at the planned port."""
        command = [
            self.environment.program('uwsgi'),
            '--http-socket',
            f'{self.site.address}:{self.site.port(service)}',
            '--module',
            f'{module}:application',
            '--master',
            '--need-app',
            '--lazy-apps',
            '--die-on-term',
            '--buffer-size',
            '65535',
            '--listen',
            '100',
            '--processes',
            str(workers),
            '--threads',
            str(threads),
            '--log-format',
            ACCESS_LOG,
            # Without it concurrent clients see connection resets.
            '--add-header',
            'Connection: close',
        ]
        if arguments:
            command += ['--pyargv', arguments]
        name = f'{service}-api'
        return processes.Program(
            self.site.name,
            name,
            tuple(command),
            environment,
            self.log(name),
            version=rendering.digest(files),
            address=f'{self.site.address}:{self.site.port(service)}',
        )
