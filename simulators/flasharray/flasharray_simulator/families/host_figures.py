# SPDX-License-Identifier: Apache-2.0
"""Space and performance of hosts and host groups."""

from flasharray_simulator import listing, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import network, traffic
from flasharray_simulator.families import (
    host_groups,
    hosts,
    performance,
    ports,
)


def host_space(call: Call) -> Answer:
    array = call.array
    now = array.now()
    return hosts.listing(
        array,
        lambda host: {
            'name': host.name,
            'space': hosts.space_of(array, host),
            'time': now,
        },
    ).answer(call)


def group_space(call: Call) -> Answer:
    array = call.array
    now = array.now()
    return host_groups.listing(
        array,
        lambda group: {
            'name': group.name,
            'space': host_groups.space_of(array, group),
            'time': now,
        },
    ).answer(call)


def host_load(call: Call) -> Answer:
    found = hosts.listing(call.array, lambda host: {})
    return performance.answer(
        call, found, lambda host: traffic.host_key(host.id), with_id=False
    )


def group_load(call: Call) -> Answer:
    found = host_groups.listing(call.array, lambda group: {})
    return performance.answer(
        call,
        found,
        lambda group: traffic.host_group_key(group.id),
        with_id=False,
    )


def host_load_by_array(call: Call) -> Answer:
    return performance.by_array(call, host_load(call))


def group_load_by_array(call: Call) -> Answer:
    return performance.by_array(call, group_load(call))


def balance(call: Call) -> Answer:
    """List each path of each host with its operations."""
    array = call.array
    offered = array.ports()
    rows = [
        row
        for host in hosts.listing(array, lambda host: {}).chosen(
            performance.without(call, 'continuation_token')
        )
        for row in _paths(array, host, offered)
    ]
    return listing.plain(performance.without(call, 'names'), rows)


def _paths(
    array: FlashArray, host: model.Host, offered: list[network.Port]
) -> list[Item]:
    now = array.now()
    counts: list[tuple[Item, Item, int]] = []
    for kind, name, port in ports.paths_of(array, host, offered):
        done = performance.load(
            array,
            traffic.path_key(host.id, name, port.name),
            now,
            performance.RESOLUTION,
        )
        counts.append(
            (
                ports.initiator(kind, name),
                ports.render(port),
                done.reads + done.writes,
            )
        )
    most = max((count for _, _, count in counts), default=0)
    if not counts:
        return [_row(host, now, ports.initiator('iqns', None), None)]
    return [
        {
            **_row(host, now, initiator, target),
            'op_count': count,
            'fraction_relative_to_max': count / most if most else 0.0,
        }
        for initiator, target, count in counts
    ]


def _row(
    host: model.Host, now: int, initiator: Item, target: Item | None
) -> Item:
    return {
        'name': host.name,
        'fraction_relative_to_max': None,
        'initiator': initiator,
        'op_count': None,
        'target': target or ports.no_target(),
        'time': now,
    }


ROUTES = (
    Route('GET', 'hosts/space', host_space),
    Route('GET', 'host-groups/space', group_space),
    Route('GET', 'hosts/performance', host_load, performance.TIMES),
    Route('GET', 'host-groups/performance', group_load, performance.TIMES),
    Route(
        'GET',
        'hosts/performance/by-array',
        host_load_by_array,
        performance.TIMES,
    ),
    Route(
        'GET',
        'host-groups/performance/by-array',
        group_load_by_array,
        performance.TIMES,
    ),
    Route('GET', 'hosts/performance/balance', balance),
)
