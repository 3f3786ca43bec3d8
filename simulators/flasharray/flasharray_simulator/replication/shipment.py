# SPDX-License-Identifier: Apache-2.0
"""Brings contents to the stage of another array, only what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK, Children
from flasharray_simulator.replication import pod_stage, tree_diff
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.wire import Send

IDLE = 1.0
_MOST_BLOCKS = 128
_MOST_KEYS = 2000
_MOST_NODES = 500


class Vanished(Exception):
    """A content is not kept any longer at the sender: take another image."""


@dataclass(frozen=True)
class Progress:
    """Bytes of blocks that are not zero, of this run of the shipment."""

    sent: int
    total: int

    @property
    def fraction(self) -> float:
        """Return 0.0 to 1.0; 1.0 when nothing is left."""
        if self.sent >= self.total:
            return 1.0
        return min(0.999, round(self.sent / self.total, 3))


class Shipment:
    """Sends ``contents`` (roots by key) so that the peer's stage has them.

    Call ``step`` until ``done``; it may be ended at any time and another
    one started later, with the same or newer contents: what has arrived
    is not sent again. What it sends is pinned here until ``close``.
    ``relatives`` names, for a key, the object whose content is most like
    it at the peer. Not safe for several threads at once.
    """

    def __init__(
        self,
        array: FlashArray,
        pacer: Pacer,
        stage: str,
        contents: Mapping[str, str],
        relatives: Mapping[str, str] | None = None,
    ) -> None:
        self.stage = stage
        self.contents = dict(contents)
        self._array = array
        self._pacer = pacer
        self._relatives = dict(relatives or {})
        self._pending: list[tree_diff.Change] | None = None
        self._next = 0
        self._sent = 0
        self._total = 0

    @property
    def done(self) -> bool:
        return self._pending is not None and self._next >= len(self._pending)

    @property
    def progress(self) -> Progress:
        if self._pending is None:
            return Progress(0, 1)
        return Progress(self._sent * BLOCK, self._total * BLOCK)

    @property
    def remaining(self) -> int:
        """Return how many bytes are still to be sent."""
        return (self._total - self._sent) * BLOCK

    def step(self, send: Send) -> float:
        """Do the next thing; return the seconds to wait before the next.

        Raises LinkDown, Rejected, and Vanished when a content is gone.
        """
        if self._pending is None:
            self._open(send)
            return 0.0
        if self.done:
            self._pacer.rest(self)
            return 0.0
        count = self._may_send()
        if count <= 0:
            return self._wait()
        return self._send_blocks(send, count)

    def close(self) -> None:
        """Let go what is pinned here; idempotent."""
        self._pacer.rest(self)
        with self._array.transaction():
            pod_stage.clear(self._array, self._pin_stage)

    @property
    def _pin_stage(self) -> str:
        return f'>{self.stage}'

    def _open(self, send: Send) -> None:
        have: dict[str, str] = {}
        keys = iter(self.contents.items())
        while part := list(islice(keys, _MOST_KEYS)):
            wanted = [
                [key, root, self._relatives.get(key)] for key, root in part
            ]
            answer = send(
                'stage-open', {'stage': self.stage, 'wanted': wanted}, b''
            )
            have.update(answer['have'])
        differing = [
            (key, root, have[key])
            for key, root in self.contents.items()
            if have[key] != root
        ]
        self._pin(differing)
        self._pending = self._compare(send, differing)
        self._total = sum(c.leaf is not None for c in self._pending)

    def _pin(self, differing: list[tuple[str, str, str]]) -> None:
        array = self._array
        with array.transaction():
            pod_stage.clear(array, self._pin_stage)
            for key, root, _ in differing:
                if not array.content.has(root):
                    raise Vanished(key)
                array.staged_contents.put(
                    model.StagedContent(
                        pod_stage.stage_id(self._pin_stage, key),
                        self._pin_stage,
                        key,
                        root,
                    )
                )

    def _compare(
        self, send: Send, differing: list[tuple[str, str, str]]
    ) -> list[tree_diff.Change]:
        def fetch(nodes: list[bytes]) -> dict[bytes, Children]:
            found: dict[bytes, Children] = {}
            for start in range(0, len(nodes), _MOST_NODES):
                part = nodes[start : start + _MOST_NODES]
                answer = send(
                    'stage-nodes', {'nodes': [n.hex() for n in part]}, b''
                )
                found.update(pod_stage.parse_children(answer))
            return found

        return tree_diff.changes(
            self._array.content, self._array.lock, differing, fetch
        )

    def _may_send(self) -> int:
        environment = self._array.environment
        most = _MOST_BLOCKS
        if environment.frozen:
            if environment.freeze_at is None:
                self._pacer.rest(self)
                return 0
            most = int(environment.freeze_at * self._total) - self._sent
        if most <= 0:
            self._pacer.rest(self)
            return 0
        return self._pacer.take(self, min(most, _MOST_BLOCKS))

    def _wait(self) -> float:
        return IDLE if self._array.environment.frozen else self._pacer.wait()

    def _send_blocks(self, send: Send, count: int) -> float:
        assert self._pending is not None
        part = self._pending[self._next : self._next + count]
        with self._array.lock:
            payload = b''.join(
                self._array.content.body_of(change.leaf)
                for change in part
                if change.leaf is not None
            )
        answer = send(
            'stage-blocks',
            {
                'stage': self.stage,
                'entries': [
                    [change.key, change.index, change.leaf is not None]
                    for change in part
                ],
            },
            payload,
        )
        if answer.get('frozen'):
            return IDLE
        self._next += len(part)
        self._sent += len(payload) // BLOCK
        return 0.0
