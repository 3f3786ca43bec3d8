# SPDX-License-Identifier: Apache-2.0
from oslotest import base as test_base

from aegis.storage import base
from aegis.storage.flasharray import tagged

RUN = base.Tag('operation', '0' * 36)
MEMBER = base.Tag('member', '1' * 36)
ORDINAL = base.Tag('ordinal', '0')


class MostSelectiveTest(test_base.BaseTestCase):
    def test_an_identifier_is_on_fewer_volumes_than_a_word(self) -> None:
        self.assertEqual(RUN, tagged.most_selective([RUN, ORDINAL]))

    def test_a_member_has_fewer_volumes_than_its_run(self) -> None:
        self.assertEqual(MEMBER, tagged.most_selective([RUN, MEMBER, ORDINAL]))
