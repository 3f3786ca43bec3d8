# SPDX-License-Identifier: Apache-2.0
"""What an operator, Cinder and hosts do to arrays, for each driver alike.

Names get a prefix of their own in each test, so that tests can share
arrays.
"""

import atexit
import functools
import itertools
from typing import Any, Protocol

from pypureclient import flasharray

from aegis.storage import base, noop
from aegis.storage.flasharray import client, opts, session
from aegis.storage.flasharray import driver as flasharray_driver
from aegis.tests.fixtures import arrays

EAST, WEST = arrays.NAMES
MIB = 1 << 20

_prefixes = itertools.count(1)


@functools.cache
def shared_arrays(profile: str | None = None) -> arrays.Arrays:
    """Give a pair that all tests of the process share, till its end.

    To be called outside of tests, whose temporary files end with them.
    """
    pair = arrays.Arrays(profile)
    pair.setUp()
    atexit.register(pair.cleanUp)
    return pair


class World(Protocol):
    """Two arrays; groups are owned by the east and replicate to the west."""

    east: base.StorageDriver
    west: base.StorageDriver

    def unique(self, name: str) -> str:
        """Give a name that no other test uses."""

    def add_volume(self, array: str, name: str) -> str:
        """Make a volume of a MiB; returns its name."""

    def add_group(self, name: str, volumes: list[str]) -> Any:
        """Make a replication group; returns it."""

    def connect(self, array: str, volume: str) -> None:
        """Connect a host to a volume."""

    def disconnect(self, array: str, volume: str) -> None:
        """Disconnect the host again."""

    def rename(self, array: str, volume: str, new_name: str) -> None:
        """Rename a volume, as Cinder does when it manages one."""

    def set_link(self, up: bool) -> None:
        """Cut or restore replication between the arrays."""

    def lose_point(self, point: base.RecoveryPoint) -> None:
        """Destroy a recovery point at the west."""

    def exists(self, array: str, volume: str) -> bool:
        """Tell whether there is a live volume of that name."""


class _Prefixed:
    def __init__(self) -> None:
        self._prefix = f't{next(_prefixes)}'

    def unique(self, name: str) -> str:
        return f'{self._prefix}-{name}'


class NoopWorld(_Prefixed):
    def __init__(self) -> None:
        super().__init__()
        self.east = noop.NoopDriver(EAST)
        self.west = noop.NoopDriver(WEST)

    def add_volume(self, array: str, name: str) -> str:
        return noop.world(array).add_volume(self.unique(name), MIB).name

    def add_group(self, name: str, volumes: list[str]) -> Any:
        return noop.world(EAST).add_group(self.unique(name), volumes, [WEST])

    def connect(self, array: str, volume: str) -> None:
        noop.world(array).volumes[volume].connected = True

    def disconnect(self, array: str, volume: str) -> None:
        noop.world(array).volumes[volume].connected = False

    def rename(self, array: str, volume: str, new_name: str) -> None:
        noop.world(array).rename_volume(volume, new_name)

    def set_link(self, up: bool) -> None:
        noop.world(EAST).link_connected = up

    def lose_point(self, point: base.RecoveryPoint) -> None:
        noop.world(WEST).lose_point(point.name)

    def exists(self, array: str, volume: str) -> bool:
        found = noop.world(array).volumes.get(volume)
        return found is not None and not found.destroyed


class FlashArrayWorld(_Prefixed):
    """Drives the arrays by their REST interface with the vendor's client."""

    def __init__(self, pair: arrays.Arrays) -> None:
        super().__init__()
        self._clients = {
            array.name: array.client for array in (pair.east, pair.west)
        }
        self._pair = pair
        self.east = make_driver(pair.east)
        self.west = make_driver(pair.west)

    def close(self) -> None:
        self.east.close()
        self.west.close()

    def add_volume(self, array: str, name: str) -> str:
        unique = self.unique(name)
        items(
            self._clients[array].post_volumes(
                names=[unique], volume=flasharray.VolumePost(provisioned=MIB)
            )
        )
        return unique

    def add_group(self, name: str, volumes: list[str]) -> Any:
        east, west = self._clients[EAST], self._clients[WEST]
        unique = self.unique(name)
        items(east.post_protection_groups(names=[unique]))
        items(
            east.post_protection_groups_volumes(
                group_names=[unique], member_names=volumes
            )
        )
        items(
            east.post_protection_groups_targets(
                group_names=[unique], member_names=[WEST]
            )
        )
        self._allow(west, f'{EAST}:{unique}')
        self._schedule(east, unique)
        arrays.wait_until(
            lambda: self._allowed(east, unique), 'the target to allow it'
        )
        return base.ReplicationGroup(EAST, unique)

    def connect(self, array: str, volume: str) -> None:
        host = self.unique(f'host-{volume}')[:60]
        rest = self._clients[array]
        items(rest.post_hosts(names=[host], host=flasharray.HostPost()))
        items(rest.post_connections(host_names=[host], volume_names=[volume]))

    def disconnect(self, array: str, volume: str) -> None:
        host = self.unique(f'host-{volume}')[:60]
        items(
            self._clients[array].delete_connections(
                host_names=[host], volume_names=[volume]
            )
        )

    def rename(self, array: str, volume: str, new_name: str) -> None:
        items(
            self._clients[array].patch_volumes(
                names=[volume], volume=flasharray.VolumePatch(name=new_name)
            )
        )

    def set_link(self, up: bool) -> None:
        self._pair.east.door.set_link(WEST, up)

    def lose_point(self, point: base.RecoveryPoint) -> None:
        items(
            self._clients[WEST].patch_protection_group_snapshots(
                names=[point.name],
                protection_group_snapshot=(
                    flasharray.ProtectionGroupSnapshotPatch(destroyed=True)
                ),
            )
        )

    def exists(self, array: str, volume: str) -> bool:
        found = self._clients[array].get_volumes(filter=f"name='{volume}'")
        return any(not one.destroyed for one in items(found))

    def _allow(self, west: Any, name: str) -> None:
        arrays.wait_until(
            lambda: (
                west.get_protection_groups(names=[name]).status_code == 200
            ),
            'the group to appear at its target',
        )
        items(
            west.patch_protection_groups_targets(
                group_names=[name],
                member_names=[WEST],
                target=flasharray.TargetProtectionGroupPostPatch(allowed=True),
            )
        )

    def _allowed(self, east: Any, name: str) -> bool:
        found = items(east.get_protection_groups_targets(group_names=[name]))
        return all(target.allowed for target in found)

    def _schedule(self, east: Any, name: str) -> None:
        items(
            east.patch_protection_groups(
                names=[name],
                protection_group=flasharray.ProtectionGroup(
                    replication_schedule=flasharray.ReplicationSchedule(
                        frequency=3600000
                    )
                ),
            )
        )


def make_driver(
    array: arrays.Array, **changes: Any
) -> flasharray_driver.FlashArrayDriver:
    """Make a driver for a simulated array."""
    values = {**array.options(), **changes}
    settings = opts.Settings(**values)
    return flasharray_driver.FlashArrayDriver(
        settings.array_name, client.Client(session.Session(settings))
    )


def items(response: Any) -> list[Any]:
    """Give the items of an answer of the vendor's client, or fail."""
    if response.status_code != 200:
        raise AssertionError(response)
    return list(response.items or ())
