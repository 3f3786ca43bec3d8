# SPDX-License-Identifier: Apache-2.0
import inspect
from unittest import mock

from oslotest import base
from pecan import util

from aegis.api import signatures


class Controller:
    def get_one(self, group_id: str) -> None: ...


class SignaturesTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        signatures.remember()

    def test_pecan_looks_at_a_signature_once(self) -> None:
        controller = Controller()
        with mock.patch.object(
            inspect, 'getfullargspec', wraps=inspect.getfullargspec
        ) as looked:
            specs = [util.getargspec(controller.get_one) for _ in range(3)]

        self.assertEqual(['self', 'group_id'], specs[2].args)
        self.assertEqual(1, looked.call_count)

    def test_it_is_told_once(self) -> None:
        before = util._getargspec
        signatures.remember()

        self.assertIs(before, util._getargspec)
