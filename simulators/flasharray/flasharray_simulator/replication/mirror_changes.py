# SPDX-License-Identifier: Apache-2.0
"""What a transaction changed in stretched pods, for their other arrays."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flasharray_simulator.array import FlashArray
from flasharray_simulator.collections import Change
from flasharray_simulator.content import BLOCK
from flasharray_simulator.replication import pod_objects
from flasharray_simulator.replication.pod_image import HAVE_CONTENT
from flasharray_simulator.replication.wire import Header

Key = tuple[str, str]


@dataclass(frozen=True)
class Touched:
    """One object that a transaction changed, and the pods it was and is in.

    The pods are ids of stretched ones, or None.
    """

    kind: str
    id: str
    old: Any
    new: Any
    old_pod: str | None
    new_pod: str | None


def touched(array: FlashArray, changes: list[Change]) -> list[Touched]:
    """Return the net changes to objects of stretched pods."""
    first: dict[Key, Any] = {}
    last: dict[Key, Any] = {}
    for kind, old, new in changes:
        if kind in pod_objects.BY_NAME:
            key = (kind, (new or old).id)
            first.setdefault(key, old)
            last[key] = new
    owners = pod_objects.Owners(array, first)
    found = []
    for (kind, identifier), old in first.items():
        new = last[kind, identifier]
        if old == new or not _is_shared(kind, old):
            continue
        old_pod = _stretched(array, owners, kind, old)
        new_pod = _stretched(array, owners, kind, new)
        if old_pod is not None or new_pod is not None:
            found.append(Touched(kind, identifier, old, new, old_pod, new_pod))
    return found


def _is_shared(kind: str, old: Any) -> bool:
    """Return whether the other array is told: of a transfer once only.

    Either array can send what is queued; how far it is, is its own affair.
    """
    return kind != 'transfer' or old is None


def _stretched(
    array: FlashArray, owners: pod_objects.Owners, kind: str, stored: Any
) -> str | None:
    if stored is None:
        return None
    pod_id = owners.pod_of(kind, stored)
    return pod_id if array.pod_replicas.get(pod_id) is not None else None


def pods_of(found: list[Touched]) -> set[str]:
    """Return the ids of all stretched pods that are touched."""
    return {
        pod_id
        for one in found
        for pod_id in (one.old_pod, one.new_pod)
        if pod_id is not None
    }


@dataclass(frozen=True)
class Wanted:
    """A content that the other array needs, and one it has for sure.

    ``pod_id`` is the pod of the object that brought it up.
    """

    root: str
    base: str
    pod_id: str


class Message:
    """The changes of some pods, as they are sent to one other array."""

    def __init__(self, found: list[Touched], pods: set[str]) -> None:
        self.puts: list[tuple[str, Any]] = []
        self.removes: list[Key] = []
        self.wanted: dict[str, Wanted] = {}
        self._bytes: Counter[str] = Counter()
        for one in found:
            if one.new is not None and one.new_pod in pods:
                self.puts.append((one.kind, one.new))
                self._want(one, pods)
            elif one.old_pod in pods:
                self.removes.append((one.kind, one.id))

    def _want(self, one: Touched, pods: set[str]) -> None:
        if one.kind not in HAVE_CONTENT or not one.new.content:
            return
        root, base = one.new.content, ''
        if one.old is not None and one.old_pod in pods:
            base = one.old.content
        if root != base:
            present = self.wanted.get(root)
            if present is None or not present.base:
                self.wanted[root] = Wanted(root, base, one.new_pod or '')

    def ask(self) -> list[str]:
        """Return the contents that the other array may have already."""
        return [w.root for w in self.wanted.values() if not w.base]

    def skip(self, roots: list[str]) -> None:
        """Do not send these contents: the other array has them."""
        for root in roots:
            self.wanted.pop(root, None)

    def pack(self, array: FlashArray) -> tuple[Header, bytes]:
        """Return header fields and payload; call it under the lock."""
        contents = []
        parts = []
        for wanted in self.wanted.values():
            entries = []
            for index, body in _blocks(array, wanted):
                entries.append([index, body is not None])
                if body is not None:
                    parts.append(body)
                    self._bytes[wanted.pod_id] += len(body)
            contents.append([wanted.root, wanted.base, entries])
        header = {
            'puts': [pod_objects.to_plain(*put) for put in self.puts],
            'removes': self.removes,
            'contents': contents,
        }
        return header, b''.join(parts)

    def bytes_of(self, pod_id: str) -> int:
        """Return how many bytes were packed for a pod."""
        return self._bytes[pod_id]


def _blocks(
    array: FlashArray, wanted: Wanted
) -> Iterator[tuple[int, bytes | None]]:
    content = array.content
    for index, leaf in content.changes(wanted.base, wanted.root):
        yield index, None if leaf is None else content.body_of(leaf)


def unpack(
    header: Header, payload: bytes
) -> Iterator[tuple[str, str, dict[int, bytes]]]:
    """Yield (root, base, blocks) of each content that was sent."""
    position = 0
    for root, base, entries in header['contents']:
        blocks = {}
        for index, present in entries:
            blocks[index] = bytes(BLOCK)
            if present:
                blocks[index] = payload[position : position + BLOCK]
                position += BLOCK
        yield root, base, blocks
