# SPDX-License-Identifier: Apache-2.0
"""The texts that clients look for, and the calls that must answer them.

Each row is one refused call. ``who`` looks for ``text`` in the message of
a 400: Cinder's driver, LXD, CloudStack's FlashArrayAdapter or the
Proxmox plug-in jt-pve-storage-purestorage. The objects are made by
tests/test_strings.py.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    who: str
    text: str
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        query = '&'.join(f'{key}={value}' for key, value in self.query.items())
        return f'{self.who}: {self.method} {self.path}?{query}'


_GONE = {'destroyed': True}
_NOWHERE = {'names': 'nowhere'}
_PAIR = {'host_names': 'host', 'volume_names': 'volume'}
_STRANGER = {'host_names': 'host', 'volume_names': 'other'}
_MEMBER = {'group_names': 'group', 'member_names': 'other'}

CINDER = (
    Row(
        'cinder', 'Volume does not exist.', 'PATCH', 'volumes', _NOWHERE,
        _GONE,
    ),
    Row('cinder', 'does not exist', 'DELETE', 'volumes', _NOWHERE),
    Row(
        'cinder', 'does not exist', 'PATCH', 'volumes', _NOWHERE,
        {'name': 'somewhere'},
    ),
    Row(
        'cinder', 'Volume snapshot does not exist.', 'GET',
        'volume-snapshots', {'names': 'volume.none'},
    ),
    Row(
        'cinder', 'does not exist', 'PATCH', 'volume-snapshots',
        {'names': 'volume.none'}, _GONE,
    ),
    Row(
        'cinder', 'Protection group does not exist.', 'GET',
        'protection-groups', {'names': 'fa-one:nowhere'},
    ),
    Row(
        'cinder', 'does not exist', 'PATCH', 'protection-groups', _NOWHERE,
        _GONE,
    ),
    Row(
        'cinder', 'Protection group snapshot does not exist.', 'PATCH',
        'protection-group-snapshots', {'names': 'group.none'}, _GONE,
    ),
    Row('cinder', 'Pod does not exist.', 'GET', 'pods', _NOWHERE),
    Row(
        'cinder', 'Volume group does not exist.', 'PATCH', 'volume-groups',
        _NOWHERE, {'qos': {'iops_limit': 1000}},
    ),
    Row(
        'cinder', 'Connection does not exist.', 'DELETE', 'connections',
        _STRANGER,
    ),
    Row(
        'cinder', 'Host does not exist', 'POST', 'connections',
        {'host_names': 'nobody', 'volume_names': 'volume'},
    ),
    Row(
        'cinder', 'Host does not exist', 'DELETE', 'hosts',
        {'names': 'nobody'},
    ),
    Row(
        'cinder', 'has been destroyed', 'PATCH', 'volume-snapshots',
        {'names': 'volume.gone'}, _GONE,
    ),
    Row(
        'cinder', 'has been destroyed', 'PATCH', 'protection-groups',
        {'names': 'gone-group'}, _GONE,
    ),
    Row(
        'cinder', 'has been destroyed', 'PATCH', 'protection-group-snapshots',
        {'names': 'group.gone'}, _GONE,
    ),
    Row('cinder', 'Connection already exists.', 'POST', 'connections', _PAIR),
    Row('cinder', 'Pod already exists.', 'POST', 'pods', {'names': 'pod'}),
    Row(
        'cinder', 'Protection group already exists.', 'POST',
        'protection-groups', {'names': 'group'},
    ),
    Row(
        'cinder', 'Volume group already exists.', 'POST', 'volume-groups',
        {'names': 'vgroup'},
    ),
    Row('cinder', 'Host already exists.', 'POST', 'hosts', {'names': 'host'}),
    Row(
        'cinder', 'Volume already exists.', 'POST', 'volumes',
        {'names': 'volume'}, {'provisioned': 2**20},
    ),
    Row(
        'cinder', 'could not be found', 'DELETE', 'protection-groups/volumes',
        _MEMBER,
    ),
    Row(
        'cinder', 'already belongs to', 'POST', 'protection-groups/volumes',
        {'group_names': 'group', 'member_names': 'volume'},
    ),
    Row(
        'cinder', 'cannot be deleted due to existing connections', 'DELETE',
        'hosts', {'names': 'host'},
    ),
    Row(
        'cinder', 'already in use', 'POST', 'hosts', {'names': 'thief'},
        {'iqns': ['iqn.2026-01.org.example:host']},
    ),
)  # fmt: skip
LXD = (
    Row('lxd', 'does not exist', 'GET', 'volumes', _NOWHERE),
    Row(
        'lxd', 'does not exist', 'PATCH', 'volume-snapshots',
        {'names': 'volume.none'}, _GONE,
    ),
    Row('lxd', 'Host already exists.', 'POST', 'hosts', {'names': 'host'}),
    Row('lxd', 'Connection already exists.', 'POST', 'connections', _PAIR),
    Row(
        'lxd', 'Cannot eradicate pod', 'DELETE', 'pods', {'names': 'full-pod'}
    ),
)  # fmt: skip
CLOUDSTACK = (
    Row('cloudstack', 'Volume does not exist', 'GET', 'volumes', _NOWHERE),
    Row(
        'cloudstack', 'Connection already exists', 'POST', 'connections',
        _PAIR,
    ),
    Row(
        'cloudstack', '', 'PATCH', 'volumes', {'names': 'other'},
        {'name': 'renamed', 'destroyed': True},
    ),
)  # fmt: skip
PROXMOX = (
    Row(
        'jt-pve', 'Snapshot already exists for volume', 'POST',
        'volume-snapshots', {'source_names': 'volume'}, {'suffix': 'gone'},
    ),
)  # fmt: skip
ROWS = (*CINDER, *LXD, *CLOUDSTACK, *PROXMOX)

# These answers must not have the words: clients take them for a live object.
PENDING = (
    ('protection-groups', 'gone-group'),
    ('pods', 'gone-pod'),
    ('volume-groups', 'gone-vgroup'),
    ('volumes', 'gone'),
)
