# SPDX-License-Identifier: Apache-2.0
"""Groups of one small server each, to fail over one after the other."""

import dataclasses
import itertools
import pathlib
from typing import ClassVar

import openstack
from flasharray_simulator import door

from aegis.tests.integration.failover import rig
from aegis.tests.integration.failover.rig import blueprint

from scenario import checks  # isort: skip

VOLUMES = 2
LOOKS_BETWEEN_ENDS = 50


@dataclasses.dataclass(frozen=True)
class Point:
    """A point of a step at which engines stop; see aegis.common.faults."""

    hooks: pathlib.Path
    step: str
    moment: str

    def hold(self) -> None:
        """Stop whoever comes here from now on."""
        self._file('pause').touch()

    def is_reached(self) -> bool:
        return self._file('reached').exists()

    def release(self) -> None:
        """Let everybody go on."""
        self._file('pause').unlink()
        self._file('reached').unlink()

    def _file(self, kind: str) -> pathlib.Path:
        return self.hooks / f'{self.step}.{self.moment}.{kind}'


class LoneServersTestCase(rig.SitesTestCase):
    """Each of ``names`` is a server with two volumes and a group.

    All are replicated, and the protected site is lost.
    """

    names: ClassVar[tuple[str, ...]]
    finance: ClassVar[openstack.connection.Connection]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.build(_plan(cls.names))
        for name in cls.names:
            cls.protect(name, name)
        cls.replicate()
        cls.lose_east()
        cls.finance = cls.connection(cls.sites.west, 'fiona', 'finance')

    def point(self, step: str, moment: str) -> Point:
        return Point(self.hooks, step, moment)

    def begin(self, group: str) -> None:
        """Start a failover, and wait for nothing."""
        self.user('fiona').run('dr', 'failover-group', 'failover', group)

    def reach(self, group: str, point: Point) -> None:
        """Wait until an engine stands at a point, or will never do."""
        looks = itertools.count(1)

        def settled() -> bool:
            return point.is_reached() or (
                # It costs more than the other look.
                next(looks) % LOOKS_BETWEEN_ENDS == 0
                and self._has_ended(group)
            )

        self.wait_for(f'{point.step}, {point.moment}', settled)
        if not point.is_reached():
            operation = self.newest_operation(group)
            self.fail(f'it ended before {point.step}: {operation}')

    def finish(self, group: str) -> None:
        """Wait for the end, which has to be as if nothing had happened."""
        self.wait_for(f'the end of {group}', lambda: self._has_ended(group))
        operation = self.newest_operation(group)
        self.assertEqual('succeeded', operation['state'], operation)
        self._assert_recovered_once(group)
        self._assert_no_orphans()

    def _has_ended(self, group: str) -> bool:
        return self.newest_operation(group)['finished_at'] is not None

    def _assert_recovered_once(self, name: str) -> None:
        (server,) = checks.find(self.finance, name)
        self.assertEqual('ACTIVE', server.status)
        volumes = [
            volume
            for volume in self.finance.block_storage.volumes()
            if volume.name.startswith(name)
        ]
        self.assertEqual(VOLUMES, len(volumes))
        self.assertEqual(
            {server.id},
            {
                attachment['server_id']
                for volume in volumes
                for attachment in volume.attachments
            },
        )
        ports = self.finance.network.ports(
            project_id=self.finance.current_project_id
        )
        self.assertEqual(
            [server.id],
            [port.device_id for port in ports if port.name.startswith(name)],
        )

    def _assert_no_orphans(self) -> None:
        known = {
            f'volume-{volume.id}-cinder'
            for volume in self.finance.block_storage.volumes()
        }
        array = self.sites.west.array
        live = {
            volume['name']
            for volume in door.Door(array.door_url).objects()['volumes']
            if not volume['destroyed']
        }
        self.assertEqual(set(), live - known)


def _plan(names: tuple[str, ...]) -> blueprint.ApplicationPlan:
    """A small server with two volumes for each name."""
    farm = blueprint.farm(len(names))
    return dataclasses.replace(
        farm,
        servers=tuple(
            blueprint.renamed(server, name)
            for server, name in zip(farm.servers, names, strict=True)
        ),
    )
