# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ node of our own, as Debian packages it."""

import contextlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from tests import support
from tests.cinder.service.daemon import Daemon

SCRIPT = Path('/usr/lib/rabbitmq/bin/rabbitmq-server')
_STARTING = 60.0


def is_installed() -> bool:
    return SCRIPT.exists() and shutil.which('epmd') is not None


@contextlib.contextmanager
def running(directory: Path, address: str) -> Iterator[str]:
    """Run it; yield its URL once it is up."""
    directory.mkdir()
    mapper_port, cluster_port, port = support.free_ports(3)
    mapper = Daemon(
        ['epmd', '-address', address, '-port', str(mapper_port)],
        directory / 'epmd.log',
    )
    node = Daemon(
        [str(SCRIPT)],
        directory / 'rabbitmq.log',
        _environment(directory, address, mapper_port, cluster_port),
    )
    (directory / 'rabbitmq.conf').write_text(
        f'listeners.tcp.1 = {address}:{port}\n'
        'loopback_users = none\n'
        'log.console.level = warning\n'
        'disk_free_limit.absolute = 50MB\n'
    )
    (directory / 'plugins').write_text('[].\n')
    (directory / 'rabbitmq-env.conf').write_text('')
    with contextlib.ExitStack() as stack:
        for daemon in (mapper, node):
            stack.callback(daemon.stop)
            daemon.start()
        support.eventually(
            lambda: _speaks(node, address, port), _STARTING, 'RabbitMQ'
        )
        yield f'rabbit://guest:guest@{address}:{port}/'


def _environment(
    directory: Path, address: str, mapper_port: int, cluster_port: int
) -> dict[str, str]:
    interface = address.replace('.', ',')
    return {
        'HOME': str(directory),
        'RABBITMQ_HOME': str(directory),
        'RABBITMQ_NODENAME': 'cinder-test@localhost',
        'RABBITMQ_CONF_ENV_FILE': str(directory / 'rabbitmq-env.conf'),
        'RABBITMQ_CONFIG_FILE': str(directory / 'rabbitmq.conf'),
        'RABBITMQ_MNESIA_BASE': str(directory / 'mnesia'),
        'RABBITMQ_LOG_BASE': str(directory / 'log'),
        'RABBITMQ_LOGS': '-',
        'RABBITMQ_ENABLED_PLUGINS_FILE': str(directory / 'plugins'),
        'RABBITMQ_GENERATED_CONFIG_DIR': str(directory / 'generated'),
        'RABBITMQ_DIST_PORT': str(cluster_port),
        'RABBITMQ_ALLOW_INPUT': '1',
        'RABBITMQ_SERVER_START_ARGS': '-noinput',
        'ERL_EPMD_PORT': str(mapper_port),
        'ERL_EPMD_ADDRESS': address,
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': (
            f'-kernel inet_dist_use_interface {{{interface}}}'
        ),
    }


def _speaks(node: Daemon, address: str, port: int) -> bool:
    node.check()
    try:
        with socket.create_connection((address, port), 2) as link:
            link.settimeout(2)
            link.sendall(b'AMQP\x00\x00\x09\x01')
            return bool(link.recv(1))
    except OSError:
        return False
