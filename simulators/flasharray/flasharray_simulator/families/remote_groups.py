# SPDX-License-Identifier: Apache-2.0
"""/remote-protection-groups and the snapshots of connected arrays.

What is in offload targets is in ``offloads``; here ``on`` names arrays.
"""

from dataclasses import asdict

from flasharray_simulator import errors
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.families.protection_group_snapshots import wish_of
from flasharray_simulator.listing import plain
from flasharray_simulator.replication import asking

_GROUP = 'Remote protection group'
_SNAPSHOT = 'Remote protection group snapshot'


def is_for_arrays(call: Call) -> bool:
    """Return whether a call is for what connected arrays have."""
    array = call.array
    wanted = call.query.many('on')
    with array.lock:
        return bool(wanted) and all(
            array.array_connections.find(name) is not None for name in wanted
        )


def _see(call: Call, verb: str, label: str) -> Answer:
    """List what the arrays in ``on`` answer."""
    items: list[Item] = []
    for name in call.query.many('on'):
        items += asking.ask(call.array, name, verb, {})['items']
    destroyed = call.query.boolean('destroyed')
    sources = {name.casefold() for name in call.query.many('source_names')}
    kept = [
        item
        for item in items
        if (destroyed is None or item['destroyed'] == destroyed)
        and (not sources or item['source']['name'].casefold() in sources)
    ]
    return plain(call, kept, label)


def get_groups(call: Call) -> Answer:
    """List the groups of connected arrays; without ``on`` there is none."""
    if call.query.many('on') and not is_for_arrays(call):
        return plain(call, [], _GROUP)
    return _see(call, 'see-groups', _GROUP)


def get_snapshots(call: Call) -> Answer:
    return _see(call, 'see-snapshots', _SNAPSHOT)


def get_transfers(call: Call) -> Answer:
    return _see(call, 'see-transfers', _SNAPSHOT)


def post_snapshots(call: Call) -> Answer:
    """Let one connected array take snapshots of its own groups."""
    wanted = call.query.many('on')
    if len(wanted) != 1:
        raise errors.invalid_parameter('on must name one array.')
    header = {
        'groups': call.query.required('source_names'),
        'wish': asdict(wish_of(call)),
    }
    answer = asking.ask(call.array, wanted[0], 'take-snapshots', header)
    return Answer(answer['items'])


ROUTES = (
    Route(
        'GET',
        'remote-protection-groups',
        get_groups,
        ('on', 'destroyed'),
        locked=False,
    ),
)
