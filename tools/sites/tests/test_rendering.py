# SPDX-License-Identifier: Apache-2.0
import unittest

from sites import rendering
from sites.tests import fixtures


class RenderingTest(unittest.TestCase):
    def test_options_keep_their_order_and_may_repeat(self) -> None:
        section = rendering.Section(
            'a',
            (
                rendering.Option('device', 'one'),
                rendering.Option('other', 'x'),
                rendering.Option('device', 'two'),
            ),
        )
        self.assertEqual(
            '[a]\ndevice = one\nother = x\ndevice = two\n',
            rendering.render([section]),
        )

    def test_a_line_break_in_a_value_is_refused(self) -> None:
        section = rendering.section('a', password='x\nadmin = true')
        self.assertRaises(ValueError, rendering.render, [section])

    def test_only_the_owner_can_read_a_written_file(self) -> None:
        path = fixtures.temporary_directory(self) / 'deep' / 'a.conf'
        rendering.write([rendering.File(path, 'secret')])
        self.assertEqual(0o600, path.stat().st_mode & 0o777)

    def test_an_unchanged_file_is_not_written_again(self) -> None:
        path = fixtures.temporary_directory(self) / 'a.conf'
        rendering.write([rendering.File(path, 'text')])
        path.chmod(0o400)
        before = path.stat().st_mtime_ns
        rendering.write([rendering.File(path, 'text')])
        self.assertEqual(before, path.stat().st_mtime_ns)

    def test_the_digest_follows_text_and_path(self) -> None:
        root = fixtures.temporary_directory(self)
        digests = {
            rendering.digest([rendering.File(root / 'a', 'x')]),
            rendering.digest([rendering.File(root / 'a', 'y')]),
            rendering.digest([rendering.File(root / 'b', 'x')]),
        }
        self.assertEqual(3, len(digests))
