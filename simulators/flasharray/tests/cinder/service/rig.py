# SPDX-License-Identifier: Apache-2.0
"""cinder-api, cinder-scheduler and cinder-volume on two arrays."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cinderclient import client as cinder_client
from cinderclient.contrib import noauth
from keystoneauth1 import session

from tests import support
from tests.cinder import arrays
from tests.cinder.service import broker, database
from tests.cinder.service.daemon import Daemon

ADDRESS = '127.0.0.1'
HOST = 'node'
PROJECT = '8b5a3f3c7d3e4b0c9a7e5d1f2c4b6a80'
_VERSION = '3.71'
_STARTING = 90.0
_PROGRAMS = Path(sys.executable).parent
# Further lines of a traceback have no request in brackets.
_TROUBLE = re.compile(r' (?:ERROR|CRITICAL) \S+ \[')


@dataclass(frozen=True)
class Backend:
    """A section of cinder.conf with the kind of its replication."""

    name: str
    driver: str
    replication: str
    options: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return f'{HOST}@{self.name}'

    @property
    def pool(self) -> str:
        """Return the pool, which the scheduler names like the backend."""
        return f'{self.host}#{self.name}'


ISCSI = Backend('iscsi', 'PureISCSIDriver', 'async')
FC = Backend('fc', 'PureFCDriver', 'sync')
NVME = Backend(
    'nvme', 'PureNVMEDriver', 'async', ('pure_nvme_transport = tcp',)
)
BACKENDS = (ISCSI, FC, NVME)


class Rig:
    """The running services and a client of their API."""

    def __init__(
        self,
        directory: Path,
        east: support.ArrayProcess,
        west: support.ArrayProcess,
        transport: str,
        connection: str,
    ) -> None:
        self.directory = directory
        self.east, self.west = east, west
        [self._port] = support.free_ports(1)
        self._file = directory / 'cinder.conf'
        self._file.write_text(self._configuration(transport, connection))
        self.volume, self.scheduler, self.api = (
            Daemon(
                [str(_PROGRAMS / name), '--config-file', str(self._file)],
                directory / f'{name}.log',
                # The services are made for eventlet, the tests are not.
                {'OS_CINDER_DISABLE_EVENTLET_PATCHING': 'false'},
            )
            for name in ('cinder-volume', 'cinder-scheduler', 'cinder-api')
        )

    @property
    def client(self) -> Any:
        """Return a new client of python-cinderclient."""
        plugin = noauth.CinderNoAuthPlugin(
            'user', PROJECT, endpoint=f'http://{ADDRESS}:{self._port}/v3'
        )
        return cinder_client.Client(
            _VERSION, session=session.Session(auth=plugin)
        )

    def make_tables(self) -> None:
        command = [_PROGRAMS / 'cinder-manage', '--config-file', self._file]
        done = subprocess.run(
            [*map(str, command), 'db', 'sync'], capture_output=True, text=True
        )
        if done.returncode:
            raise AssertionError(done.stderr)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for daemon in (self.volume, self.scheduler, self.api):
                stack.callback(daemon.stop)
                daemon.start()
            self.wait()
            yield

    def wait(self) -> None:
        """Wait until all backends are up and the scheduler knows them."""
        support.eventually(self._is_up, _STARTING, 'Cinder')

    def restart_volume(self) -> None:
        """Stop cinder-volume and start it again."""
        self.volume.stop()
        mark = self.volume.size()
        self.volume.start()
        support.eventually(
            lambda: self._has_started(mark), _STARTING, 'cinder-volume'
        )
        self.wait()

    def _has_started(self, mark: int) -> bool:
        self.volume.check()
        text = self.volume.text(mark)
        return text.count('Driver post RPC initialization completed') == len(
            BACKENDS
        )

    def _is_up(self) -> bool:
        for daemon in (self.volume, self.scheduler, self.api):
            daemon.check()
        try:
            client = self.client
            pools = {pool.name for pool in client.pools.list()}
            states = {
                service.host: (service.state, service.replication_status)
                for service in client.services.list(binary='cinder-volume')
            }
        except Exception:
            return False
        return {one.pool for one in BACKENDS} <= pools and {
            states.get(one.host) for one in BACKENDS
        } <= {('up', 'enabled'), ('up', 'failed-over')}

    def trouble(self, marks: dict[str, int]) -> list[str]:
        """Return the lines of errors since some marks in the logs."""
        return [
            line
            for name, mark in marks.items()
            for line in getattr(self, name).text(mark).splitlines()
            if _TROUBLE.search(line)
        ]

    def marks(self) -> dict[str, int]:
        return {
            name: getattr(self, name).size()
            for name in ('volume', 'scheduler', 'api')
        }

    def _configuration(self, transport: str, connection: str) -> str:
        shipped = Path(sys.prefix) / 'etc' / 'cinder'
        data = self.directory / 'data'
        data.mkdir()
        sections = [
            f"""
[DEFAULT]
transport_url = {transport}
auth_strategy = noauth
host = {HOST}
my_ip = {ADDRESS}
osapi_volume_listen = {ADDRESS}
osapi_volume_listen_port = {self._port}
osapi_volume_workers = 1
state_path = {data}
api_paste_config = {shipped / 'api-paste.ini'}
resource_query_filters_file = {shipped / 'resource_filters.json'}
enabled_backends = {','.join(one.name for one in BACKENDS)}
report_interval = 2
periodic_interval = 5
scheduler_max_attempts = 1
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
quota_groups = -1
cinder_internal_tenant_project_id = {PROJECT}
cinder_internal_tenant_user_id = user

[database]
connection = {connection}

[coordination]
backend_url = file://{data / 'coordination'}

[oslo_concurrency]
lock_path = {data / 'locks'}

[oslo_messaging_notifications]
driver = noop
"""
        ]
        sections += [self._section(one) for one in BACKENDS]
        return '\n'.join(sections)

    def _section(self, backend: Backend) -> str:
        device = (
            f'backend_id:{self.west.name},san_ip:{self.west.target},'
            f'api_token:{self.west.token},type:{backend.replication}'
        )
        options = '\n'.join(backend.options)
        return f"""
[{backend.name}]
volume_driver = cinder.volume.drivers.pure.{backend.driver}
volume_backend_name = {backend.name}
san_ip = {self.east.target}
pure_api_token = {self.east.token}
replication_device = {device}
backend_stats_polling_interval = 5
{options}
"""


@contextlib.contextmanager
def running() -> Iterator[Rig]:
    """Start everything; what can start at the same time does."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ending_in_order())
        path = stack.enter_context(support.directory())
        pool = stack.enter_context(futures.ThreadPoolExecutor())
        lock = threading.Lock()

        def enter(manager: Any) -> Any:
            value = manager.__enter__()
            with lock:
                stack.push(manager.__exit__)
            return value

        fleet = pool.submit(enter, arrays.running((arrays.EAST, arrays.WEST)))
        transport = pool.submit(
            enter, broker.running(path / 'broker', ADDRESS)
        )
        connection = pool.submit(enter, database.running(path / 'database'))
        east, west = fleet.result()
        rig = Rig(path, east, west, transport.result(), connection.result())
        rig.make_tables()
        stack.enter_context(rig.running())
        yield rig


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM end this process as Ctrl-C does: after cleaning up."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
