# SPDX-License-Identifier: Apache-2.0
"""/fleets with members and key, /realms, /remote-arrays."""

import json
import secrets
from dataclasses import replace

from flasharray_simulator import errors, listing, model, names
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.families import performance, rendering
from flasharray_simulator.families.records import (
    Family,
    Field,
    no_reference,
    number,
    structure,
    structures,
    text,
)
from flasharray_simulator.replication import fleets, peers, wire

LABEL = 'Fleet'
_HOUR = 3_600_000
_LIMITS: Item = {
    'bandwidth_floor': None,
    'bandwidth_limit': None,
    'iops_floor': None,
    'iops_limit': None,
}


def _render(fleet: model.Record) -> Item:
    return {'id': fleet.id, 'name': fleet.name, 'is_local': True}


def get(call: Call) -> Answer:
    return listing.Listing(
        label=LABEL, collection=fleets.collection(call.array), render=_render
    ).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    (name, *more) = call.query.required('names')
    if more or not names.well_formed(name):
        raise errors.refused('Invalid fleet name.', name)
    if fleets.own(array) is not None:
        raise errors.already_exists(LABEL, name)
    fleet = fleets.create(array, array.new_id(), name)
    return Answer([_render(fleet)])


def patch(call: Call) -> Answer:
    array = call.array
    (name, *_) = call.query.required('names')
    fleet = any_state(LABEL, fleets.collection(array), name)
    wanted = call.fields('name').get('name')
    if not isinstance(wanted, str) or not names.well_formed(wanted):
        raise errors.refused('Invalid fleet name.', str(wanted))
    fleet = fleets.collection(array).put(replace(fleet, name=wanted))
    return Answer([_render(fleet)])


def delete(call: Call) -> Answer:
    array = call.array
    (name, *_) = call.query.required('names')
    fleet = any_state(LABEL, fleets.collection(array), name)
    if len(fleets.members(fleet)) > 1:
        raise errors.refused('Fleet has other members.', name)
    fleets.collection(array).remove(fleet.id)
    return Answer()


def _render_member(
    array: FlashArray, fleet: model.Record, member: fleets.Member
) -> Item:
    own = member.id == array.settings.array_id
    connected = own or peers.by_id(array, member.id) is not None
    coordinator = fleets.members(fleet)[0].id == member.id
    return {
        'id': member.id,
        'name': member.name,
        'coordinator_of': [
            {'name': fleet.name, 'id': fleet.id, 'resource_type': 'fleets'}
        ]
        if coordinator
        else [],
        'fleet': {
            'name': fleet.name,
            'id': fleet.id,
            'is_local': True,
            'resource_type': 'fleets',
        },
        'member': {
            'name': array.name if own else member.name,
            'id': member.id,
            'is_local': own,
            'resource_type': 'remote-arrays',
        },
        'status': 'connected' if connected else 'unreachable',
        'status_details': None,
    }


def get_members(call: Call) -> Answer:
    array = call.array
    wanted = {name.casefold() for name in call.query.many('member_names')}
    fleet_names = {n.casefold() for n in call.query.many('fleet_names')}
    items = [
        _render_member(array, fleet, member)
        for fleet in fleets.collection(array).ordered()
        if not fleet_names or fleet.name.casefold() in fleet_names
        for member in fleets.members(fleet)
        if not wanted or member.name.casefold() in wanted
    ]
    return listing.plain(call, items, 'Fleet member')


def post_members(call: Call) -> Answer:
    """Let this array join the fleet of a connected one, by its key."""
    array = call.array
    (name, *_) = call.query.required('fleet_names')
    wanted = call.fields('members').get('members') or []
    key = wanted[0].get('key') if wanted else None
    if not key:
        raise errors.missing_parameter('key')
    with array.lock:
        if fleets.own(array) is not None:
            raise errors.already_exists(LABEL, name)
        connections = list(array.array_connections)
    for connection in connections:
        fleet = _join(array, connection, name, str(key))
        if fleet is not None:
            with array.lock:
                members = fleets.members(fleet)
                items = [_render_member(array, fleet, m) for m in members]
            return Answer(items)
    raise errors.refused('No connected array takes this fleet key.', name)


def _join(
    array: FlashArray, connection: model.ArrayConnection, name: str, key: str
) -> model.Record | None:
    header: wire.Header = {
        'source': array.name,
        'id': array.settings.array_id,
        'fleet': name,
        'key': key,
    }
    try:
        answer = wire.Channel(connection.replication_address).send(
            fleets.JOIN, header
        )
    except (wire.LinkDown, wire.Rejected):
        return None
    with array.transaction():
        fleet = fleets.create(array, answer['id'], answer['name'])
        return fleets.put_members(
            array, fleet, [fleets.Member(**one) for one in answer['members']]
        )


def delete_members(call: Call) -> Answer:
    array = call.array
    wanted = {n.casefold() for n in call.query.required('member_names')}
    fleet = fleets.own(array)
    known = fleets.members(fleet) if fleet is not None else []
    found = {member.name.casefold() for member in known}
    for name in sorted(wanted - found):
        raise errors.does_not_exist('Fleet member', name)
    if fleet is not None:
        kept = [m for m in known if m.name.casefold() not in wanted]
        fleets.put_members(array, fleet, kept)
    return Answer()


def get_key(call: Call) -> Answer:
    fleet = fleets.own(call.array)
    key = json.loads(fleet.body).get('key') if fleet is not None else None
    return listing.plain(call, [key] if key else [], 'Fleet key')


def post_key(call: Call) -> Answer:
    array = call.array
    fleet = fleets.own(array)
    if fleet is None:
        raise errors.does_not_exist(LABEL, '')
    key = {
        'created': array.now(),
        'expires': array.now() + _HOUR,
        'fleet_key': secrets.token_hex(16),
    }
    fleets.put_key(array, fleet, key)
    return Answer([key])


def get_remote_arrays(call: Call) -> Answer:
    array = call.array
    fleet = fleets.own(array)
    members = fleets.members(fleet) if fleet is not None else []
    items = [_remote_array(array, fleet, member) for member in members]
    return listing.plain(call, items, 'Remote array')


def _remote_array(
    array: FlashArray, fleet: model.Record | None, member: fleets.Member
) -> Item:
    own = member.id == array.settings.array_id
    connection = None if own else peers.by_id(array, member.id)
    known = connection.peer_version if connection is not None else None
    return {
        'id': member.id,
        'name': array.name if own else member.name,
        'api_versions': array.profile.versions() if own else [],
        'fleet': {**rendering.reference(fleet), 'is_local': True},
        'is_local': own,
        'model': None,
        'os': 'Purity//FA',
        'topology_group': no_reference(),
        'version': array.purity if own else known,
    }


def _realm(array: FlashArray, record: model.Record, item: Item) -> Item:
    return {
        **item,
        'created': record.created,
        'array_count': 1,
        'arrays': [
            {
                **array.reference(),
                'frozen_at': None,
                'mediator_status': 'online',
                'member': {**array.reference(), 'resource_type': 'arrays'},
                'pre_elected': False,
                'progress': None,
                'resource_type': 'arrays',
                'status': 'online',
            }
        ],
        'eradication_config': {'manual_eradication': 'all-enabled'},
        'members': [{**array.reference(), 'resource_type': 'arrays'}],
        'space': rendering.space(0, 0),
    }


REALMS = Family(
    'realms',
    'Realm',
    (
        Field('data_sealing_key', rendering.reference(None), structure),
        Field('data_sealing_keying_material', None, text, secret=True),
        Field('failover_preferences', [], structures),
        Field('mediator', 'purestorage'),
        Field('mediator_version', None, None),
        Field('qos', _LIMITS, structure),
        Field('quota_limit', 0, number),
        Field('requested_isolation_state'),
        Field('data_availability_status', 'available', None),
        Field('isolation_status', None, None),
    ),
    identified=True,
    destroyable=True,
    creating=('with_default_protection',),
    changing=('destroy_contents', 'ignore_usage'),
    deleting=('eradicate_contents',),
    computed=_realm,
)
_TIMES = ('destroyed', *performance.TIMES)


def get_realm_load(call: Call) -> Answer:
    array = call.array
    items = [
        performance.idle(array, realm.name, realm.id)
        for realm in REALMS.collection(array).ordered()
        if realm.destroyed is None
    ]
    return listing.plain(call, items, REALMS.label)


def get_realm_space(call: Call) -> Answer:
    array = call.array
    items = [
        {
            'id': realm.id,
            'name': realm.name,
            'space': rendering.space(0, 0),
            'time': array.now(),
        }
        for realm in REALMS.collection(array).ordered()
    ]
    return listing.plain(call, items, REALMS.label)


_MEMBERS = ('fleet_names', 'member_names')

ROUTES = (
    Route('GET', 'fleets', get),
    Route('POST', 'fleets', post),
    Route('PATCH', 'fleets', patch),
    Route('DELETE', 'fleets', delete),
    Route('GET', 'fleets/members', get_members, _MEMBERS),
    Route(
        'POST',
        'fleets/members',
        post_members,
        ('fleet_names',),
        locked=False,
    ),
    Route(
        'DELETE',
        'fleets/members',
        delete_members,
        ('member_names', 'unreachable'),
    ),
    Route('GET', 'fleets/fleet-key', get_key),
    Route('POST', 'fleets/fleet-key', post_key),
    Route('GET', 'remote-arrays', get_remote_arrays, ('current_fleet_only',)),
    *REALMS.routes(),
    Route('GET', 'realms/performance', get_realm_load, _TIMES),
    Route('GET', 'realms/space', get_realm_space, _TIMES),
)
