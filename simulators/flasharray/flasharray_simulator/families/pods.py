# SPDX-License-Identifier: Apache-2.0
"""/pods, /container-default-protections, /pod-replica-links: reading."""

from flasharray_simulator import errors, listing
from flasharray_simulator.array import any_state
from flasharray_simulator.call import Answer, Call, Route

LABEL = 'Pod'


def get(call: Call) -> Answer:
    """List the pods; there is none, so that any name is refused."""
    return listing.plain(call, [], LABEL)


def members(call: Call) -> Answer:
    for parameter in ('group_names', 'pod_names'):
        errors.for_each(
            call.query.many(parameter),
            lambda name: any_state(LABEL, call.array.pods, name),
        )
    return listing.plain(call, [], LABEL)


def default_protections(call: Call) -> Answer:
    array = call.array
    item = {
        **array.reference(),
        'default_protections': [],
        'type': 'array',
    }
    if call.query.many('names'):
        errors.for_each(
            [n for n in call.query.many('names') if n != array.name],
            lambda name: any_state(LABEL, array.pods, name),
        )
    return listing.plain(call, [item], LABEL)


def links(call: Call) -> Answer:
    errors.for_each(
        call.query.many('local_pod_names'),
        lambda name: any_state(LABEL, call.array.pods, name),
    )
    return listing.plain(call, [], 'Pod replica link')


_LINK = ('local_pod_names', 'remote_names', 'remote_pod_names')
_TIMES = ('start_time', 'end_time', 'resolution')

ROUTES = (
    Route('GET', 'pods', get, ('destroyed',)),
    Route('GET', 'pods/arrays', members, ('group_names', 'member_names')),
    Route(
        'GET',
        'pods/members',
        members,
        ('pod_names', 'member_names'),
        since='2.36',
    ),
    Route('GET', 'pods/performance', get, ('destroyed', *_TIMES)),
    Route('GET', 'pods/space', get, ('destroyed', *_TIMES)),
    Route('GET', 'pod-replica-links', links, _LINK, since='2.2'),
    Route(
        'GET', 'pod-replica-links/lag', links, (*_LINK, *_TIMES), since='2.2'
    ),
    Route(
        'GET',
        'container-default-protections',
        default_protections,
        since='2.16',
    ),
)
