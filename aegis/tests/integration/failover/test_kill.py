# SPDX-License-Identifier: Apache-2.0
"""kill -9 of an engine in the middle of a failover on real sites.

The crash matrix kills at every point; here it is a few of them, as the real
services take their time.
"""

from aegis.tests.integration.failover import lone
from aegis.tests.integration.failover.rig import aegis


def name_of(step: str) -> str:
    return f'killed-in-{step.replace("_", "-")}'


class KillTestCase(lone.LoneServersTestCase):
    def fail_over_with_kill(self, step: str) -> None:
        """Start a failover; kill the engine that has acted in a step."""
        group = name_of(step)
        point = self.point(step, 'acting')
        point.hold()
        self.begin(group)
        self.reach(group, point)
        for engine in self.engines_to_kill():
            self.aegis.kill_engine(engine)
        point.release()
        self.continue_elsewhere()
        self.finish(group)

    def engines_to_kill(self) -> tuple[str, ...]:
        raise NotImplementedError

    def continue_elsewhere(self) -> None:
        raise NotImplementedError


class RestartedEngineTest(KillTestCase):
    """The engine that was killed is started again."""

    mode = aegis.STANDALONE
    names = (name_of('promote_volumes'), name_of('create_server'))

    def test_in_promotion(self) -> None:
        self.fail_over_with_kill('promote_volumes')

    def test_in_server_create(self) -> None:
        self.fail_over_with_kill('create_server')

    def engines_to_kill(self) -> tuple[str, ...]:
        return self.aegis.engines

    def continue_elsewhere(self) -> None:
        self.aegis.start()


class SecondEngineTest(KillTestCase):
    """Another engine takes over; the killed one stays dead."""

    mode = aegis.DISTRIBUTED
    names = (name_of('manage_volumes'), name_of('activate_recovery_site'))

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
