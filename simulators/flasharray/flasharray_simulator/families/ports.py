# SPDX-License-Identifier: Apache-2.0
"""/ports and who is logged in to them."""

from collections.abc import Iterable

from flasharray_simulator import listing, model, names, switches
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import hosts, network
from flasharray_simulator.families import performance

LABEL = 'Port'


def render(port: network.Port) -> Item:
    return {
        'name': port.name,
        'iqn': port.iqn,
        'portal': port.portal,
        'nqn': port.nqn,
        'wwn': port.wwn,
        'failover': None,
    }


def initiator(kind: str, name: str | None) -> Item:
    """Return an initiator as the array shows it; all null for None."""
    item: Item = {'iqn': None, 'nqn': None, 'portal': None, 'wwn': None}
    if name is not None:
        item[kind.removesuffix('s')] = (
            _with_colons(name) if kind == 'wwns' else name
        )
    return item


def _with_colons(wwn: str) -> str:
    return ':'.join(wwn[at : at + 2] for at in range(0, len(wwn), 2))


def no_target() -> Item:
    return dict.fromkeys(
        ('name', 'iqn', 'portal', 'nqn', 'wwn', 'failover'), None
    )


def paths_of(
    array: FlashArray, host: model.Host, offered: list[network.Port]
) -> Iterable[tuple[str, str, network.Port]]:
    """Yield kind, initiator and port of each path of a host."""
    if not host.is_local:
        return
    kind, found = hosts.initiators_of(host)
    for name in found:
        for port in network.visible(array.seen_by(name), offered, kind):
            yield kind, name, port


def get(call: Call) -> Answer:
    array = call.array
    items = [render(port) for port in array.ports()]
    wanted = call.query.many('names')
    if wanted and switches.UNKNOWN_PORT_NAME.of(array) == 'empty':
        items = [item for item in items if _named(wanted, item['name'])]
        call = performance.without(call, 'names')
    return listing.plain(call, items, LABEL)


def _named(wanted: list[str], name: str) -> bool:
    return any(names.matches(pattern, name) for pattern in wanted)


def get_initiators(call: Call) -> Answer:
    array = call.array
    offered = array.ports()
    wanted = call.query.many('names')
    items = [
        {
            'encryption': {'enabled': False, 'mode': ''},
            'initiator': initiator(kind, name),
            'target': render(port),
        }
        for host in array.hosts.ordered()
        for kind, name, port in paths_of(array, host, offered)
        if not wanted or _named(wanted, port.name)
    ]
    return listing.plain(performance.without(call, 'names'), items, LABEL)


ROUTES = (
    Route('GET', 'ports', get),
    Route('GET', 'ports/initiators', get_initiators),
)
