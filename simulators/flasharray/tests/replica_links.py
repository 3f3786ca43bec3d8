# SPDX-License-Identifier: Apache-2.0
"""A pair of arrays with a pod on each, for the tests of ActiveDR."""

import itertools
from typing import Any

from pypureclient import flasharray

from tests import support
from tests.disturbed_case import DisturbedCase

_NUMBERS = itertools.count(1)


class LinkCase(DisturbedCase):
    """Every test has pods of its own: ``source`` and, there, ``target``."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.one = cls.east.client()
        cls.two = cls.west.client()

    def setUp(self) -> None:
        super().setUp()
        self.here = self.east.door
        self.there = self.west.door
        number = next(_NUMBERS)
        self.source = f'source-{number}'
        self.target = f'target-{number}'

    def make_pods(self) -> None:
        self.good(
            self.one.post_pods(names=[self.source], pod=flasharray.PodPost())
        )
        self.good(
            self.two.post_pods(names=[self.target], pod=flasharray.PodPost())
        )
        self.good(self.ask(self.two, self.target, 'demoted'))
        for undo in self.undo_pods(self.two, self.target):
            self.good(self.two.delete_pods(names=[undo]))

    def make_volume(self, name: str = 'v') -> str:
        full = f'{self.source}::{name}'
        self.good(
            self.one.post_volumes(
                names=[full],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )
        return full

    def link(self) -> None:
        self.good(self.post_link())

    def post_link(self) -> Any:
        return self.one.post_pod_replica_links(
            local_pod_names=[self.source],
            remote_names=['fa-west'],
            remote_pod_names=[self.target],
        )

    def linked(self, data: bytes = b'first') -> None:
        """Make a volume with data in linked pods; wait for the baseline."""
        self.make_pods()
        self.here.write(self.make_volume(), 0, data)
        self.link()
        self.until('replicating')
        self.arrived(data)

    def arrived(self, data: bytes, offset: int = 0) -> None:
        self.has(self.there, f'{self.target}::v', data, offset)

    def has(
        self, door: Any, volume: str, data: bytes, offset: int = 0
    ) -> None:
        """Wait until a volume has the data."""

        def look() -> bool:
            names = [v['name'] for v in door.objects()['volumes']]
            return volume in names and (
                door.read(volume, offset, len(data)) == data
            )

        support.eventually(look, what=f'{data!r} in {volume}')

    def ask(self, client: Any, pod: str, state: str, **query: Any) -> Any:
        return client.patch_pods(
            names=[pod],
            pod=flasharray.PodPatch(requested_promotion_state=state),
            **query,
        )

    def promote(self, client: Any, pod: str, **query: Any) -> None:
        self.good(self.ask(client, pod, 'promoted', **query))
        self.until_pod(client, pod, 'promoted')

    def demote(self, client: Any, pod: str, **query: Any) -> None:
        self.good(self.ask(client, pod, 'demoted', **query))
        self.until_pod(client, pod, 'demoted')

    def until_pod(self, client: Any, pod: str, state: str) -> None:
        support.eventually(
            lambda: (
                self.good(client.get_pods(names=[pod]))[0].promotion_status
                == state
            ),
            what=f'{pod} {state}',
        )

    def row(self, client: Any = None, pod: str = '') -> Any:
        return self.good(
            (client or self.one).get_pod_replica_links(
                local_pod_names=[pod or self.source]
            )
        )[0]

    def there_row(self) -> Any:
        return self.row(self.two, self.target)

    def until(self, status: str, client: Any = None, pod: str = '') -> Any:
        def look() -> Any:
            row = self.row(client, pod)
            return row if row.status == status else None

        return support.eventually(look, what=f'the link {status}')

    def until_direction(self, client: Any, pod: str, direction: str) -> Any:
        def look() -> Any:
            row = self.row(client, pod)
            return row if row.direction == direction else None

        return support.eventually(look, what=f'the link {direction}')

    def undo_pods(self, client: Any, pod: str) -> list[str]:
        found = self.good(client.get_pods(filter=f"name='{pod}.undo-demote*'"))
        return [undo.name for undo in found]
