# SPDX-License-Identifier: Apache-2.0
"""/controllers, /hardware and /subscriptions."""

from dataclasses import replace

from flasharray_simulator import errors, listing
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import network

MODEL = 'FA-X20R4'
_BAYS = 10
_CACHE_BAYS = 2
_FANS = 4
_SENSORS = 3
_SUPPLIES = 2
_CELSIUS = 35
_MILLIVOLTS = 230_000


def controllers(call: Call) -> Answer:
    array = call.array
    down = array.environment.controllers_down
    up = [name for name in network.CONTROLLERS if name not in down]
    items = [
        {
            'name': name,
            'type': 'array_controller',
            'status': 'not ready' if name in down else 'ready',
            'mode': 'primary' if up[:1] == [name] else 'secondary',
            'model': MODEL,
            'version': array.purity,
            'mode_since': array.settings.created,
        }
        for name in network.CONTROLLERS
    ]
    return listing.plain(call, items, 'Controller')


def hardware(call: Call) -> Answer:
    return listing.plain(call, _pieces(call.array), 'Hardware component')


def patch_hardware(call: Call) -> Answer:
    array = call.array
    body = call.fields('name', 'identify_enabled', 'index')
    lit = set(array.settings.identified)
    known = {piece['name']: piece for piece in _pieces(array)}
    upper = [name.upper() for name in call.query.required('names')]
    for name in upper:
        if name not in known:
            raise errors.does_not_exist('Hardware component', name)
        if known[name]['identify_enabled'] is None:
            raise errors.refused(
                'Hardware component has no identification light.', name
            )
        if body.get('identify_enabled'):
            lit.add(name)
        elif 'identify_enabled' in body:
            lit.discard(name)
    array.array_settings.put(
        replace(array.settings, identified=tuple(sorted(lit)))
    )
    return Answer([p for p in _pieces(array) if p['name'] in upper])


def _pieces(array: FlashArray) -> list[Item]:
    serial = array.settings.array_id.replace('-', '')[:12].upper()
    found = [_piece('CH0', 'chassis', 0, serial=serial, lights=True)]
    found += [
        _piece(
            f'CH0.BAY{n}', 'drive_bay', n, serial=f'{serial}{n}', lights=True
        )
        for n in range(_BAYS)
    ]
    found += [
        _piece(f'CH0.NVB{n}', 'nvram_bay', n, lights=True)
        for n in range(_CACHE_BAYS)
    ]
    found += [
        _piece(f'CH0.PWR{n}', 'power_supply', n, voltage=_MILLIVOLTS)
        for n in range(_SUPPLIES)
    ]
    for number, name in enumerate(network.CONTROLLERS):
        found += _controller(array, number, name, serial)
    lit = array.settings.identified
    for piece in found:
        if piece['name'] in lit:
            piece['identify_enabled'] = True
    return sorted(found, key=lambda piece: str(piece['name']))


def _controller(
    array: FlashArray, number: int, name: str, serial: str
) -> list[Item]:
    down = name in array.environment.controllers_down
    status = 'not_installed' if down else 'ok'
    found = [
        _piece(
            name,
            'controller',
            number,
            serial=f'{serial}{"AB"[number]}',
            status=status,
            lights=True,
        )
    ]
    found += [
        _piece(f'{name}.FAN{n}', 'cooling', n, status=status)
        for n in range(_FANS)
    ]
    found += [
        _piece(
            f'{name}.TMP{n}',
            'temp_sensor',
            n,
            status=status,
            temperature=_CELSIUS + n,
        )
        for n in range(_SENSORS)
    ]
    found += [
        _piece(
            interface.name.upper(),
            f'{interface.kind}_port',
            int(interface.name.lower().rpartition(interface.kind)[2]),
            status=status,
            speed=interface.speed,
        )
        for interface in array.network_interfaces.ordered()
        if interface.origin and network.controller_of(interface.name) == name
    ]
    return found


def _piece(
    name: str,
    kind: str,
    index: int,
    *,
    serial: str | None = None,
    status: str = 'ok',
    speed: int | None = None,
    temperature: int | None = None,
    voltage: int | None = None,
    lights: bool = False,
) -> Item:
    return {
        'name': name,
        'details': None,
        'identify_enabled': False if lights else None,
        'index': index,
        'model': MODEL if kind in ('chassis', 'controller') else None,
        'serial': serial,
        'slot': None,
        'speed': speed,
        'status': status,
        'temperature': temperature,
        'type': kind,
        'voltage': voltage,
    }


def subscriptions(call: Call) -> Answer:
    item = {'id': call.array.settings.array_id, 'service': 'FlashArray'}
    return listing.plain(call, [item], 'Subscription')


ROUTES = (
    Route('GET', 'controllers', controllers),
    Route('GET', 'hardware', hardware),
    Route('PATCH', 'hardware', patch_hardware),
    Route('GET', 'subscriptions', subscriptions),
)
