# SPDX-License-Identifier: Apache-2.0
"""The fleet of an array, and how another array joins it."""

import hmac
import json
from dataclasses import asdict, dataclass, replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item
from flasharray_simulator.collections import Collection
from flasharray_simulator.replication.wire import Header, Rejected, Verb

JOIN = 'join-fleet'
_FAMILY = 'fleets'


@dataclass(frozen=True)
class Member:
    id: str
    name: str


def collection(array: FlashArray) -> Collection[model.Record]:
    return array.records_of(_FAMILY)


def own(array: FlashArray) -> model.Record | None:
    """Return the fleet that the array is in, if it is in one."""
    return next(iter(collection(array)), None)


def create(array: FlashArray, identifier: str, name: str) -> model.Record:
    """Make a fleet whose only member is this array."""
    fleet = model.Record(id=identifier, name=name, created=array.now())
    member = Member(array.settings.array_id, array.name)
    return put_members(array, fleet, [member])


def members(fleet: model.Record) -> list[Member]:
    return [Member(**one) for one in json.loads(fleet.body)['members']]


def put_members(
    array: FlashArray, fleet: model.Record, wanted: list[Member]
) -> model.Record:
    return _put(array, fleet, 'members', [asdict(one) for one in wanted])


def put_key(array: FlashArray, fleet: model.Record, key: Item) -> model.Record:
    return _put(array, fleet, 'key', key)


def _put(
    array: FlashArray, fleet: model.Record, name: str, value: object
) -> model.Record:
    body = {**json.loads(fleet.body), name: value}
    return collection(array).put(replace(fleet, body=json.dumps(body)))


def verbs(array: FlashArray) -> dict[str, Verb]:
    return {JOIN: lambda header, _: _take(array, header)}


def _take(array: FlashArray, header: Header) -> Header:
    fleet = own(array)
    if fleet is None or fleet.name.casefold() != header['fleet'].casefold():
        raise Rejected('This array is not in that fleet.')
    key = json.loads(fleet.body).get('key') or {}
    good = hmac.compare_digest(str(key.get('fleet_key')), header['key'])
    if not good or array.now() >= key['expires']:
        raise Rejected('Invalid fleet key.')
    others = [m for m in members(fleet) if m.id != header['id']]
    joined = [*others, Member(header['id'], header['source'])]
    put_members(array, fleet, joined)
    return {
        'id': fleet.id,
        'name': fleet.name,
        'members': [asdict(member) for member in joined],
    }
