# SPDX-License-Identifier: Apache-2.0
"""/drives: the modules that hold the array's capacity."""

from flasharray_simulator import errors, listing
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route

_FLASH = 10
_CACHE = 2
_CACHE_SIZE = 8_589_934_592


def _drives(array: FlashArray) -> list[Item]:
    each = array.settings.capacity // _FLASH
    found = [
        _drive(f'CH0.BAY{number}', 'SSD', each) for number in range(_FLASH)
    ]
    found += [
        _drive(f'CH0.NVB{number}', 'NVRAM', _CACHE_SIZE)
        for number in range(_CACHE)
    ]
    return found


def _drive(name: str, kind: str, capacity: int) -> Item:
    return {
        'name': name,
        'capacity': capacity,
        'capacity_installed': capacity,
        'details': None,
        'protocol': 'NVMe',
        'status': 'healthy',
        'type': kind,
    }


def get(call: Call) -> Answer:
    return listing.plain(call, _drives(call.array), 'Drive')


def patch(call: Call) -> Answer:
    """Admit drives: all are admitted already."""
    if not call.query.boolean('admit'):
        raise errors.missing_parameter('admit')
    return Answer(_drives(call.array))


ROUTES = (
    Route('GET', 'drives', get),
    Route('PATCH', 'drives', patch, ('admit',)),
)
