# SPDX-License-Identifier: Apache-2.0
"""The /qos lists: the limits of volumes, groups and hosts, at present."""

from collections.abc import Callable
from typing import Any

from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Handler, Item, Route
from flasharray_simulator.collections import Collection
from flasharray_simulator.families import performance
from flasharray_simulator.listing import Listing

Choose = Callable[[FlashArray], Collection[Any]]


def _lister(label: str, choose: Choose) -> Handler:
    def get(call: Call) -> Answer:
        now = call.array.now()
        return Listing(
            label=label,
            collection=choose(call.array),
            render=lambda stored: _render(stored, now),
            destroyed=_is_destroyed,
        ).answer(call)

    return get


def _render(stored: Any, now: int) -> Item:
    return {
        'id': stored.id,
        'name': stored.name,
        'bandwidth_limit': stored.qos.bandwidth_limit,
        'iops_limit': stored.qos.iops_limit,
        'time': now,
    }


def _is_destroyed(stored: Any) -> bool:
    return getattr(stored, 'destroyed', None) is not None


_KINDS: tuple[tuple[str, str, Choose], ...] = (
    ('volumes', 'Volume', lambda array: array.volumes),
    (
        'volume-groups',
        'Volume group',
        lambda array: array.volume_groups,
    ),
    ('hosts', 'Host', lambda array: array.hosts),
    ('host-groups', 'Host group', lambda array: array.host_groups),
)

ROUTES = tuple(
    Route(
        'GET',
        f'{kind}/qos',
        _lister(label, choose),
        ('destroyed', *performance.TIMES),
    )
    for kind, label, choose in _KINDS
)
