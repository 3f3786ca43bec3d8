# SPDX-License-Identifier: Apache-2.0
"""File systems, directories and policies, as far as clients look at them."""

from flasharray_simulator import listing, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.families import performance, rendering
from flasharray_simulator.families.records import (
    Family,
    Field,
    empty,
    flag,
    no_reference,
    structure,
    text,
)

_POD = Field('pod', no_reference(), structure)
_WORKLOAD = Field(
    'workload', {**no_reference(), 'configuration': None}, structure
)
_REALMS = Field('realms', [], None)
_ENABLED = Field('enabled', True, flag)
_MAPPING = Field(
    'policy_mapping',
    {'mapping': None, 'remote_policy': None},
    structure,
)


def _dated(array: FlashArray, record: model.Record, item: Item) -> Item:
    return {
        **item,
        'created': record.created,
        'eradication_config': {'manual_eradication': 'all-enabled'},
    }


def _policy(kind: str, *fields: Field) -> Family:
    return Family(
        f'policies/{kind}',
        'Policy',
        (
            _ENABLED,
            _POD,
            Field('policy_type', kind, None),
            _REALMS,
            _WORKLOAD,
            *fields,
        ),
        identified=True,
        destroyable=True,
        creating=('source_names',),
    )


FILE_SYSTEMS = Family(
    'file-systems',
    'File system',
    (_POD, _REALMS, _WORKLOAD),
    identified=True,
    destroyable=True,
    computed=_dated,
)
POLICIES = (
    _policy('autodir'),
    _policy(
        'nfs',
        Field('nfs_version', ['nfsv3'], lambda value: True),
        _MAPPING,
        Field('security', [], lambda value: True),
        Field('user_mapping_enabled', True, flag),
    ),
    _policy('quota'),
    _policy(
        'smb',
        Field('access_based_enumeration_enabled', False, flag),
        Field('continuous_availability_enabled', True, flag),
        _MAPPING,
    ),
    _policy(
        'snapshot',
        Field('eradication_config', {'manual_eradication': 'all-enabled'}),
        Field('retention_lock', 'unlocked', text),
    ),
)
_RULES = ('policy_names', 'destroyed')
_MEMBERS = ('destroyed', 'member_names', 'policy_names')
_EMPTY = (
    empty('policies/nfs/client-rules', 'Rule', *_RULES),
    empty('policies/quota/rules', 'Rule', *_RULES),
    empty('policies/smb/client-rules', 'Rule', *_RULES),
    empty('policies/snapshot/rules', 'Rule', *_RULES),
    empty('policies/members', 'Member', 'member_types', *_MEMBERS),
    empty('directories/policies', 'Policy', *_MEMBERS),
    empty(
        'directories/performance',
        'Directory',
        'destroyed',
        *performance.TIMES,
        *('protocol', 'protocol_group'),
    ),
    empty(
        'directory-exports',
        'Directory export',
        *('destroyed', 'directory_names', 'export_names', 'policy_names'),
        'workload_names',
    ),
    empty(
        'directory-snapshots',
        'Directory snapshot',
        *('destroyed', 'source_names'),
    ),
)


def get_policies(call: Call) -> Answer:
    """List the policies of all kinds."""
    array = call.array
    destroyed = call.query.boolean('destroyed')
    items = [
        {**_common(family.render(array, record))}
        for family in POLICIES
        for record in family.collection(array).ordered()
        if destroyed in (None, record.destroyed is not None)
    ]
    items.sort(key=lambda item: str(item['name']).casefold())
    return listing.plain(call, items, 'Policy')


def _common(item: Item) -> Item:
    kept = (
        'destroyed',
        'enabled',
        'id',
        'name',
        'pod',
        'policy_type',
        'realms',
        'time_remaining',
    )
    return {name: item[name] for name in kept}


def get_directories(call: Call) -> Answer:
    """List the root directory of each file system."""
    array = call.array
    wanted = [name.casefold() for name in call.query.many('file_system_names')]
    destroyed = call.query.boolean('destroyed')
    items = [
        _root(array, record)
        for record in FILE_SYSTEMS.collection(array).ordered()
        if (not wanted or record.name.casefold() in wanted)
        and destroyed in (None, record.destroyed is not None)
    ]
    return listing.plain(call, items, 'Directory')


def _root(array: FlashArray, system: model.Record) -> Item:
    return {
        'id': f'{system.id[:-4]}0000',
        'name': f'{system.name}:root',
        'created': system.created,
        'destroyed': system.destroyed is not None,
        'directory_name': 'root',
        'file_system': rendering.reference(system),
        'limited_by': {'member': no_reference(), 'policy': no_reference()},
        'path': '/',
        'realms': [],
        'space': rendering.space(0, 0),
        'time_remaining': array.time_remaining(system.destroyed),
        'workload': {**no_reference(), 'configuration': None},
    }


ROUTES = (
    *(route for family in POLICIES for route in family.routes()),
    *(route for family in _EMPTY for route in family.routes()),
    *FILE_SYSTEMS.routes(),
    Route(
        'GET',
        'directories',
        get_directories,
        ('destroyed', 'file_system_names', 'workload_names'),
    ),
    Route('GET', 'policies', get_policies, ('destroyed',)),
)
