# SPDX-License-Identifier: Apache-2.0
"""The target of asynchronous replication: groups and their snapshots."""

from dataclasses import replace
from typing import Any

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import capacity, group_snapshots
from flasharray_simulator.replication import bases, peers
from flasharray_simulator.replication.wire import Header, Rejected, Verb


def verbs(array: FlashArray) -> dict[str, Verb]:
    receiver = GroupReceiver(array)
    return {
        'group': receiver.group,
        'begin': receiver.begin,
        'start': receiver.start,
        'blocks': receiver.blocks,
        'finish': receiver.finish,
        'drop': receiver.drop,
    }


class GroupReceiver:
    def __init__(self, array: FlashArray) -> None:
        self._array = array

    def group(self, header: Header, _: bytes) -> Header:
        """Keep what the source says of a group; make its copy."""
        array = self._array
        group = array.protection_groups.find(header['name'])
        if group is None:
            group = model.ProtectionGroup(
                id=array.new_id(),
                name=header['name'],
                created=array.now(),
                local=False,
            )
        told = _told(group, header)
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

    def begin(self, header: Header, _: bytes) -> Header:
        """Announce a snapshot; say what of it is here already."""
        array = self._array
        group = array.protection_groups.find(header['group'])
        if group is None or group.local or group.destroyed is not None:
            raise Rejected('no such protection group')
        if not peers.permissions(array, header['source'])[group.name]:
            return {'state': 'disallowed'}
        name = f'{group.name}.{header["suffix"]}'
        snapshot = array.group_snapshots.find(name)
        if snapshot is None:
            snapshot = self._announce(group, name, header)
        elif snapshot.origin_id != header['id']:
            raise Rejected('the name of the snapshot is taken')
        transfer = self._transfer(snapshot)
        if snapshot.complete and transfer is not None:
            return {'state': 'done', **self._state(transfer)}
        if snapshot.destroyed is not None:
            raise Rejected('the snapshot has been destroyed')
        if not bases.fit(array, snapshot, header):
            bases.choose(array, snapshot, header)
            transfer = self._restart(transfer)
        parts = bases.parts_in_order(array, snapshot, header)
        return {
            'state': 'ready',
            'bases': [part.base for part in parts],
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
                retained=header['retained'],
                origin_id=header['id'],
            )
        )
        origin = group.name.partition(':')[0]
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
                    source_name=f'{origin}:{volume["name"]}',
                    group_snapshot_id=snapshot.id,
                    complete=False,
                )
            )
        bases.choose(array, snapshot, header)
        return snapshot

    def _restart(
        self, transfer: model.Transfer | None
    ) -> model.Transfer | None:
        if transfer is None:
            return None
        for part in self._array.part_transfers.by('transfer', transfer.id):
            self._array.part_transfers.remove(part.id)
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

    def _running(
        self, header: Header
    ) -> tuple[model.GroupSnapshot, model.Transfer]:
        snapshot = self._incoming(header)
        transfer = self._transfer(snapshot)
        if transfer is None:
            raise Rejected('the transfer has not started')
        return snapshot, transfer

    def _incoming(self, header: Header) -> model.GroupSnapshot:
        snapshot = self._array.group_snapshots.find(header['name'])
        if snapshot is None or snapshot.complete:
            raise Rejected('no such transfer')
        if snapshot.destroyed is not None:
            raise Rejected('the snapshot has been destroyed')
        return snapshot

    def _is_held(self) -> bool:
        environment = self._array.environment
        return environment.frozen and environment.freeze_at is None

    def start(self, header: Header, _: bytes) -> Header:
        """Begin a transfer of so many bytes of each volume."""
        array = self._array
        if self._is_held():
            return {'frozen': True}
        snapshot = self._incoming(header)
        present = self._transfer(snapshot) or model.Transfer(
            id=f'{snapshot.id}<',
            group_snapshot_id=snapshot.id,
            group_id=snapshot.group_id,
            peer=header['source'],
            outbound=False,
            queued=array.now(),
            state='running',
            started=array.now(),
        )
        totals: dict[str, int] = header['totals']
        transfer = array.transfers.put(
            replace(present, total=sum(totals.values()))
        )
        for source_id, total in totals.items():
            if total:
                identifier = part_id(transfer.id, source_id)
                array.part_transfers.put(
                    model.PartTransfer(identifier, transfer.id, total)
                )
        return self._state(transfer)

    def _state(self, transfer: model.Transfer) -> Header:
        """Return the record with those of its volumes, for the source."""
        found = self._array.part_transfers.by('transfer', transfer.id)
        return {
            'transfer': codec.to_plain(transfer),
            'parts': [codec.to_plain(part) for part in found],
        }

    def blocks(self, header: Header, payload: bytes) -> Header:
        """Store blocks of one volume; what came before is left out."""
        if self._is_held():
            return {'frozen': True}
        snapshot, transfer = self._running(header)
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
        if not blocks:
            return {'transfer': codec.to_plain(transfer), 'parts': []}
        if not capacity.has_room(self._array, blocks.values()):
            return {'full': True}
        return self._store(snapshot, transfer, header, blocks, received)

    def _store(
        self,
        snapshot: model.GroupSnapshot,
        transfer: model.Transfer,
        header: Header,
        blocks: dict[int, bytes],
        received: int,
    ) -> Header:
        array = self._array
        part = _part_of(array, snapshot, header['volume_id'])
        before = array.content.stored_bytes()
        content = array.content.replace(part.content, blocks)
        array.volume_snapshots.put(replace(part, content=content))
        written = max(0, array.content.stored_bytes() - before)
        identifier = part_id(transfer.id, header['volume_id'])
        record = array.part_transfers.get(identifier) or model.PartTransfer(
            identifier, transfer.id
        )
        record = array.part_transfers.put(
            replace(
                record,
                data_transferred=record.data_transferred + received,
                physical_bytes_written=record.physical_bytes_written + written,
            )
        )
        array.traffic.add(snapshot.group_id, array.now(), received)
        transfer = array.transfers.put(
            replace(
                transfer,
                data_transferred=transfer.data_transferred + received,
                physical_bytes_written=transfer.physical_bytes_written
                + written,
                volume_cursor=header['volume'],
                block_cursor=max(blocks),
            )
        )
        return {
            'transfer': codec.to_plain(transfer),
            'parts': [codec.to_plain(record)],
        }

    def finish(self, header: Header, _: bytes) -> Header:
        """Complete a snapshot whose every volume arrived as it was sent."""
        array = self._array
        if array.environment.frozen:
            return {'frozen': True}
        snapshot, transfer = self._running(header)
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
        return self._state(transfer)

    def drop(self, header: Header, _: bytes) -> Header:
        """Forget a snapshot that its source sends no more."""
        for snapshot in self._array.group_snapshots.by('origin', header['id']):
            if not snapshot.complete:
                group_snapshots.eradicate_snapshot(self._array, snapshot)
        return {}


def part_id(transfer_id: str, source_id: str) -> str:
    """Return the id of what one volume has in a transfer."""
    return f'{transfer_id}/{source_id}'


def _part_of(
    array: FlashArray, snapshot: model.GroupSnapshot, source_id: str
) -> model.VolumeSnapshot:
    return next(
        part
        for part in array.volume_snapshots.by('group_snapshot', snapshot.id)
        if part.source_id == source_id
    )


def _told(
    group: model.ProtectionGroup, header: Header
) -> model.ProtectionGroup:
    def read(name: str, kind: type) -> Any:
        return codec.from_plain(kind, header[name])

    retention = read('target_retention', model.Retention)
    kept = group.target_retention
    return replace(
        group,
        source_array=header['source'],
        source_pod=header['pod'],
        source_group_id=header['id'],
        replication_schedule=read('replication_schedule', model.Schedule),
        snapshot_schedule=read('snapshot_schedule', model.Schedule),
        source_retention=read('source_retention', model.Retention),
        target_retention=(
            kept if retention == group.told_retention else retention
        ),
        told_retention=retention,
        retention_lock=header['retention_lock'],
    )
