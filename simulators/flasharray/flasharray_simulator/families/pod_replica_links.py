# SPDX-License-Identifier: Apache-2.0
"""/pod-replica-links."""

from flasharray_simulator import errors, listing
from flasharray_simulator.call import Answer, Call, Route
from flasharray_simulator.domain import pods


def links(call: Call) -> Answer:
    errors.for_each(
        call.query.many('local_pod_names'),
        lambda name: pods.find(call.array, name),
    )
    return listing.plain(call, [], 'Pod replica link')


_LINK = ('local_pod_names', 'remote_names', 'remote_pod_names')
_TIMES = ('start_time', 'end_time', 'resolution')

ROUTES = (
    Route('GET', 'pod-replica-links', links, _LINK, since='2.2'),
    Route(
        'GET', 'pod-replica-links/lag', links, (*_LINK, *_TIMES), since='2.2'
    ),
)
