# SPDX-License-Identifier: Apache-2.0
import pathlib
import threading

import fixtures

from aegis.common import faults
from aegis.tests import base

PATIENCE_SECONDS = 10


class FaultsTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(faults.install, None)
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def test_points_do_nothing_by_themselves(self) -> None:
        faults.install_directory(None)

        faults.point('create_server', 'acting')

    def test_a_hook_sees_the_points(self) -> None:
        seen: list[tuple[str, str]] = []
        faults.install(lambda step, moment: seen.append((step, moment)))

        faults.point('create_server', 'acting')

        self.assertEqual([('create_server', 'acting')], seen)

    def test_other_points_are_passed(self) -> None:
        faults.install_directory(str(self.directory))
        (self.directory / 'create_server.before.pause').touch()

        faults.point('create_server', 'acting')

        self.assertFalse(
            (self.directory / 'create_server.acting.reached').exists()
        )

    def test_a_point_is_held_until_its_file_is_gone(self) -> None:
        faults.install_directory(str(self.directory))
        pause = self.directory / 'create_server.acting.pause'
        pause.touch()
        passed = threading.Event()

        def go() -> None:
            faults.point('create_server', 'acting')
            passed.set()

        thread = threading.Thread(target=go, daemon=True)
        thread.start()
        self.assertFalse(passed.wait(0.1))
        self.assertTrue(
            (self.directory / 'create_server.acting.reached').exists()
        )

        pause.unlink()

        self.assertTrue(passed.wait(PATIENCE_SECONDS))
