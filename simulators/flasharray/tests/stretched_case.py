# SPDX-License-Identifier: Apache-2.0
"""Two arrays in two processes that stretch pods over each other."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.door import DoorError
from tests import support
from tests.disturbed_case import EAST, WEST, DisturbedCase

_NUMBERS = itertools.count(1)


class StretchedCase(DisturbedCase):
    """Each test has a pod of its own, stretched by ``stretched``."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.clients = {EAST: cls.east.client(), WEST: cls.west.client()}
        response = cls.clients[EAST].patch_array_connections(
            names=[WEST],
            array_connection=flasharray.ArrayConnection(
                type='sync-replication'
            ),
        )
        assert response.status_code == 200, response

    def setUp(self) -> None:
        super().setUp()
        self.here = self.clients[EAST]
        self.there = self.clients[WEST]
        self.pod = f'pod-{next(_NUMBERS)}'

    def reset(self) -> None:
        for door in self.doors.values():
            door.set_mediator('online')
        super().reset()

    def make_pod(self, *volumes: str, **fields: Any) -> None:
        """Make the test's pod on the east array."""
        self.good(
            self.here.post_pods(
                names=[self.pod], pod=flasharray.PodPost(**fields)
            )
        )
        for name in volumes:
            self.volume(name)

    def stretched(self, *volumes: str, **fields: Any) -> None:
        """Make the test's pod with volumes and stretch it."""
        self.make_pod(*volumes)
        self.stretch()
        if fields:
            self.change_pod(**fields)
        self.wait_in_sync()

    def change_pod(self, **fields: Any) -> None:
        self.good(
            self.here.patch_pods(
                names=[self.pod], pod=flasharray.PodPatch(**fields)
            )
        )

    def stretch(self) -> None:
        self.good(
            self.here.post_pods_arrays(
                group_names=[self.pod], member_names=[WEST]
            )
        )

    def unstretch(self, client: Any = None, member: str = WEST) -> None:
        self.good(
            (client or self.here).delete_pods_arrays(
                group_names=[self.pod], member_names=[member]
            )
        )

    def in_pod(self, name: str) -> str:
        return f'{self.pod}::{name}'

    def volume(self, name: str, client: Any = None) -> Any:
        return self.good(
            (client or self.here).post_volumes(
                names=[self.in_pod(name)],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )[0]

    def status(self, seen_by: str, of: str) -> Any:
        """Return how one array sees the pod on one array."""
        found = self.good(self.clients[seen_by].get_pods(names=[self.pod]))
        return next(a for a in found[0].arrays if a.name == of)

    def wait_status(self, seen_by: str, of: str, status: str) -> Any:
        def look() -> Any:
            found = self.status(seen_by, of)
            return found.status == status and found

        return support.eventually(
            look, what=f'{of} being {status} for {seen_by}'
        )

    def wait_in_sync(self) -> None:
        for seen_by in (EAST, WEST):
            for of in (EAST, WEST):
                self.wait_status(seen_by, of, 'online')

    def write(self, name: str, data: bytes, on: str = EAST) -> None:
        self.doors[on].write(self.in_pod(name), 0, data)

    def read(self, name: str, length: int, on: str = WEST) -> bytes:
        return self.doors[on].read(self.in_pod(name), 0, length)

    def assert_no_io(self, on: str, name: str) -> None:
        for attempt in (
            lambda: self.write(name, b'x', on),
            lambda: self.read(name, 1, on),
        ):
            with self.assertRaisesRegex(DoorError, 'offline'):
                attempt()

    def assert_same_bytes(self, *volumes: str) -> None:
        for name in volumes:
            self.assertEqual(
                self.doors[EAST].digest(self.in_pod(name)),
                self.doors[WEST].digest(self.in_pod(name)),
            )

    def cut(self, kind: str = 'both') -> None:
        self.doors[EAST].set_link(WEST, False, kind)

    def join(self) -> None:
        self.doors[EAST].set_link(WEST, True)

    def names(self, client: Any, kind: str) -> set[str]:
        """Return the names of one kind of objects in the pod."""
        found = self.good(getattr(client, f'get_{kind}')())
        return {
            one.name for one in found if one.name.startswith(self.pod + '::')
        }

    def together(self, calls: list[Callable[[], Any]]) -> list[Any]:
        """Do all calls at the same time; return their results."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            return [one.result() for one in [pool.submit(c) for c in calls]]
