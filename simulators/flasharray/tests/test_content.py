# SPDX-License-Identifier: Apache-2.0
"""Sparse shared contents."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from flasharray_simulator.content import BLOCK, ContentStore
from flasharray_simulator.database import Database

SIZE = 6 * BLOCK
_WRITES = st.lists(
    st.tuples(
        st.integers(0, SIZE - 1),
        st.binary(min_size=1, max_size=40)
        | st.sampled_from([bytes(BLOCK), b'x' * BLOCK]),
    ),
    max_size=12,
)


class ContentTest(unittest.TestCase):
    def setUp(self) -> None:
        self.database = Database(':memory:')
        self.addCleanup(self.database.close)
        self.store = ContentStore(self.database)

    def put(self, old: str, new: str) -> str:
        self.store.retain(new)
        self.store.release(old)
        return new

    def nodes(self) -> int:
        query = 'SELECT COUNT(*) FROM nodes'
        return int(self.database.connection.execute(query).fetchone()[0])

    def test_what_was_written_is_read(self) -> None:
        root = self.store.write('', 100, b'hello')
        self.assertEqual(b'\0hello\0', self.store.read(root, 99, 7))

    def test_the_end_of_four_pebibytes_can_be_written(self) -> None:
        end = 4 * 2**50
        root = self.store.write('', end - 5, b'hello')
        self.assertEqual(b'hello', self.store.read(root, end - 5, 5))
        self.assertEqual(BLOCK, self.store.allocated(root))

    def test_zeros_are_not_stored(self) -> None:
        self.assertEqual('', self.store.write('', 0, bytes(10 * BLOCK)))

    def test_writing_zeros_gives_the_empty_content_again(self) -> None:
        root = self.store.write('', 5, b'hello')
        self.assertEqual('', self.store.write(root, 5, bytes(5)))

    def test_equal_contents_have_equal_names(self) -> None:
        one = self.store.write(self.store.write('', 0, b'a'), BLOCK, b'b')
        two = self.store.write(self.store.write('', BLOCK, b'b'), 0, b'a')
        self.assertEqual(one, two)

    def test_the_old_content_stays_as_it_was(self) -> None:
        old = self.put('', self.store.write('', 0, b'old'))
        self.store.write(old, 0, b'new')
        self.assertEqual(b'old', self.store.read(old, 0, 3))

    def test_changes_are_the_blocks_that_differ(self) -> None:
        old = self.store.write('', 0, b'a' * 3 * BLOCK)
        new = self.store.write(old, BLOCK, bytes(BLOCK))
        new = self.store.write(new, 70_000 * BLOCK, b'far')
        changes = list(self.store.changes(old, new))
        self.assertEqual([1, 70_000], [index for index, _ in changes])
        self.assertIsNone(changes[0][1])

    def test_changes_go_on_after_a_block(self) -> None:
        root = self.store.write('', 0, bytes(range(1, 256)) * 1000)
        found = [index for index, _ in self.store.changes('', root)]
        after = [index for index, _ in self.store.changes('', root, 3)]
        self.assertEqual(found[4:], after)

    def test_truncation_leaves_zeros(self) -> None:
        root = self.store.write('', 0, b'a' * 3 * BLOCK)
        root = self.store.truncate(root, BLOCK + 10)
        self.assertEqual(
            b'a' * 10 + bytes(90), self.store.read(root, BLOCK, 100)
        )
        self.assertEqual(2 * BLOCK, self.store.allocated(root))

    def test_digests_are_equal_for_equal_bytes_and_size(self) -> None:
        one = self.store.write('', 0, b'a')
        self.assertEqual(
            self.store.digest(one, SIZE), self.store.digest(one, SIZE)
        )
        self.assertNotEqual(
            self.store.digest(one, SIZE), self.store.digest(one, 2 * SIZE)
        )
        self.assertNotEqual(
            self.store.digest(one, SIZE), self.store.digest('', SIZE)
        )

    @settings(deadline=None, max_examples=60)
    @given(_WRITES)
    def test_it_behaves_as_plain_bytes(
        self, writes: list[tuple[int, bytes]]
    ) -> None:
        plain = bytearray(SIZE + BLOCK)
        root = ''
        snapshots = []
        for offset, data in writes:
            root = self.put(root, self.store.write(root, offset, data))
            plain[offset : offset + len(data)] = data
            self.store.retain(root)
            snapshots.append((root, bytes(plain)))
        for content, expected in snapshots:
            self.assertEqual(expected, self.store.read(content, 0, len(plain)))
            self.store.release(content)
        self.store.release(root)
        self.assertEqual(0, self.nodes())

    @settings(deadline=None, max_examples=40)
    @given(_WRITES, _WRITES)
    def test_applied_changes_give_the_same_content(
        self,
        first: list[tuple[int, bytes]],
        second: list[tuple[int, bytes]],
    ) -> None:
        base = ''
        for offset, data in first:
            base = self.store.write(base, offset, data)
        new = base
        for offset, data in second:
            new = self.store.write(new, offset, data)
        blocks = {
            index: bytes(BLOCK) if leaf is None else self.store.body_of(leaf)
            for index, leaf in self.store.changes(base, new)
        }
        self.assertEqual(new, self.store.replace(base, blocks))
