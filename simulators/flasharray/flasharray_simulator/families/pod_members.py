# SPDX-License-Identifier: Apache-2.0
"""/pods/arrays and /pods/members: the arrays that pods are on."""

from collections.abc import Callable

from flasharray_simulator import errors, listing, model
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import pod_status, pods
from flasharray_simulator.families import pods as pod_family
from flasharray_simulator.families import rendering

Render = Callable[[model.Pod, pod_status.ArrayStatus], Item]


class PodMembers:
    """The same calls with two spellings of the pod's parameter."""

    def __init__(self, path: str, parameter: str, since: str) -> None:
        self._pods = parameter
        self._old = parameter == 'group_names'
        sides = (parameter, 'member_names')
        self.routes = (Route('GET', path, self.get, sides, since=since),)

    def _item(self, pod: model.Pod, status: pod_status.ArrayStatus) -> Item:
        if self._old:
            return {
                'group': rendering.reference(pod),
                'member': {'name': status.name, 'id': status.id},
            }
        return {
            'member': pod_family.member(status),
            'pod': {**rendering.reference(pod), 'resource_type': 'pods'},
        }

    def get(self, call: Call) -> Answer:
        array = call.array
        members = [m.casefold() for m in call.query.many('member_names')]
        wanted = call.query.many(self._pods)
        chosen = errors.for_each(wanted, lambda n: pods.find(array, n))
        found = chosen if wanted else list(array.pods.ordered())
        items = [
            self._item(pod, status)
            for pod in found
            for status in pod_status.of(array, pod)
            if not members or status.name.casefold() in members
        ]
        return listing.plain(call, items, pods.LABEL)


ROUTES = (
    *PodMembers('pods/arrays', 'group_names', '2.1').routes,
    *PodMembers('pods/members', 'pod_names', '2.36').routes,
)
