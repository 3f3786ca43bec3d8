# SPDX-License-Identifier: Apache-2.0
"""Which blocks differ between a content here and one on another array."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flasharray_simulator.content import FANOUT, LEVELS, Children, ContentStore

Fetch = Callable[[list[bytes]], dict[bytes, Children]]
Lock = AbstractContextManager[object]


@dataclass(frozen=True)
class Change:
    """A block of the content called key; no leaf means it is zero now."""

    key: str
    index: int
    leaf: bytes | None


@dataclass(frozen=True)
class _Pair:
    """Two different trees at one place; there is the other array's."""

    key: str
    first: int
    here: bytes | None
    there: bytes | None


def changes(
    content: ContentStore,
    lock: Lock,
    wanted: Iterable[tuple[str, str, str]],
    fetch: Fetch,
) -> list[Change]:
    """Compare contents (key, root here, root there), by key and number.

    ``fetch`` asks the other array for the children of nodes that are not
    kept here; it is called at most once for each level of the trees and
    without the lock. Raises KeyError for a content here that is gone.
    """
    pairs = [
        _Pair(key, 0, _node(here), _node(there))
        for key, here, there in wanted
        if here != there
    ]
    for level in range(LEVELS, 0, -1):
        with lock:
            unknown = _unknown(content, pairs)
        fetched = fetch(unknown) if unknown else {}
        with lock:
            pairs = _descend(content, pairs, fetched, level)
    return sorted(
        (Change(pair.key, pair.first, pair.here) for pair in pairs),
        key=lambda change: (change.key, change.index),
    )


def _node(root: str) -> bytes | None:
    return bytes.fromhex(root) if root else None


def _unknown(content: ContentStore, pairs: list[_Pair]) -> list[bytes]:
    there = {pair.there for pair in pairs if pair.there is not None}
    return [node for node in there if not content.keeps(node)]


def _descend(
    content: ContentStore,
    pairs: list[_Pair],
    fetched: dict[bytes, Children],
    level: int,
) -> list[_Pair]:
    width = FANOUT ** (level - 1)
    below = []
    for pair in pairs:
        here = _children(content, pair.here, {})
        there = _children(content, pair.there, fetched)
        for slot in here.keys() | there.keys():
            new, old = here.get(slot), there.get(slot)
            if new != old:
                first = pair.first + slot * width
                below.append(_Pair(pair.key, first, new, old))
    return below


def _children(
    content: ContentStore, node: bytes | None, fetched: dict[bytes, Children]
) -> Children:
    if node is None:
        return {}
    found = fetched.get(node)
    if found is not None:
        return found
    if not content.keeps(node):
        raise KeyError(node.hex())
    return content.children_of(node)
