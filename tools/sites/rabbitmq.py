# SPDX-License-Identifier: Apache-2.0
"""A private RabbitMQ node, empty at each start.

Users and virtual hosts come from a definitions file at boot, so that no
rabbitmqctl (an Erlang machine for each call) is ever needed. Queues hold
nothing that outlives the services, so every start begins with none.
"""

import base64
import hashlib
import json
import pathlib
import shutil
import socket
from dataclasses import dataclass

from sites import (
    errors,
    layout,
    packages,
    passwords,
    plan,
    processes,
    rendering,
)

GROUP = 'shared'
NAME = 'rabbitmq'
MAPPER_NAME = 'epmd'
_SCRIPT = pathlib.Path('/usr/lib/rabbitmq/bin/rabbitmq-server')


@dataclass(frozen=True)
class Broker:
    """The message broker of one state directory."""

    paths: layout.Layout
    passwords: passwords.Passwords

    @property
    def log(self) -> pathlib.Path:
        return self.paths.clouds / 'log' / 'rabbitmq.log'

    def programs(self) -> tuple[processes.Program, ...]:
        """Return Erlang's port mapper and the broker, in start order."""
        epmd = packages.program('epmd')
        if epmd is None or not _SCRIPT.exists():
            raise errors.CloudsError(
                'RabbitMQ is not installed as Debian does it: '
                f'{_SCRIPT} or epmd is missing'
            )
        mapper = processes.Program(
            GROUP,
            MAPPER_NAME,
            (
                epmd,
                '-address',
                plan.SHARED_ADDRESS,
                '-port',
                str(plan.MESSAGING_MAPPER_PORT),
            ),
            (),
            self.paths.clouds / 'log' / 'epmd.log',
            address=f'{plan.SHARED_ADDRESS}:{plan.MESSAGING_MAPPER_PORT}',
        )
        broker = processes.Program(
            GROUP,
            NAME,
            (str(_SCRIPT),),
            self._environment(),
            self.log,
            version=rendering.digest(self._files()),
            address=f'{plan.SHARED_ADDRESS}:{plan.MESSAGING_PORT}',
        )
        return mapper, broker

    def prepare(self) -> None:
        """Empty the node's directory and write its settings.

        Only while the broker is down.
        """
        shutil.rmtree(self.paths.messaging, ignore_errors=True)
        self.paths.messaging.mkdir(parents=True)
        rendering.write(self._files())

    def is_ready(self) -> bool:
        """Tell whether it speaks AMQP."""
        try:
            with socket.create_connection(
                (plan.SHARED_ADDRESS, plan.MESSAGING_PORT), 2
            ) as link:
                link.settimeout(2)
                link.sendall(b'AMQP\x00\x00\x09\x01')
                return bool(link.recv(1))
        except OSError:
            return False

    def url(self, site: plan.Site, service: str = '') -> str:
        """Return the transport URL of a site, or of its Aegis."""
        password = self.passwords.of(f'messaging {site.name}')
        return (
            f'rabbit://{site.name}:{password}@{plan.SHARED_ADDRESS}:'
            f'{plan.MESSAGING_PORT}/{virtual_host(site, service)}'
        )

    def _environment(self) -> tuple[tuple[str, str], ...]:
        root = self.paths.messaging
        interface = plan.SHARED_ADDRESS.replace('.', ',')
        return (
            ('HOME', str(root)),
            ('RABBITMQ_HOME', str(root)),
            ('RABBITMQ_NODENAME', 'aegis-clouds@localhost'),
            ('RABBITMQ_CONF_ENV_FILE', str(root / 'rabbitmq-env.conf')),
            ('RABBITMQ_CONFIG_FILE', str(root / 'rabbitmq.conf')),
            ('RABBITMQ_MNESIA_BASE', str(root / 'mnesia')),
            ('RABBITMQ_LOG_BASE', str(root / 'log')),
            ('RABBITMQ_LOGS', '-'),
            ('RABBITMQ_ENABLED_PLUGINS_FILE', str(root / 'plugins')),
            ('RABBITMQ_GENERATED_CONFIG_DIR', str(root / 'generated')),
            ('RABBITMQ_DIST_PORT', str(plan.MESSAGING_CLUSTER_PORT)),
            ('RABBITMQ_ALLOW_INPUT', '1'),
            ('RABBITMQ_SERVER_START_ARGS', '-noinput'),
            ('ERL_EPMD_PORT', str(plan.MESSAGING_MAPPER_PORT)),
            ('ERL_EPMD_ADDRESS', plan.SHARED_ADDRESS),
            (
                'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS',
                f'-kernel inet_dist_use_interface {{{interface}}}',
            ),
        )

    def _files(self) -> tuple[rendering.File, ...]:
        root = self.paths.messaging
        settings = '\n'.join(
            [
                f'listeners.tcp.1 = {plan.SHARED_ADDRESS}:{plan.MESSAGING_PORT}',
                f'load_definitions = {root / "definitions.json"}',
                'log.console.level = warning',
                'disk_free_limit.absolute = 200MB',
                'loopback_users = none',
                '',
            ]
        )
        return (
            rendering.File(root / 'rabbitmq.conf', settings),
            rendering.File(root / 'plugins', '[].\n'),
            rendering.File(root / 'rabbitmq-env.conf', ''),
            rendering.File(root / 'definitions.json', self._definitions()),
        )

    def _definitions(self) -> str:
        pairs = [
            (site.name, virtual_host(site, service))
            for site in plan.SITES
            for service in ('', 'aegis')
        ]
        return json.dumps(
            {
                'users': [
                    {
                        'name': site.name,
                        'tags': '',
                        'hashing_algorithm': 'rabbit_password_hashing_sha256',
                        'password_hash': password_hash(
                            self.passwords.of(f'messaging {site.name}')
                        ),
                    }
                    for site in plan.SITES
                ],
                'vhosts': [{'name': host} for _, host in pairs],
                'permissions': [
                    {
                        'user': user,
                        'vhost': host,
                        'configure': '.*',
                        'write': '.*',
                        'read': '.*',
                    }
                    for user, host in pairs
                ],
            },
            indent=1,
        )


def virtual_host(site: plan.Site, service: str = '') -> str:
    """Return the name of a site's virtual host, or of its Aegis'."""
    return f'{site.name}-{service}' if service else site.name


def password_hash(password: str) -> str:
    """Return a password as RabbitMQ's definitions hold it.

    Source: RabbitMQ manual, "Credentials and Passwords": base64 of a
    4-byte salt and SHA-256 of salt and password. The salt is derived, so
    that the same password gives the same file.
    """
    salt = hashlib.sha256(b'salt' + password.encode()).digest()[:4]
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode()
