# SPDX-License-Identifier: Apache-2.0
"""/remote-pods: the pods of connected arrays, asked for anew each time."""

from flasharray_simulator import errors, listing
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.replication import asking, pod_list

LABEL = 'Remote pod'


def get(call: Call) -> Answer:
    array = call.array
    wanted = call.query.many('on')
    with array.lock:
        chosen = errors.for_each(
            wanted,
            lambda name: any_state(
                'Array connection', array.array_connections, name
            ),
        )
        connected = chosen or [
            connection
            for connection in array.array_connections.ordered()
            if array.is_reachable(connection.name)
        ]
    items = [
        item
        for connection in connected
        for item in _pods_of(array, connection.name)
    ]
    return listing.plain(call, items, LABEL)


def _pods_of(array: FlashArray, name: str) -> list[Item]:
    answer = asking.ask(array, name, pod_list.VERB, {})
    return list(answer['pods'])


ROUTES = (Route('GET', 'remote-pods', get, ('on',), locked=False),)
