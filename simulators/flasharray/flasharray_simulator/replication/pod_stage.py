# SPDX-License-Identifier: Apache-2.0
"""Where contents arrive, block by block, before anything uses them.

What has arrived stays over a restart: a shipment goes on by asking what
is there. The stage of a shipment has one content for each key, which is
the id of the volume or snapshot that will have it.
"""

from dataclasses import replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import capacity
from flasharray_simulator.replication import pod_traffic
from flasharray_simulator.replication.wire import Header, Rejected, Verb

POD = 'pod'


def verbs(array: FlashArray) -> dict[str, Verb]:
    return {
        'stage-open': lambda header, _: _open(array, header),
        'stage-nodes': lambda header, _: _nodes(array, header),
        'stage-blocks': lambda header, data: _blocks(array, header, data),
        'stage-close': lambda header, _: _close(array, header),
    }


def of_pod(pod_id: str) -> str:
    """Return the stage that a stretched pod's contents arrive on."""
    return f'{POD}/{pod_id}'


def stage_id(stage: str, key: str) -> str:
    return f'{stage}/{key}'


def clear(array: FlashArray, stage: str) -> None:
    """Drop what has arrived; call it in a transaction."""
    for staged in array.staged_contents.by('stage', stage):
        array.staged_contents.remove(staged.id)


def _open(array: FlashArray, header: Header) -> Header:
    """Return the content that each key starts from."""
    stage = header['stage']
    return {
        'have': {
            key: _begin(array, stage, key, root, relative)
            for key, root, relative in header['wanted']
        }
    }


def _begin(
    array: FlashArray, stage: str, key: str, root: str, relative: str | None
) -> str:
    if _present(array, key) == root:
        return root
    identifier = stage_id(stage, key)
    present = array.staged_contents.get(identifier)
    if array.content.has(root):
        content = root
    elif present is not None:
        content = present.content
    else:
        content = _present(array, key) or _present(array, relative)
    staged = model.StagedContent(identifier, stage, key, content)
    if staged != present:
        array.staged_contents.put(staged)
    return content


def _present(array: FlashArray, identifier: str | None) -> str:
    stored = array.volumes.get(identifier) or array.volume_snapshots.get(
        identifier
    )
    return '' if stored is None else stored.content


def _nodes(array: FlashArray, header: Header) -> Header:
    content = array.content
    found = {}
    for text in header['nodes']:
        node = bytes.fromhex(text)
        if not content.keeps(node):
            raise Rejected('the content is gone')
        found[text] = {
            slot: child.hex()
            for slot, child in content.children_of(node).items()
        }
    return {'children': found}


def _blocks(array: FlashArray, header: Header, payload: bytes) -> Header:
    environment = array.environment
    if environment.frozen and environment.freeze_at is None:
        return {'frozen': True}
    kind, _, owner = header['stage'].partition('/')
    if kind == POD:
        pod_traffic.received(array, pod_traffic.RESYNC, owner, len(payload))
    changed: dict[str, dict[int, bytes]] = {}
    position = 0
    for key, index, present in header['entries']:
        data = bytes(BLOCK)
        if present:
            data = payload[position : position + BLOCK]
            position += BLOCK
        changed.setdefault(key, {})[index] = data
    arrived = [data for blocks in changed.values() for data in blocks.values()]
    if not capacity.has_room(array, arrived):
        return {'frozen': True}
    for key, blocks in changed.items():
        staged = array.staged_contents.get(stage_id(header['stage'], key))
        if staged is None:
            raise Rejected('the shipment was not opened')
        content = array.content.replace(staged.content, blocks)
        array.staged_contents.put(replace(staged, content=content))
    return {}


def _close(array: FlashArray, header: Header) -> Header:
    clear(array, header['stage'])
    return {}


def parse_children(answer: Header) -> dict[bytes, dict[int, bytes]]:
    """Return what ``stage-nodes`` answered, as the content store has it."""
    return {
        bytes.fromhex(node): {
            int(slot): bytes.fromhex(child) for slot, child in slots.items()
        }
        for node, slots in answer['children'].items()
    }
