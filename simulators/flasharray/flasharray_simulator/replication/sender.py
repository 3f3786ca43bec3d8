# SPDX-License-Identifier: Apache-2.0
"""The sending side: one thread per peer array."""

import itertools
import logging
import threading
import time
from dataclasses import dataclass, replace

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import group_snapshots
from flasharray_simulator.replication import peers
from flasharray_simulator.replication.wire import (
    Channel,
    Header,
    LinkDown,
    Rejected,
)

LOG = logging.getLogger(__name__)

_HELLO_EVERY = 1.0
_IDLE = 1.0
_RETRY = 0.5
_MOST_BLOCKS = 128
_MOST_CANDIDATES = 64


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


class PeerLink(threading.Thread):
    """Tells one peer of this array's groups and sends it snapshots."""

    def __init__(self, array: FlashArray, connection_id: str) -> None:
        super().__init__(name=f'replication-{connection_id[:8]}', daemon=True)
        self._array = array
        self._connection_id = connection_id
        self._stopping = threading.Event()
        self._channel: Channel | None = None
        self._next_hello = 0.0
        self._told: tuple[str, dict[str, bool]] | None = None
        self._told_groups: dict[str, model.ProtectionGroup] = {}
        self._sending: Sending | None = None
        self._allowance = 0.0
        self._allowance_at: int | None = None

    def stop(self) -> None:
        """Ask the thread to end; join it afterwards."""
        self._stopping.set()
        self._array.wake()

    def run(self) -> None:
        name = ''
        while not self._stopping.is_set():
            generation = self._array.generation
            connection = self._array.array_connections.get(self._connection_id)
            if connection is None:
                break
            name = connection.name
            try:
                wait = self._step(connection)
                self._array.set_reachable(name, True)
            except LinkDown as error:
                LOG.debug('no link to %s: %s', name, error)
                self._lose(name)
                wait = _RETRY
                generation = self._array.generation
            except Exception:
                LOG.exception('replication to %s failed', name)
                wait = _IDLE
                generation = self._array.generation
            if wait:
                self._array.wait_for_change(generation, wait)
        self._lose(name)
        if self._channel is not None:
            self._channel.close()

    def _lose(self, name: str) -> None:
        self._sending = None
        self._next_hello = 0.0
        self._told_groups.clear()
        self._allowance_at = None
        self._array.set_reachable(name, False)

    def _step(self, connection: model.ArrayConnection) -> float:
        """Do the next thing; return how long to wait for another (s)."""
        if self._array.link_is_cut(connection.name):
            raise LinkDown('cut')
        if self._channel is None or (
            self._channel.address != connection.replication_address
        ):
            self._channel = Channel(connection.replication_address)
        self._greet(connection)
        self._tell_groups(connection)
        return self._send_snapshots(connection)

    def _send(self, verb: str, header: Header, payload: bytes = b'') -> Header:
        assert self._channel is not None
        header['source'] = self._array.name
        return self._channel.send(verb, header, payload)

    def _greet(self, connection: model.ArrayConnection) -> None:
        array = self._array
        with array.lock:
            if array.array_connections.get(connection.id) is None:
                raise LinkDown('the connection was deleted')
            allowed = peers.permissions(array, connection.name)
            introduction = peers.introduction(array, connection.kind, None)
        now = time.monotonic()
        news = (introduction['name'], allowed)
        if now < self._next_hello and news == self._told:
            return
        try:
            answer = self._send(
                'hello', {'introduction': introduction, 'allowed': allowed}
            )
        except Rejected as error:
            raise LinkDown(str(error)) from error
        self._next_hello = now + _HELLO_EVERY
        self._told = news
        with array.transaction():
            known = peers.learn(array, answer['introduction'])
            peers.apply_permissions(array, known.name, answer['allowed'])

    def _tell_groups(self, connection: model.ArrayConnection) -> None:
        array = self._array
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
            if self._told_groups.get(group.id) is group:
                continue
            with array.lock:
                header = peers.definition(array, group)
            answer = self._send('group', header)
            self._told_groups[group.id] = group
            self._learn_of_group(connection, group.id, answer)

    def _learn_of_group(
        self, connection: model.ArrayConnection, group_id: str, answer: Header
    ) -> None:
        array = self._array
        with array.transaction():
            peers.apply_permissions(array, connection.name, answer['allowed'])
            group = array.protection_groups.get(group_id)
            if group and group.next_suffix < answer['next_suffix']:
                array.protection_groups.put(
                    replace(group, next_suffix=answer['next_suffix'])
                )

    def _send_snapshots(self, connection: model.ArrayConnection) -> float:
        array = self._array
        with array.lock:
            waiting = array.transfers.by('waiting', connection.name.casefold())
        dropped = next((t for t in waiting if t.state == 'dropped'), None)
        if dropped is not None:
            self._drop(dropped)
            return 0.0
        ready = [t for t in waiting if self._may_run(connection, t)]
        if not ready:
            self._sending = None
            self._allowance_at = None
            return _IDLE
        first = min(ready, key=lambda t: (not t.urgent, t.queued, t.id))
        try:
            return self._continue(connection, first)
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
        return target is not None and target.allowed

    def _drop(self, transfer: model.Transfer) -> None:
        with self._array.lock:
            snapshot = self._array.group_snapshots[transfer.group_snapshot_id]
            name = self._target_name(snapshot)
        self._send('drop', {'name': name})
        self._finish_as(transfer.id, 'abandoned')

    def _finish_as(self, transfer_id: str, state: str) -> None:
        self._sending = None
        with self._array.transaction():
            transfer = self._array.transfers.get(transfer_id)
            if transfer is not None:
                self._array.transfers.put(replace(transfer, state=state))

    def _target_name(self, snapshot: model.GroupSnapshot) -> str:
        name = snapshot.name.replace('::', ':')
        return f'{self._array.name}:{name}'

    def _continue(
        self, connection: model.ArrayConnection, transfer: model.Transfer
    ) -> float:
        sending = self._sending
        if sending is None or sending.transfer_id != transfer.id:
            sending = self._begin(transfer)
            if sending is None:
                return 0.0
            self._sending = sending
        environment = self._array.environment
        if environment.frozen and environment.freeze_at is None:
            self._allowance_at = None
            return _IDLE
        if not sending.started:
            return self._start(sending)
        return self._send_blocks(connection, transfer, sending)

    def _begin(self, transfer: model.Transfer) -> Sending | None:
        array = self._array
        with array.lock:
            snapshot = array.group_snapshots[transfer.group_snapshot_id]
            group = array.protection_groups[transfer.group_id]
            parts = group_snapshots.parts_of(array, snapshot)
            header: Header = {
                'group': group.name.replace('::', ':'),
                'suffix': snapshot.suffix,
                'id': snapshot.id,
                'created': snapshot.created,
                'volumes': [self._describe(part) for part in parts],
            }
        answer = self._send('begin', header)
        if answer['state'] == 'disallowed':
            with array.transaction():
                peers.apply_permissions(
                    array, transfer.peer, {header['group']: False}
                )
            return None
        if answer['state'] == 'done':
            self._record(transfer.id, answer['transfer'])
            return None
        record = answer['transfer']
        return Sending(
            transfer_id=transfer.id,
            target_name=self._target_name(snapshot),
            parts=tuple(parts),
            bases=tuple(answer['bases']),
            volume_cursor=record['volume_cursor'] if record else 0,
            block_cursor=record['block_cursor'] if record else -1,
            started=bool(record and record['total']),
        )

    def _describe(self, part: model.VolumeSnapshot) -> Header:
        array = self._array
        earlier = sorted(
            array.volume_snapshots.by('source', part.source_id),
            key=lambda snapshot: snapshot.created,
        )
        candidates = {
            snapshot.content for snapshot in earlier[-_MOST_CANDIDATES:]
        }
        group = array.group_snapshots[part.group_snapshot_id or '']
        return {
            'id': part.source_id,
            'name': part.name[len(group.name) + 1 :],
            'provisioned': part.provisioned,
            'candidates': sorted(candidates - {''}),
        }

    def _start(self, sending: Sending) -> float:
        with self._array.lock:
            total = BLOCK * sum(
                leaf is not None
                for part, base in zip(
                    sending.parts, sending.bases, strict=True
                )
                for _, leaf in self._array.content.changes(base, part.content)
            )
        answer = self._send(
            'start', {'name': sending.target_name, 'total': total}
        )
        if answer.get('frozen'):
            return _IDLE
        self._sending = replace(sending, started=True)
        self._record(sending.transfer_id, answer['transfer'])
        return 0.0

    def _record(self, transfer_id: str, received: Header) -> None:
        """Keep at the source what the target says of the transfer."""
        told: model.Transfer = codec.from_plain(model.Transfer, received)
        array = self._array
        with array.transaction():
            transfer = array.transfers.get(transfer_id)
            if transfer is None or transfer.state == 'dropped':
                return
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

    def _send_blocks(
        self,
        connection: model.ArrayConnection,
        transfer: model.Transfer,
        sending: Sending,
    ) -> float:
        if sending.volume_cursor >= len(sending.parts):
            return self._finish(sending)
        count = self._may_send(connection, transfer)
        if count <= 0:
            return self._wait_for_allowance(connection)
        part = sending.parts[sending.volume_cursor]
        entries, payload = self._read(sending, part, count)
        if not entries:
            self._sending = replace(
                sending,
                volume_cursor=sending.volume_cursor + 1,
                block_cursor=-1,
            )
            return 0.0
        answer = self._send(
            'blocks',
            {
                'name': sending.target_name,
                'volume': sending.volume_cursor,
                'volume_id': part.source_id,
                'entries': entries,
            },
            payload,
        )
        if answer.get('frozen'):
            return _IDLE
        self._allowance -= len(payload)
        self._sending = replace(sending, block_cursor=entries[-1][0])
        self._record(sending.transfer_id, answer['transfer'])
        return 0.0

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

    def _finish(self, sending: Sending) -> float:
        answer = self._send(
            'finish',
            {
                'name': sending.target_name,
                'contents': {
                    part.source_id: part.content for part in sending.parts
                },
            },
        )
        if answer.get('frozen'):
            return _IDLE
        self._sending = None
        self._record(sending.transfer_id, answer['transfer'])
        return 0.0

    def _bandwidth(self, connection: model.ArrayConnection) -> int | None:
        limits = [
            limit
            for limit in (
                self._array.environment.bandwidth,
                connection.throttle.default_limit,
            )
            if limit is not None
        ]
        return min(limits, default=None)

    def _may_send(
        self, connection: model.ArrayConnection, transfer: model.Transfer
    ) -> int:
        """Return how many blocks may go now."""
        environment = self._array.environment
        most = _MOST_BLOCKS
        if environment.frozen and environment.freeze_at is not None:
            limit = int(environment.freeze_at * transfer.total)
            most = min(most, (limit - transfer.data_transferred) // BLOCK)
        bandwidth = self._bandwidth(connection)
        if bandwidth is None:
            self._allowance_at = None
            return most
        now = self._array.now()
        if self._allowance_at is None:
            self._allowance = 0.0
        else:
            passed = now - self._allowance_at
            self._allowance += bandwidth * passed / 1000
        self._allowance_at = now
        return min(most, int(self._allowance // BLOCK))

    def _wait_for_allowance(self, connection: model.ArrayConnection) -> float:
        bandwidth = self._bandwidth(connection)
        if not bandwidth:
            return _IDLE
        missing = max(0.0, BLOCK - self._allowance)
        seconds = self._array.clock.real_seconds(missing / bandwidth * 1000)
        return _IDLE if seconds is None else min(_IDLE, max(0.01, seconds))
