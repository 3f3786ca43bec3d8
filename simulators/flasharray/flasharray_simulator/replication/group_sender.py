# SPDX-License-Identifier: Apache-2.0
"""The source of asynchronous replication: sends groups and snapshots."""

import itertools
import logging
from dataclasses import dataclass, replace

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import group_snapshots, pod_status
from flasharray_simulator.replication import bases, peers
from flasharray_simulator.replication.group_receiver import part_id
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.wire import (
    Header,
    LinkDown,
    Rejected,
    Send,
)

LOG = logging.getLogger(__name__)

IDLE = 1.0
_MOST_BLOCKS = 128


@dataclass(frozen=True)
class Sending:
    """The transfer under way: parts and the contents they start from."""

    transfer_id: str
    target_name: str
    parts: tuple[model.VolumeSnapshot, ...]
    bases: tuple[str, ...]
    volume_cursor: int
    block_cursor: int
    started: bool


class GroupSender:
    """Tells one peer of this array's groups and sends it snapshots."""

    def __init__(self, array: FlashArray, pacer: Pacer) -> None:
        self._array = array
        self._pacer = pacer
        self._told: dict[str, Header] = {}
        self._mark: tuple[object, ...] = ()
        self._sending: Sending | None = None

    def greeted(self, answer: Header) -> None:
        """Keep what the peer allows; tell it again of groups it lost."""
        allowed: dict[str, bool] = answer['allowed']
        self._array.run(
            lambda: peers.apply_permissions(
                self._array, answer['introduction']['name'], allowed
            )
        )
        for group_id, header in list(self._told.items()):
            if header['name'] not in allowed:
                del self._told[group_id]
                self._mark = ()

    def lose(self) -> None:
        """Forget what the peer was told: the link is lost."""
        self._told.clear()
        self._mark = ()
        self._sending = None
        self._pacer.rest(self)

    def step(self, connection: model.ArrayConnection, send: Send) -> float:
        """Do the next thing; return how long to wait for another (s)."""
        self._tell_groups(connection, send)
        return self._send_snapshots(connection, send)

    def _tell_groups(
        self, connection: model.ArrayConnection, send: Send
    ) -> None:
        array = self._array
        mark = (
            array.group_targets.changes,
            array.protection_groups.changes,
            pod_status.states(array),
        )
        if mark == self._mark:
            return
        with array.lock:
            groups = [
                array.protection_groups[target.group_id]
                for target in array.group_targets.by(
                    'array', connection.name.casefold()
                )
            ]
        for group in groups:
            if not group.local or group.destroyed is not None:
                continue
            if not pod_status.sends_to(array, group.pod_id, connection.name):
                continue
            with array.lock:
                header = peers.definition(array, group)
            if self._told.get(group.id) != header:
                answer = send('group', dict(header), b'')
                self._told[group.id] = header
                self._learn(connection, group.id, answer)
        self._mark = mark

    def _learn(
        self, connection: model.ArrayConnection, group_id: str, answer: Header
    ) -> None:
        array = self._array

        def learn() -> None:
            peers.apply_permissions(array, connection.name, answer['allowed'])
            group = array.protection_groups.get(group_id)
            if group and group.next_suffix < answer['next_suffix']:
                array.protection_groups.put(
                    replace(group, next_suffix=answer['next_suffix'])
                )

        array.run(learn)

    def _send_snapshots(
        self, connection: model.ArrayConnection, send: Send
    ) -> float:
        array = self._array
        with array.lock:
            waiting = array.transfers.by('waiting', connection.name.casefold())
        dropped = next((t for t in waiting if t.state == 'dropped'), None)
        if dropped is not None:
            send('drop', {'id': dropped.group_snapshot_id}, b'')
            self._finish_as(dropped.id, 'abandoned')
            return 0.0
        ready = [t for t in waiting if self._may_run(connection, t)]
        if not ready:
            self._sending = None
            self._pacer.rest(self)
            return IDLE
        first = min(ready, key=lambda t: (not t.urgent, t.queued, t.id))
        try:
            return self._continue(first, send)
        except Rejected as error:
            LOG.warning('%s was rejected: %s', first.id, error)
            self._finish_as(first.id, 'abandoned')
            return 0.0

    def _may_run(
        self, connection: model.ArrayConnection, transfer: model.Transfer
    ) -> bool:
        target = self._array.group_targets.get(
            f'{transfer.group_id}>{connection.name.casefold()}'
        )
        if target is None or not target.allowed:
            return False
        group = self._array.protection_groups[transfer.group_id]
        return pod_status.sends_to(self._array, group.pod_id, connection.name)

    def _finish_as(self, transfer_id: str, state: str) -> None:
        array = self._array
        self._sending = None
        with array.transaction():
            transfer = array.transfers.get(transfer_id)
            if transfer is None:
                return
            if array.group_snapshots.get(transfer.group_snapshot_id) is None:
                group_snapshots.forget_transfer(array, transfer)
            else:
                array.transfers.put(replace(transfer, state=state))

    def _continue(self, transfer: model.Transfer, send: Send) -> float:
        sending = self._sending
        if sending is None or sending.transfer_id != transfer.id:
            sending = self._begin(transfer, send)
            if sending is None:
                return 0.0
            self._sending = sending
        environment = self._array.environment
        if environment.frozen and environment.freeze_at is None:
            self._pacer.rest(self)
            return IDLE
        if not sending.started:
            return self._start(sending, send)
        if sending.volume_cursor >= len(sending.parts):
            return self._finish(sending, send)
        return self._send_blocks(transfer, sending, send)

    def _begin(self, transfer: model.Transfer, send: Send) -> Sending | None:
        array = self._array
        with array.lock:
            snapshot = array.group_snapshots[transfer.group_snapshot_id]
            group = array.protection_groups[transfer.group_id]
            parts = group_snapshots.parts_of(array, snapshot)
            name = peers.remote_name(array, group)
            header: Header = {
                'group': name,
                'suffix': snapshot.suffix,
                'id': snapshot.id,
                'created': snapshot.created,
                'retained': snapshot.retained,
                'volumes': [self._describe(snapshot, p) for p in parts],
            }
        answer = send('begin', header, b'')
        if answer['state'] == 'disallowed':
            peer, denied = transfer.peer, {name: False}
            array.run(lambda: peers.apply_permissions(array, peer, denied))
            return None
        if answer['state'] == 'done':
            self._record(transfer.id, answer)
            return None
        record = answer['transfer']
        return Sending(
            transfer_id=transfer.id,
            target_name=f'{name}.{snapshot.suffix}',
            parts=tuple(parts),
            bases=tuple(answer['bases']),
            volume_cursor=record['volume_cursor'] if record else 0,
            block_cursor=record['block_cursor'] if record else -1,
            started=bool(record and record['total']),
        )

    def _describe(
        self, snapshot: model.GroupSnapshot, part: model.VolumeSnapshot
    ) -> Header:
        return {
            'id': part.source_id,
            'name': part.name[len(snapshot.name) + 1 :],
            'provisioned': part.provisioned,
            'candidates': bases.candidates(self._array, part),
            'origins': bases.origins(self._array, part),
        }

    def _start(self, sending: Sending, send: Send) -> float:
        content = self._array.content
        with self._array.lock:
            totals = {
                part.source_id: BLOCK
                * sum(
                    leaf is not None
                    for _, leaf in content.changes(base, part.content)
                )
                for part, base in zip(
                    sending.parts, sending.bases, strict=True
                )
            }
        header = {'name': sending.target_name, 'totals': totals}
        answer = send('start', header, b'')
        if answer.get('frozen'):
            return IDLE
        self._sending = replace(sending, started=True)
        self._record(sending.transfer_id, answer)
        return 0.0

    def _record(self, transfer_id: str, answer: Header) -> None:
        """Keep at the source what the target says of the transfer."""
        told: model.Transfer = codec.from_plain(
            model.Transfer, answer['transfer']
        )
        array = self._array
        with array.transaction():
            transfer = array.transfers.get(transfer_id)
            if transfer is None or transfer.state == 'dropped':
                return
            self._record_parts(transfer_id, answer['parts'])
            array.traffic.add(
                f'{transfer.group_id}>{transfer.peer.casefold()}',
                array.now(),
                max(0, told.data_transferred - transfer.data_transferred),
            )
            array.transfers.put(
                replace(
                    transfer,
                    state='running' if told.completed is None else 'done',
                    started=transfer.started or array.now(),
                    completed=None
                    if told.completed is None
                    else transfer.completed or array.now(),
                    total=told.total,
                    data_transferred=told.data_transferred,
                    physical_bytes_written=told.physical_bytes_written,
                )
            )

    def _record_parts(self, transfer_id: str, parts: list[Header]) -> None:
        for plain in parts:
            told: model.PartTransfer = codec.from_plain(
                model.PartTransfer, plain
            )
            source_id = told.id.rpartition('/')[2]
            self._array.part_transfers.put(
                replace(
                    told,
                    id=part_id(transfer_id, source_id),
                    transfer_id=transfer_id,
                )
            )

    def _send_blocks(
        self, transfer: model.Transfer, sending: Sending, send: Send
    ) -> float:
        most = self._before_freeze(transfer)
        granted = self._pacer.take(self, most) if most > 0 else 0
        if granted <= 0:
            return self._pacer.wait() if most > 0 else IDLE
        part = sending.parts[sending.volume_cursor]
        entries, payload = self._read(sending, part, granted)
        self._pacer.give_back(granted - len(payload) // BLOCK)
        if not entries:
            self._sending = replace(
                sending,
                volume_cursor=sending.volume_cursor + 1,
                block_cursor=-1,
            )
            return 0.0
        answer = send(
            'blocks',
            {
                'name': sending.target_name,
                'volume': sending.volume_cursor,
                'volume_id': part.source_id,
                'entries': entries,
            },
            payload,
        )
        if answer.get('frozen') or answer.get('full'):
            self._pacer.rest(self)
            return IDLE
        self._sending = replace(sending, block_cursor=entries[-1][0])
        self._record(sending.transfer_id, answer)
        return 0.0

    def _before_freeze(self, transfer: model.Transfer) -> int:
        """Return how many blocks may go before the transfer is held."""
        environment = self._array.environment
        if not environment.frozen or environment.freeze_at is None:
            return _MOST_BLOCKS
        limit = int(environment.freeze_at * transfer.total)
        left = (limit - transfer.data_transferred) // BLOCK
        return max(0, min(_MOST_BLOCKS, left))

    def _read(
        self, sending: Sending, part: model.VolumeSnapshot, count: int
    ) -> tuple[list[tuple[int, bool]], bytes]:
        content = self._array.content
        base = sending.bases[sending.volume_cursor]
        with self._array.lock:
            if not content.has(part.content) or not content.has(base):
                raise LinkDown('the snapshot is gone at the source')
            changes = list(
                itertools.islice(
                    content.changes(base, part.content, sending.block_cursor),
                    count,
                )
            )
            payload = b''.join(
                content.body_of(leaf) for _, leaf in changes if leaf
            )
        return [(index, leaf is not None) for index, leaf in changes], payload

    def _finish(self, sending: Sending, send: Send) -> float:
        contents = {part.source_id: part.content for part in sending.parts}
        answer = send(
            'finish',
            {'name': sending.target_name, 'contents': contents},
            b'',
        )
        if answer.get('frozen'):
            return IDLE
        self._sending = None
        self._record(sending.transfer_id, answer)
        return 0.0
