# SPDX-License-Identifier: Apache-2.0
"""kill -9 of an engine in the middle of a failover on real sites."""

import dataclasses

from flasharray_simulator import door

from aegis.tests.integration.failover import rig
from aegis.tests.integration.failover.rig import aegis, blueprint

from scenario import checks  # isort: skip


def plan(names: tuple[str, ...]) -> blueprint.ApplicationPlan:
    """A small server with two volumes for each name."""
    farm = blueprint.farm(len(names))
    return dataclasses.replace(
        farm,
        servers=tuple(
            blueprint.renamed(server, name)
            for server, name in zip(farm.servers, names, strict=True)
        ),
    )


def name_of(point: str) -> str:
    return f'killed-in-{point.replace("_", "-")}'


class KillMixin:
    """Each test has a group with a server of its own.

    The crash matrix kills at every point; here it is a few of them, as the
    real services take their time.
    """

    points: tuple[str, ...]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()  # type: ignore[misc]
        names = tuple(name_of(point) for point in cls.points)
        cls.build(plan(names))
        for name in names:
            cls.protect(name, name)
        cls.replicate()
        cls.lose_east()
        cls.finance = cls.connection(cls.sites.west, 'fiona', 'finance')

    def fail_over_with_kill(self, point: str) -> None:
        """Start a failover; kill the engine that comes to the point."""
        pause = self.hooks / f'{point}.acting.pause'
        reached = self.hooks / f'{point}.acting.reached'
        pause.touch()
        group = name_of(point)
        self.user('fiona').run('dr', 'failover-group', 'failover', group)
        self.wait_for(f'{point} of {group}', reached.exists)
        for engine in self.engines_to_kill():
            self.aegis.kill_engine(engine)
        pause.unlink()
        reached.unlink()
        self.continue_elsewhere()
        self.wait_for(f'the end of {group}', lambda: self.ended(group))
        self.assert_recovered_once(group)

    def ended(self, group: str) -> bool:
        return self.newest_operation(group)['finished_at'] is not None

    def assert_recovered_once(self, name: str) -> None:
        operation = self.newest_operation(name)
        self.assertEqual('succeeded', operation['state'], operation)
        (server,) = checks.find(self.finance, name)
        self.assertEqual('ACTIVE', server.status)
        volumes = [
            volume
            for volume in self.finance.block_storage.volumes()
            if volume.name.startswith(name)
        ]
        self.assertEqual(
            {server.id},
            {
                attachment['server_id']
                for volume in volumes
                for attachment in volume.attachments
            },
        )
        self.assertEqual(2, len(volumes))
        ports = [
            port
            for port in self.finance.network.ports(
                project_id=self.finance.current_project_id
            )
            if port.name.startswith(name)
        ]
        self.assertEqual([server.id], [port.device_id for port in ports])
        self.assert_no_orphans()

    def assert_no_orphans(self) -> None:
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


class RestartedEngineTest(KillMixin, rig.SitesTestCase):
    """The engine that was killed is started again."""

    mode = aegis.STANDALONE
    points = ('promote_volumes', 'create_server')

    def test_in_promotion(self) -> None:
        self.fail_over_with_kill('promote_volumes')

    def test_in_server_create(self) -> None:
        self.fail_over_with_kill('create_server')

    def engines_to_kill(self) -> tuple[str, ...]:
        return self.aegis.engines

    def continue_elsewhere(self) -> None:
        self.aegis.start()


class SecondEngineTest(KillMixin, rig.SitesTestCase):
    """Another engine takes over; the killed one stays dead."""

    mode = aegis.DISTRIBUTED
    points = ('manage_volumes', 'activate_recovery_site')

    def test_in_manage(self) -> None:
        self.fail_over_with_kill('manage_volumes')

    def test_in_the_final_step(self) -> None:
        self.fail_over_with_kill('activate_recovery_site')

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.aegis.start_engine, self.aegis.engines[0])
        if self.aegis.running(self.aegis.engines[1]):
            self.aegis.kill_engine(self.aegis.engines[1])

    def engines_to_kill(self) -> tuple[str, ...]:
        return self.aegis.engines[:1]

    def continue_elsewhere(self) -> None:
        self.aegis.start_engine(self.aegis.engines[1])
