# SPDX-License-Identifier: Apache-2.0
"""A private RabbitMQ node."""

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from flasharray_simulator import testing

from benchmarks import processes

_SCRIPT = Path('/usr/lib/rabbitmq/bin/rabbitmq-server')
_ADDRESS = '127.0.0.1'


@contextlib.contextmanager
def broker(directory: Path) -> Iterator[str]:
    """Run one with its own port mapper; give the transport URL."""
    epmd = shutil.which('epmd')
    if epmd is None or not _SCRIPT.exists():
        raise FileNotFoundError('RabbitMQ is missing: install rabbitmq-server')
    mapper, port, cluster = testing.free_ports(3, _ADDRESS)
    home = directory / 'rabbitmq'
    home.mkdir()
    (home / 'rabbitmq.conf').write_text(
        f'listeners.tcp.1 = {_ADDRESS}:{port}\n'
        'log.console.level = warning\n'
        'disk_free_limit.absolute = 100MB\n'
    )
    (home / 'plugins').write_text('[].\n')
    environment = {
        'PATH': os.environ['PATH'],
        'HOME': str(home),
        'RABBITMQ_HOME': str(home),
        'RABBITMQ_NODENAME': 'aegis-benchmark@localhost',
        'RABBITMQ_CONF_ENV_FILE': str(home / 'rabbitmq-env.conf'),
        'RABBITMQ_CONFIG_FILE': str(home / 'rabbitmq.conf'),
        'RABBITMQ_MNESIA_BASE': str(home / 'mnesia'),
        'RABBITMQ_LOG_BASE': str(home / 'log'),
        'RABBITMQ_LOGS': '-',
        'RABBITMQ_ENABLED_PLUGINS_FILE': str(home / 'plugins'),
        'RABBITMQ_GENERATED_CONFIG_DIR': str(home / 'generated'),
        'RABBITMQ_DIST_PORT': str(cluster),
        'RABBITMQ_ALLOW_INPUT': '1',
        'RABBITMQ_SERVER_START_ARGS': '-noinput',
        'ERL_EPMD_PORT': str(mapper),
        'ERL_EPMD_ADDRESS': _ADDRESS,
    }
    command = (epmd, '-address', _ADDRESS, '-port', str(mapper))
    with (
        processes.running(command, directory / 'epmd.log'),
        processes.running(
            [str(_SCRIPT)], directory / 'rabbitmq.log', environment
        ) as running,
    ):

        def answers() -> bool:
            running.require()
            return _speaks(port)

        processes.until(answers, 'RabbitMQ', 120)
        yield f'rabbit://guest:guest@{_ADDRESS}:{port}/'


def _speaks(port: int) -> bool:
    try:
        with socket.create_connection((_ADDRESS, port), 2) as link:
            link.settimeout(2)
            link.sendall(b'AMQP\x00\x00\x09\x01')
            return bool(link.recv(1))
    except OSError:
        return False
