# SPDX-License-Identifier: Apache-2.0
"""/pod-replica-links with lag and performance."""

from collections.abc import Callable

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import pod_links, pods
from flasharray_simulator.families import performance, rendering
from flasharray_simulator.listing import Listing
from flasharray_simulator.replication import pod_linking

LABEL = pod_links.LABEL


def render(array: FlashArray, link: model.PodLink) -> Item:
    return {
        **_ends(array, link),
        'lag': pod_links.lag(array, link),
        'paused': link.paused,
        'recovery_point': pod_links.point(array, link),
        'status': pod_links.status(array, link),
    }


def _ends(array: FlashArray, link: model.PodLink) -> Item:
    return {
        'id': link.id,
        'direction': 'outbound' if link.outbound else 'inbound',
        'local_pod': rendering.reference(array.pods[link.pod_id]),
        'local_pod_members': [
            {**array.reference(), 'resource_type': 'arrays'}
        ],
        'remote_pod': {
            'name': link.remote_pod_name,
            'id': link.remote_pod_id,
        },
        'remotes': [
            {
                'name': pod_links.peer_name(array, link),
                'id': link.peer_id,
                'resource_type': 'arrays',
            }
        ],
    }


def _lag(array: FlashArray, link: model.PodLink) -> Item:
    lag = pod_links.lag(array, link)
    return {
        **_ends(array, link),
        'lag': {'avg': lag, 'max': lag},
        'recovery_point': pod_links.point(array, link),
        'status': pod_links.status(array, link),
        'time': array.now(),
    }


def _performance(array: FlashArray, link: model.PodLink) -> Item:
    now = array.now()
    rate = array.traffic.rate(link.id, now)
    return {
        **_ends(array, link),
        'bytes_per_sec_from_remote': 0 if link.outbound else rate,
        'bytes_per_sec_to_remote': rate if link.outbound else 0,
        'bytes_per_sec_total': rate,
        'time': now,
    }


def _lister(
    show: Callable[[FlashArray, model.PodLink], Item],
) -> Callable[[Call], Answer]:
    """Return a handler; that no link matches is no error."""

    def get(call: Call) -> Answer:
        array = call.array
        return Listing(
            label=LABEL,
            collection=array.pod_links,
            render=lambda link: show(array, link),
        ).answer(call, _chosen(call))

    return get


def _chosen(call: Call) -> list[model.PodLink] | None:
    array = call.array
    local = call.query.many('local_pod_names')
    remotes = _folded(call, 'remote_names')
    remote_pods = _folded(call, 'remote_pod_names')
    if not (local or remotes or remote_pods):
        return None
    found = list(array.pod_links)
    if local:
        chosen = errors.for_each(local, lambda name: pods.find(array, name))
        found = [
            link
            for pod in chosen
            for link in array.pod_links.by('pod', pod.id)
        ]
    return [
        link
        for link in found
        if not remotes
        or pod_links.peer_name(array, link).casefold() in remotes
        if not remote_pods or link.remote_pod_name.casefold() in remote_pods
    ]


def _folded(call: Call, name: str) -> list[str]:
    return [value.casefold() for value in call.query.many(name)]


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields('paused')
    local = call.query.required('local_pod_names')
    remote_pods = call.query.required('remote_pod_names')
    remotes = call.query.many('remote_names') or _only_remote(array)
    if len(local) != len(remote_pods) or len(remotes) not in (1, len(local)):
        raise errors.invalid_parameter('remote_pod_names.', local[0])
    made = []
    for position, name in enumerate(local):
        remote = remotes[position if len(remotes) > 1 else 0]
        link = pod_linking.create(array, name, remote, remote_pods[position])
        if body.get('paused') is True:
            pod_linking.pause(array, link, True)
        made.append(link.id)
    return _shown(array, made)


def _only_remote(array: FlashArray) -> list[str]:
    """Return the connected array, if there is only one."""
    with array.lock:
        found = [connection.name for connection in array.array_connections]
    if len(found) != 1:
        raise errors.missing_parameter('remote_names')
    return found


def _shown(array: FlashArray, identifiers: list[str]) -> Answer:
    with array.lock:
        return Answer(
            [render(array, array.pod_links[id_]) for id_ in identifiers]
        )


def _named(call: Call) -> list[model.PodLink]:
    """Return the links that a change is for; there must be some."""
    array = call.array
    with array.lock:
        for name in call.query.required('local_pod_names'):
            any_state(pods.LABEL, array.pods, name)
        call.query.required('remote_pod_names')
        found = _chosen(call) or []
    if not found:
        raise errors.does_not_exist(
            LABEL, ','.join(call.query.many('local_pod_names'))
        )
    return found


def patch(call: Call) -> Answer:
    paused = call.fields('paused').get('paused')
    if not isinstance(paused, bool):
        raise errors.missing_parameter('paused')
    found = _named(call)
    for link in found:
        pod_linking.pause(call.array, link, paused)
    return _shown(call.array, [link.id for link in found])


def delete(call: Call) -> Answer:
    for link in _named(call):
        pod_linking.delete(call.array, link)
    return Answer()


_ENDS = ('local_pod_names', 'remote_names', 'remote_pod_names')

ROUTES = (
    Route('GET', 'pod-replica-links', _lister(render), _ENDS),
    Route('POST', 'pod-replica-links', post, _ENDS, locked=False),
    Route('PATCH', 'pod-replica-links', patch, _ENDS, locked=False),
    Route(
        'DELETE',
        'pod-replica-links',
        delete,
        ('local_pod_names', 'remote_pod_names'),
        locked=False,
    ),
    Route(
        'GET',
        'pod-replica-links/lag',
        _lister(_lag),
        (*_ENDS, *performance.TIMES),
    ),
    Route(
        'GET',
        'pod-replica-links/performance/replication',
        _lister(_performance),
        (*_ENDS, *performance.TIMES),
    ),
)
