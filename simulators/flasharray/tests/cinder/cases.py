# SPDX-License-Identifier: Apache-2.0
"""A case with a driver, its arrays, and what Cinder would do around it."""

import functools
import sys
import unittest
from collections.abc import Sequence
from typing import Any, ClassVar

from pypureclient import flasharray

from tests import support
from tests.cinder import arrays, environment, protocols, rows

SPECS = {
    'none': {},
    **{
        kind: {
            'replication_enabled': '<is> True',
            'replication_type': f'<in> {kind}',
        }
        for kind in ('async', 'sync', 'trisync')
    },
}


@functools.cache
def kind_of(replication: str, **extra_specs: str) -> Any:
    """Return the volume type for a kind of replication."""
    return rows.volume_type({**SPECS[replication], **extra_specs})


class CinderCase(unittest.TestCase):
    """Tests that share one driver and three arrays; make your own names.

    ``replication`` is what the driver's backend is configured for.
    """

    protocol: ClassVar[protocols.Protocol] = protocols.ISCSI
    replication: ClassVar[str] = 'async'

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        environment.prepare()
        found = arrays.fleet()
        cls.east, cls.west, cls.north = found.all()
        cls.context = rows.admin()
        cls.driver = protocols.shared(cls.protocol, cls.replication)

    def new_driver(self, kind: str | None = None, **options: object) -> Any:
        """Return a driver of the test's own, to fail over or to break."""
        return protocols.new(
            self.protocol, kind or self.replication, **options
        )

    def create(
        self,
        kind: Any = None,
        size: int = 1,
        driver: Any = None,
        **fields: Any,
    ) -> Any:
        """Return a volume that the driver has made, as stored."""
        volume = rows.volume(kind or kind_of('none'), size, **fields)
        return self.stored(
            volume, (driver or self.driver).create_volume(volume)
        )

    def stored(self, volume: Any, update: dict[str, Any] | None) -> Any:
        return rows.keep(volume, update)

    def snapshot(self, volume: Any) -> Any:
        snapshot = rows.snapshot(volume)
        return rows.keep(snapshot, self.driver.create_snapshot(snapshot))

    def foreign(
        self, name: str, size: int = support.GIB, **parameters: Any
    ) -> str:
        """Make a volume that Cinder does not know; return its name."""
        self.ask(
            'post_volumes',
            names=[name],
            volume=flasharray.VolumePost(provisioned=size, **parameters),
        )
        return name

    def ask(self, call: str, array: Any = None, **parameters: Any) -> Any:
        """Make a call of py-pure-client that has to succeed."""
        answer = getattr(client(array or self.east), call)(**parameters)
        if answer.status_code != 200:
            self.fail(f'{call}: {answer.errors[0].message}')
        return answer

    def on(
        self, array: support.ArrayProcess, kind: str = 'volumes'
    ) -> dict[str, Any]:
        return arrays.objects(array, kind)

    def pods(self, array: support.ArrayProcess) -> dict[str, Any]:
        """Return the pods of an array, by name, as its API lists them."""
        found = self.ask('get_pods', array).items
        return {pod.name: pod for pod in found}

    def on_array(self, volume: Any) -> dict[str, Any]:
        """Return the primary array's row of a volume."""
        found: dict[str, Any] = self.on(self.east)[volume.provider_id]
        return found

    def members(self, group: str) -> set[str]:
        return arrays.members(self.east, group)

    def tags(self, name: str, array: Any = None) -> dict[str, str]:
        return {
            row['key']: row['value']
            for row in (array or self.east).door.objects('tags')['tags']
            if row['resource'] == name
        }

    def write(self, volume: Any, data: bytes) -> None:
        self.east.door.write(volume.provider_id, 0, data)

    def read(self, name: str, length: int, array: Any = None) -> bytes:
        return bytes((array or self.east).door.read(name, 0, length))

    def retype(self, volume: Any, kind: Any, driver: Any = None) -> Any:
        """Retype a volume as Cinder's manager does; return it."""
        done, update = (driver or self.driver).retype(
            self.context,
            volume,
            {'id': kind.id, 'extra_specs': kind.extra_specs},
            {'extra_specs': {}},
            {'host': volume.host},
        )
        self.assertTrue(done)
        volume.volume_type_id = kind.id
        return self.stored(volume, update)

    def manage(self, name: str, kind: Any, driver: Any = None) -> Any:
        """Manage a volume of the array as Cinder's flow does."""
        driver = driver or self.driver
        volume = rows.volume(kind)
        reference = {'source-name': name}
        volume.size = driver.manage_existing_get_size(volume, reference)
        return self.stored(volume, driver.manage_existing(volume, reference))

    def calls(self, since: int, array: Any = None) -> list[dict[str, Any]]:
        """Return the calls that the array has answered since a moment."""
        found: list[dict[str, Any]] = (array or self.east).door.call_log(since)
        return found

    def moment(self, array: Any = None) -> int:
        """Forget the calls up to now; return since when to look."""
        (array or self.east).door.clear_call_log()
        return 0


@functools.cache
def _client(name: str) -> Any:
    found = {array.name: array for array in arrays.fleet().all()}
    return found[name].client()


def client(array: support.ArrayProcess) -> Any:
    """Return the shared client of an array."""
    return _client(array.name)


def every_driver(case: type[CinderCase]) -> tuple[type[CinderCase], ...]:
    """Make a case for each driver, in place of the decorated one.

    For what does not depend on the transport of NVMe.
    """
    return _for_each(case, protocols.DRIVERS)


def every_protocol(case: type[CinderCase]) -> tuple[type[CinderCase], ...]:
    """Make a case for each protocol, in place of the decorated one."""
    return _for_each(case, protocols.ALL)


def _for_each(
    case: type[CinderCase], chosen: Sequence[protocols.Protocol]
) -> tuple[type[CinderCase], ...]:
    module = sys.modules[case.__module__]
    made = tuple(
        type(
            f'{protocol.name}{case.__name__}',
            (case,),
            {'protocol': protocol, '__module__': case.__module__},
        )
        for protocol in chosen
    )
    for one in made:
        setattr(module, one.__name__, one)
    return made
