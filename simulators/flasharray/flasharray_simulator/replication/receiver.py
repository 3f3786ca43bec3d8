# SPDX-License-Identifier: Apache-2.0
"""The receiving side: what a peer may ask of this array."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import group_snapshots
from flasharray_simulator.replication import peers, wire
from flasharray_simulator.replication.wire import Header, Rejected

LOG = logging.getLogger(__name__)


class Receiver:
    """A WSGI application for the replication port."""

    def __init__(self, array: FlashArray) -> None:
        self._array = array
        self._verbs: dict[str, Callable[[Header, bytes], Header]] = {
            'hello': self._hello,
            'goodbye': self._goodbye,
            'group': self._group,
            'begin': self._begin,
            'start': self._start,
            'blocks': self._blocks,
            'finish': self._finish,
            'drop': self._drop,
        }

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except Rejected as error:
            response = Response(str(error), 409)
        except Exception:
            LOG.exception('replication %s failed', request.path)
            response = Response('failed', 500)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        verb = self._verbs.get(request.path.strip('/'))
        if verb is None or request.method != 'POST':
            return Response('unknown', 404)
        header, payload = wire.unpack(request.get_data())
        with self._array.transaction():
            if self._array.link_is_cut(header['source']):
                return Response('link is cut', 503)
            answer = verb(header, payload)
        return Response(
            json.dumps(answer), 200, content_type='application/json'
        )

    def _hello(self, header: Header, payload: bytes) -> Header:
        array = self._array
        introduced = header['introduction']
        if introduced['key'] not in (None, array.settings.connection_key):
            raise Rejected('Invalid connection key.')
        if introduced['id'] == array.settings.array_id:
            raise Rejected('An array cannot be connected to itself.')
        if introduced['name'].casefold() == array.name.casefold():
            raise Rejected('The arrays have the same name.')
        connection = peers.learn(array, introduced)
        peers.apply_permissions(array, connection.name, header['allowed'])
        return {
            'introduction': peers.introduction(array, connection.kind, None),
            'allowed': peers.permissions(array, connection.name),
        }

    def _goodbye(self, header: Header, payload: bytes) -> Header:
        connection = self._array.array_connections.find(header['source'])
        if connection is not None:
            peers.forget(self._array, connection)
        return {}

    def _group(self, header: Header, payload: bytes) -> Header:
        array = self._array
        name = f'{header["source"]}:{header["name"]}'
        group = array.protection_groups.find(name)
        if group is None:
            group = model.ProtectionGroup(
                id=array.new_id(),
                name=name,
                created=array.now(),
                local=False,
                source_array=header['source'],
            )
        told = replace(
            group,
            source_group_id=header['id'],
            replication_schedule=codec.from_plain(
                model.Schedule, header['replication_schedule']
            ),
            snapshot_schedule=codec.from_plain(
                model.Schedule, header['snapshot_schedule']
            ),
            source_retention=codec.from_plain(
                model.Retention, header['source_retention']
            ),
            target_retention=codec.from_plain(
                model.Retention, header['target_retention']
            ),
        )
        array.protection_groups.put(told)
        target = model.GroupTarget(
            f'{told.id}>{array.name.casefold()}', told.id, array.name
        )
        if array.group_targets.get(target.id) is None:
            array.group_targets.put(target)
        return {
            'allowed': peers.permissions(array, header['source']),
            'next_suffix': self._next_suffix(told),
        }

    def _next_suffix(self, group: model.ProtectionGroup) -> int:
        used = [
            int(snapshot.suffix)
            for snapshot in self._array.group_snapshots.by('group', group.id)
            if snapshot.suffix.isdecimal()
        ]
        return max(used, default=0) + 1

    def _begin(self, header: Header, payload: bytes) -> Header:
        array = self._array
        group = array.protection_groups.find(
            f'{header["source"]}:{header["group"]}'
        )
        if group is None or group.destroyed is not None:
            raise Rejected('no such protection group')
        if not peers.permissions(array, header['source'])[header['group']]:
            return {'state': 'disallowed'}
        name = f'{group.name}.{header["suffix"]}'
        snapshot = array.group_snapshots.find(name)
        if snapshot is None:
            snapshot = self._announce(group, name, header)
        elif snapshot.origin_id != header['id']:
            raise Rejected('the name of the snapshot is taken')
        transfer = self._transfer(snapshot)
        if snapshot.complete and transfer is not None:
            return {'state': 'done', 'transfer': codec.to_plain(transfer)}
        if snapshot.destroyed is not None:
            raise Rejected('the snapshot has been destroyed')
        if not self._bases_fit(snapshot, header):
            self._choose_bases(snapshot, header)
            transfer = self._restart(transfer)
        return {
            'state': 'ready',
            'bases': [part.base for part in self._parts(snapshot, header)],
            'transfer': codec.to_plain(transfer) if transfer else None,
        }

    def _announce(
        self, group: model.ProtectionGroup, name: str, header: Header
    ) -> model.GroupSnapshot:
        array = self._array
        snapshot = array.group_snapshots.put(
            model.GroupSnapshot(
                id=array.new_id(),
                name=name,
                suffix=header['suffix'],
                group_id=group.id,
                created=header['created'],
                complete=False,
                origin_id=header['id'],
            )
        )
        for volume in header['volumes']:
            array.volume_snapshots.put(
                model.VolumeSnapshot(
                    id=array.new_id(),
                    name=f'{name}.{volume["name"]}',
                    suffix=header['suffix'],
                    created=header['created'],
                    provisioned=volume['provisioned'],
                    serial=array.new_serial(),
                    source_id=volume['id'],
                    source_name=f'{header["source"]}:{volume["name"]}',
                    group_snapshot_id=snapshot.id,
                    complete=False,
                )
            )
        self._choose_bases(snapshot, header)
        return snapshot

    def _parts(
        self, snapshot: model.GroupSnapshot, header: Header
    ) -> list[model.VolumeSnapshot]:
        """Return the parts in the order of the sender's volumes."""
        found = {
            part.source_id: part
            for part in self._array.volume_snapshots.by(
                'group_snapshot', snapshot.id
            )
        }
        return [found[volume['id']] for volume in header['volumes']]

    def _bases_fit(
        self, snapshot: model.GroupSnapshot, header: Header
    ) -> bool:
        parts = self._parts(snapshot, header)
        return all(
            not part.base or part.base in volume['candidates']
            for part, volume in zip(parts, header['volumes'], strict=True)
        )

    def _choose_bases(
        self, snapshot: model.GroupSnapshot, header: Header
    ) -> None:
        """Start each part from the newest content that both sides have."""
        newest_first = sorted(
            (
                earlier
                for earlier in self._array.group_snapshots.by(
                    'group', snapshot.group_id
                )
                if earlier.complete
            ),
            key=lambda earlier: earlier.created,
            reverse=True,
        )
        contents: dict[str | None, list[str]] = {}
        for earlier in newest_first:
            for part in self._array.volume_snapshots.by(
                'group_snapshot', earlier.id
            ):
                contents.setdefault(part.source_id, []).append(part.content)
        parts = self._parts(snapshot, header)
        for part, volume in zip(parts, header['volumes'], strict=True):
            base = next(
                (
                    content
                    for content in contents.get(part.source_id, [])
                    if content in volume['candidates']
                ),
                '',
            )
            self._array.volume_snapshots.put(
                replace(part, base=base, content=base)
            )

    def _restart(
        self, transfer: model.Transfer | None
    ) -> model.Transfer | None:
        if transfer is None:
            return None
        return self._array.transfers.put(
            replace(
                transfer,
                total=0,
                data_transferred=0,
                volume_cursor=0,
                block_cursor=-1,
            )
        )

    def _transfer(
        self, snapshot: model.GroupSnapshot
    ) -> model.Transfer | None:
        found = self._array.transfers.by('snapshot', snapshot.id)
        return found[0] if found else None

    def _incoming(self, header: Header) -> model.GroupSnapshot:
        snapshot = self._array.group_snapshots.find(header['name'])
        if snapshot is None or snapshot.complete:
            raise Rejected('no such transfer')
        if snapshot.destroyed is not None:
            raise Rejected('the snapshot has been destroyed')
        return snapshot

    def _start(self, header: Header, payload: bytes) -> Header:
        array = self._array
        if array.environment.frozen and array.environment.freeze_at is None:
            return {'frozen': True}
        snapshot = self._incoming(header)
        present = self._transfer(snapshot)
        now = array.now()
        transfer = array.transfers.put(
            replace(
                present
                or model.Transfer(
                    id=f'{snapshot.id}<',
                    group_snapshot_id=snapshot.id,
                    group_id=snapshot.group_id,
                    peer=header['source'],
                    outbound=False,
                    queued=now,
                    state='running',
                    started=now,
                ),
                total=header['total'],
            )
        )
        return {'transfer': codec.to_plain(transfer)}

    def _blocks(self, header: Header, payload: bytes) -> Header:
        array = self._array
        if array.environment.frozen and array.environment.freeze_at is None:
            return {'frozen': True}
        snapshot = self._incoming(header)
        transfer = self._transfer(snapshot)
        if transfer is None:
            raise Rejected('the transfer has not started')
        cursor = (transfer.volume_cursor, transfer.block_cursor)
        blocks: dict[int, bytes] = {}
        received = 0
        position = 0
        for index, present in header['entries']:
            data = bytes(BLOCK)
            if present:
                data = payload[position : position + BLOCK]
                position += BLOCK
            if (header['volume'], index) > cursor:
                blocks[index] = data
                received += BLOCK if present else 0
        transfer = self._store(snapshot, transfer, header, blocks, received)
        return {'transfer': codec.to_plain(transfer)}

    def _store(
        self,
        snapshot: model.GroupSnapshot,
        transfer: model.Transfer,
        header: Header,
        blocks: dict[int, bytes],
        received: int,
    ) -> model.Transfer:
        if not blocks:
            return transfer
        array = self._array
        part = next(
            part
            for part in array.volume_snapshots.by(
                'group_snapshot', snapshot.id
            )
            if part.source_id == header['volume_id']
        )
        before = array.content.stored_bytes()
        content = array.content.replace(part.content, blocks)
        array.volume_snapshots.put(replace(part, content=content))
        written = max(0, array.content.stored_bytes() - before)
        return array.transfers.put(
            replace(
                transfer,
                data_transferred=transfer.data_transferred + received,
                physical_bytes_written=transfer.physical_bytes_written
                + written,
                volume_cursor=header['volume'],
                block_cursor=max(blocks),
            )
        )

    def _finish(self, header: Header, payload: bytes) -> Header:
        array = self._array
        if array.environment.frozen:
            return {'frozen': True}
        snapshot = self._incoming(header)
        transfer = self._transfer(snapshot)
        if transfer is None:
            raise Rejected('the transfer has not started')
        parts = array.volume_snapshots.by('group_snapshot', snapshot.id)
        for part in parts:
            if part.content != header['contents'][part.source_id or '']:
                raise Rejected(f'{part.name} did not arrive as it was sent')
        for part in parts:
            array.volume_snapshots.put(replace(part, complete=True))
        array.group_snapshots.put(replace(snapshot, complete=True))
        transfer = array.transfers.put(
            replace(transfer, completed=array.now(), state='done')
        )
        return {'transfer': codec.to_plain(transfer)}

    def _drop(self, header: Header, payload: bytes) -> Header:
        snapshot = self._array.group_snapshots.find(header['name'])
        if snapshot is not None and not snapshot.complete:
            group_snapshots.eradicate_snapshot(self._array, snapshot)
        return {}
