# SPDX-License-Identifier: Apache-2.0
"""One simulated array as a whole: state, ports and threads."""

import secrets
import uuid
from dataclasses import replace
from pathlib import Path

from flasharray_simulator import certificates
from flasharray_simulator.application import Application
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.call_log import CallLog
from flasharray_simulator.domain import access
from flasharray_simulator.door_server import DoorApplication
from flasharray_simulator.faults import Faults
from flasharray_simulator.housekeeping import Housekeeper
from flasharray_simulator.mediator import Mediator, default_directory
from flasharray_simulator.replication import peers
from flasharray_simulator.replication.engine import ReplicationEngine
from flasharray_simulator.replication.mirror import Mirror, MirrorOff
from flasharray_simulator.replication.receiver import Receiver
from flasharray_simulator.server import Server
from flasharray_simulator.sessions import User

DATABASE = 'array.sqlite3'
API_TOKEN = 'api-token'


class Simulator:
    """Starts, stops and powers one array.

    Files in the data directory: the database, the certificate with its
    key, and the API token if none was given.
    """

    def __init__(
        self,
        setup: Setup,
        directory: Path,
        door_port: int,
        connect: dict[str, str] | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.array = FlashArray(setup, directory / DATABASE)
        self._mediator = Mediator(setup.mediator or default_directory())
        self.array.mirror = MirrorOff(self.array)
        self.log = CallLog()
        self.faults = Faults()
        self._application = Application(self.array, self.log, self.faults)
        tls = certificates.ensure(directory, setup.name, setup.address)
        self._api = Server(setup.address, setup.port, self._application, tls)
        self._replication_port = Server(
            setup.address,
            setup.replication_port,
            Receiver(self.array),
            threads=6,
        )
        self._door = Server(
            setup.address, door_port, DoorApplication(self), threads=4
        )
        with self.array.transaction():
            access.configure(self.array, setup.users)
        self._housekeeper: Housekeeper | None = None
        self._engine: ReplicationEngine | None = None
        for name, address in (connect or {}).items():
            with self.array.transaction():
                peers.configure(self.array, name, address)

    @property
    def powered(self) -> bool:
        return self._replication_port.running

    @property
    def managed(self) -> bool:
        """Return whether the REST API can be reached."""
        return self._api.running

    def start(self) -> None:
        """Open all ports; raises OSError if one is taken."""
        self._door.start()
        try:
            self.set_power(True)
        except OSError:
            # Their threads would keep the process.
            for port in (self._api, self._replication_port, self._door):
                port.stop()
            raise

    def stop(self) -> None:
        self._application.stop()
        self.set_power(False)
        self._door.stop()
        self.array.close()

    def set_power(self, up: bool) -> None:
        """Switch on or off all but the side door; idempotent."""
        if up == self.powered:
            return
        if up:
            self.array.mirror = Mirror(self.array, self._mediator)
            self._api.start()
            self._replication_port.start()
            self._housekeeper = Housekeeper(self.array)
            self._housekeeper.start()
            self._engine = ReplicationEngine(self.array)
            self._engine.start()
            return
        self.array.mirror = MirrorOff(self.array)
        self._api.stop()
        self._replication_port.stop()
        if self._engine is not None:
            self._engine.stop()
        if self._housekeeper is not None:
            self._housekeeper.stop()
        self.array.sessions.expire_all(self.array.now())

    def set_management(self, up: bool) -> None:
        """Switch on or off the REST API alone; idempotent.

        Raises ValueError for an array that has no power.
        """
        if not self.powered:
            raise ValueError('the array has no power')
        if up:
            self._api.start()
        else:
            self._api.stop()

    def keep_house(self) -> None:
        """Do at once what is due, after the clock was moved."""
        if self._housekeeper is not None and self.powered:
            self._housekeeper.work(thoroughly=True)


def token_of(directory: Path, given: str | None) -> str:
    """Return the API token: the given one, the stored one, or a new one."""
    path = directory / API_TOKEN
    directory.mkdir(parents=True, exist_ok=True)
    if given is None and path.exists():
        return path.read_text().strip()
    token = given or str(uuid.UUID(bytes=secrets.token_bytes(16)))
    certificates.write_secret(path, f'{token}\n'.encode())
    return token


def with_user(
    setup: Setup, name: str, token: str, read_only_token: str | None = None
) -> Setup:
    """Return the setup with the users who may log in."""
    users: tuple[User, ...] = (User(name, token),)
    if read_only_token:
        users += (User('readonly', read_only_token, access.READ_ONLY),)
    return replace(setup, users=users)
