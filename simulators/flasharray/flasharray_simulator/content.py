# SPDX-License-Identifier: Apache-2.0
"""Sparse, shared volume content: trees of hashed blocks.

A content is named by the hash of its root (hexadecimal, '' for all zeros).
Trees are never changed, only built anew along the changed paths, so a copy
or a snapshot is one more use of a root, equal contents have equal names on
every array, and two contents are compared without reading what they share.
Blocks of zeros are not stored.
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from flasharray_simulator.database import Database

BLOCK = 32_768
FANOUT = 256
LEVELS = 5
_ZEROS = bytes(BLOCK)
_HASH = 32
_ENTRY = 1 + _HASH
_COUNT = 8

Children = dict[int, bytes]
Change = tuple[int, bytes | None]


class ContentStore:
    """Reads and builds contents; must be used under the array's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._children = lru_cache(maxsize=8192)(self._read_children)
        self._leaf_count = lru_cache(maxsize=65536)(self._read_leaf_count)
        self._held = lru_cache(maxsize=65536)(self._count_held)
        self._blocks: int | None = None

    def forget_count(self) -> None:
        """Count the stored blocks anew: a transaction was undone."""
        self._blocks = None

    def retain(self, root: str) -> None:
        """Count one more user of a content."""
        if root:
            self._add_uses(bytes.fromhex(root), 1)

    def release(self, root: str) -> None:
        """Count one user less; drop the content after its last one."""
        if root:
            self._release(bytes.fromhex(root))

    def has(self, root: str) -> bool:
        """Return whether the content is kept here."""
        return not root or self._exists(bytes.fromhex(root))

    def allocated(self, root: str) -> int:
        """Return the bytes of all blocks that are not zero."""
        if not root:
            return 0
        return self._leaf_count(bytes.fromhex(root), LEVELS) * BLOCK

    def held(self, root: str, newer: str) -> int:
        """Return the bytes of the blocks that a newer content lost.

        What is equal at the same place, and what only the newer one has,
        does not count.
        """
        if not root or root == newer:
            return 0
        other = bytes.fromhex(newer) if newer else None
        return self._held(bytes.fromhex(root), other, LEVELS) * BLOCK

    def _count_held(self, old: bytes, new: bytes | None, level: int) -> int:
        if old == new:
            return 0
        if new is None or level == 0:
            return self._leaf_count(old, level)
        now = self._children(new)
        return sum(
            self._held(child, now.get(slot), level - 1)
            for slot, child in self._children(old).items()
        )

    def stored_bytes(self) -> int:
        """Return the bytes of all distinct blocks of all contents."""
        if self._blocks is None:
            row = self._database.connection.execute(
                'SELECT COUNT(*) FROM nodes WHERE level = 0'
            ).fetchone()
            self._blocks = int(row[0])
        return self._blocks * BLOCK

    def missing(self, blocks: Iterable[bytes]) -> int:
        """Return how many distinct blocks would have to be stored."""
        keys = {
            hashlib.sha256(block).digest()
            for block in blocks
            if block != _ZEROS
        }
        return sum(not self._exists(key) for key in keys)

    def _count_blocks(self, level: int, change: int) -> None:
        if level == 0 and self._blocks is not None:
            self._blocks += change

    def read(self, root: str, offset: int, length: int) -> bytes:
        first = offset // BLOCK
        last = (offset + length + BLOCK - 1) // BLOCK
        parts = [self.block(root, index) for index in range(first, last)]
        start = offset - first * BLOCK
        return b''.join(parts)[start : start + length]

    def block(self, root: str, index: int) -> bytes:
        """Return one block of BLOCK bytes."""
        node = bytes.fromhex(root) if root else None
        for level in range(LEVELS, 0, -1):
            if node is None:
                return _ZEROS
            slot = index // FANOUT ** (level - 1) % FANOUT
            node = self._children(node).get(slot)
        return _ZEROS if node is None else self._body(node)

    def write(self, root: str, offset: int, data: bytes) -> str:
        """Return the content that has data at offset."""
        changes: dict[int, bytes] = {}
        position = 0
        while position < len(data):
            index, start = divmod(offset + position, BLOCK)
            part = data[position : position + BLOCK - start]
            if len(part) < BLOCK:
                block = bytearray(self.block(root, index))
                block[start : start + len(part)] = part
                part_block = bytes(block)
            else:
                part_block = part
            changes[index] = part_block
            position += len(part)
        return self.replace(root, changes)

    def replace(self, root: str, blocks: dict[int, bytes]) -> str:
        """Return the content with whole blocks replaced."""
        changes: list[Change] = []
        for index in sorted(blocks):
            block = blocks[index]
            changes.append(
                (index, None if block == _ZEROS else self._put_leaf(block))
            )
        return self._apply(root, changes)

    def truncate(self, root: str, size: int) -> str:
        """Return the content with zeros from size on."""
        index, start = divmod(size, BLOCK)
        changes: list[Change] = [
            (position, None)
            for position, _ in self.leaves(root)
            if position >= index
        ]
        if start and changes and changes[0][0] == index:
            head = self.block(root, index)[:start]
            block = head + bytes(BLOCK - len(head))
            if block != _ZEROS:
                changes[0] = (index, self._put_leaf(block))
        return self._apply(root, changes)

    def leaves(self, root: str) -> Iterator[tuple[int, bytes]]:
        """Yield (block number, hash) of all blocks that are not zero."""
        for index, leaf in self.changes('', root):
            if leaf is not None:
                yield index, leaf

    def changes(
        self, base: str, root: str, after: int = -1
    ) -> Iterator[Change]:
        """Yield the blocks that differ from base, by number.

        The hash is None for a block that became zero. Blocks up to and
        with number ``after`` are left out.
        """
        old = bytes.fromhex(base) if base else None
        new = bytes.fromhex(root) if root else None
        yield from self._diff(old, new, LEVELS, 0, after)

    def body_of(self, leaf: bytes) -> bytes:
        """Return the bytes of a block by its hash."""
        return self._body(leaf)

    def children_of(self, node: bytes) -> Children:
        """Return the nodes below one that is not a block, by slot."""
        return self._children(node)

    def keeps(self, node: bytes) -> bool:
        """Return whether a node of any content is kept here."""
        return self._exists(node)

    def digest(self, root: str, size: int) -> str:
        """Return a SHA-256 over size, and number and bytes of each block.

        Zero blocks are left out: equal for equal contents of equal size,
        whatever was written when.
        """
        state = hashlib.sha256(size.to_bytes(8, 'big'))
        for index, leaf in self.leaves(root):
            state.update(index.to_bytes(8, 'big'))
            state.update(self._body(leaf))
        return state.hexdigest()

    def _diff(
        self,
        old: bytes | None,
        new: bytes | None,
        level: int,
        first: int,
        after: int,
    ) -> Iterator[Change]:
        if old == new or first + FANOUT**level - 1 <= after:
            return
        if level == 0:
            yield first, new
            return
        before = self._children(old) if old else {}
        now = self._children(new) if new else {}
        width = FANOUT ** (level - 1)
        for slot in sorted(before.keys() | now.keys()):
            yield from self._diff(
                before.get(slot),
                now.get(slot),
                level - 1,
                first + slot * width,
                after,
            )

    def _apply(self, root: str, changes: list[Change]) -> str:
        if not changes:
            return root
        node = bytes.fromhex(root) if root else None
        result = self._update(node, LEVELS, changes)
        return result.hex() if result else ''

    def _update(
        self, node: bytes | None, level: int, changes: list[Change]
    ) -> bytes | None:
        if level == 0:
            return changes[-1][1]
        children = dict(self._children(node)) if node else {}
        width = FANOUT ** (level - 1)
        grouped: dict[int, list[Change]] = {}
        for index, leaf in changes:
            slot, rest = divmod(index, width)
            grouped.setdefault(slot, []).append((rest, leaf))
        for slot, part in grouped.items():
            child = self._update(children.get(slot), level - 1, part)
            if child is None:
                children.pop(slot, None)
            else:
                children[slot] = child
        return self._put_node(level, children) if children else None

    def _put_leaf(self, block: bytes) -> bytes:
        key = hashlib.sha256(block).digest()
        if not self._exists(key):
            self._insert(key, 0, block)
        return key

    def _put_node(self, level: int, children: Children) -> bytes:
        count = sum(
            self._leaf_count(child, level - 1) for child in children.values()
        )
        body = count.to_bytes(_COUNT, 'big') + b''.join(
            bytes((slot,)) + children[slot] for slot in sorted(children)
        )
        key = hashlib.sha256(bytes((level,)) + body).digest()
        if not self._exists(key):
            self._insert(key, level, body)
            for child in children.values():
                self._add_uses(child, 1)
        return key

    def _read_leaf_count(self, node: bytes, level: int) -> int:
        if level == 0:
            return 1
        return int.from_bytes(self._body(node)[:_COUNT], 'big')

    def _release(self, node: bytes) -> None:
        row = self._database.connection.execute(
            'SELECT level, uses FROM nodes WHERE hash = ?', (node,)
        ).fetchone()
        if row[1] > 1:
            self._add_uses(node, -1)
            return
        children = self._children(node) if row[0] else {}
        self._database.begin()
        self._database.connection.execute(
            'DELETE FROM nodes WHERE hash = ?', (node,)
        )
        self._count_blocks(row[0], -1)
        for child in children.values():
            self._release(child)

    def _read_children(self, node: bytes) -> Children:
        body = self._body(node)
        return {
            body[at]: body[at + 1 : at + _ENTRY]
            for at in range(_COUNT, len(body), _ENTRY)
        }

    def _exists(self, node: bytes) -> bool:
        found = self._database.connection.execute(
            'SELECT 1 FROM nodes WHERE hash = ?', (node,)
        ).fetchone()
        return found is not None

    def _body(self, node: bytes) -> bytes:
        row = self._database.connection.execute(
            'SELECT body FROM nodes WHERE hash = ?', (node,)
        ).fetchone()
        return bytes(row[0])

    def _insert(self, node: bytes, level: int, body: bytes) -> None:
        self._database.begin()
        self._database.connection.execute(
            'INSERT INTO nodes VALUES (?, ?, 0, ?)', (node, level, body)
        )
        self._count_blocks(level, 1)

    def _add_uses(self, node: bytes, change: int) -> None:
        self._database.begin()
        self._database.connection.execute(
            'UPDATE nodes SET uses = uses + ? WHERE hash = ?',
            (change, node),
        )
