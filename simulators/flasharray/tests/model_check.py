# SPDX-License-Identifier: Apache-2.0
"""Compares what an array shows with what the reference says it has."""

from typing import Any, Protocol

from tests import reference
from tests.local import Reply
from tests.reference_objects import DAY

View = dict[str, Any]


class Shown(Protocol):
    """An array as the comparison needs it, local or a process."""

    name: str

    def call(
        self, method: str, path: str, body: Any = None, /, **query: str
    ) -> Reply: ...

    def command(self, name: str, /, **body: Any) -> Any: ...


class Digests:
    """Digests by content: equal roots are read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], str] = {}

    def of(self, array: Shown, stored: View) -> str:
        key = (stored['content'], stored['provisioned'])
        if key not in self._known:
            self._known[key] = array.command('digest', name=stored['name'])
        return self._known[key]


def real(array: Shown, digests: Digests) -> View:
    """Return what an array shows, by kind and name."""
    objects = array.command('objects')
    return {
        'volumes': {
            v['name']: {
                'size': v['provisioned'],
                'destroyed': v['destroyed'],
                'remaining': v['time_remaining'],
                'connections': v['connection_count'],
                'group': v['volume_group']['name'],
                'pod': v['pod']['name'],
            }
            for v in _items(array, 'volumes')
        },
        'snapshots': {
            s['name']: {
                'size': s['provisioned'],
                'destroyed': s['destroyed'],
                'remaining': s['time_remaining'],
            }
            for s in _items(array, 'volume-snapshots')
        },
        'bytes': {
            stored['name']: digests.of(array, stored)
            for kind in ('volumes', 'volume_snapshots')
            for stored in objects[kind]
            if stored.get('complete', True)
        },
        'pods': {
            p['name']: {
                'destroyed': p['destroyed'],
                'remaining': p['time_remaining'],
            }
            for p in _items(array, 'pods')
        },
        'volume groups': {
            g['name']: g['destroyed'] for g in _items(array, 'volume-groups')
        },
        'groups': {
            g['name']: {
                'local': g['is_local'],
                'destroyed': g['destroyed'],
                'volumes': g['volume_count'],
            }
            for g in _items(array, 'protection-groups')
        },
        'members': sorted(
            (m['group']['name'], m['member']['name'])
            for m in _items(array, 'protection-groups/volumes')
        ),
        'allowed': {
            t['group']['name']: t['allowed']
            for t in _items(array, 'protection-groups/targets')
        },
        'group snapshots': {
            s['name']: {
                'created': s['created'],
                'destroyed': s['destroyed'],
                'remaining': s['time_remaining'],
            }
            for s in _items(array, 'protection-group-snapshots')
        },
        'hosts': {
            h['name']: (h['iqns'], h['connection_count'])
            for h in _items(array, 'hosts')
        },
        'connections': sorted(
            (c['host']['name'], c['volume']['name'], c['lun'])
            for c in _items(array, 'connections')
        ),
        'tags': sorted(
            (t['resource']['name'], t['key'], t['value'], t['copyable'])
            for t in _items(array, 'volumes/tags')
        ),
        'space': _space(array),
    }


def _items(array: Shown, path: str) -> list[View]:
    reply = array.call('GET', path)
    assert reply.status == 200, (path, reply.body)
    return reply.items


def _space(array: Shown) -> View:
    space = _items(array, 'arrays')[0]['space']
    return {
        'provisioned': space['total_provisioned'],
        'stored': space['total_physical'],
    }


def expected(array: reference.Array) -> View:
    """Return what the array ought to show."""
    snapshots = list(array.all_snapshots())
    return {
        'volumes': {
            v.name: {
                'size': v.size,
                **_fate(array, v.destroyed),
                'connections': array.connected(v),
                'group': v.group.name if v.group else None,
                'pod': v.pod.name if v.pod else None,
            }
            for v in array.volumes
        },
        'snapshots': {
            name: {'size': thing.size, **_fate(array, destroyed)}
            for name, destroyed, thing in snapshots
        },
        'bytes': {
            **{v.name: v.content.digest(v.size) for v in array.volumes},
            **{
                name: thing.content.digest(thing.size)
                for name, _, thing in snapshots
            },
        },
        'pods': {p.name: _fate(array, p.destroyed) for p in array.pods},
        'volume groups': {
            g.name: g.destroyed is not None for g in array.volume_groups
        },
        'groups': {
            g.name: {
                'local': g.source is None,
                'destroyed': g.destroyed is not None,
                'volumes': sum(v.destroyed is None for v in g.members),
            }
            for g in array.groups
        },
        'members': sorted(
            (g.name, v.name)
            for g in array.groups
            for v in g.members
            if v.destroyed is None
        ),
        'allowed': {
            g.name: g.allowed if g.source else g in array.known_allowed
            for g in array.groups
            if g.targeted or g.source
        },
        'group snapshots': {
            s.name: {'created': s.created, **_fate(array, s.destroyed)}
            for s in array.group_snapshots
        },
        'hosts': {h.name: ([h.iqn], len(h.luns)) for h in array.hosts},
        'connections': sorted(
            (h.name, v.name, lun)
            for h in array.hosts
            for lun, v in h.luns.items()
        ),
        'tags': sorted(
            (v.name, key, value, copyable)
            for v in array.volumes
            for key, (value, copyable) in v.tags.items()
        ),
        'space': {
            'provisioned': array.provisioned(),
            'stored': array.stored(),
        },
    }


def _fate(array: reference.Array, destroyed: int | None) -> View:
    if destroyed is None:
        return {'destroyed': False, 'remaining': None}
    return {
        'destroyed': True,
        'remaining': destroyed + DAY - array.now,
    }
