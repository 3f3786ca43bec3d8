# SPDX-License-Identifier: Apache-2.0
"""/pods/arrays and /pods/members: the arrays that pods are on."""

from collections.abc import Callable

from flasharray_simulator import errors, listing, model
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import pod_status, pods
from flasharray_simulator.families import pods as pod_family
from flasharray_simulator.families import rendering
from flasharray_simulator.replication import mirror_stretch

Render = Callable[[model.Pod, pod_status.ArrayStatus], Item]


class PodMembers:
    """The same calls with two spellings of the pod's parameter."""

    def __init__(self, path: str, parameter: str) -> None:
        self._pods = parameter
        self._old = parameter == 'group_names'
        sides = (parameter, 'member_names')
        self.routes = (
            Route('GET', path, self.get, sides),
            Route('POST', path, self.post, sides, locked=False),
            Route(
                'DELETE',
                path,
                self.delete,
                (*sides, 'with_unknown'),
                locked=False,
            ),
        )

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

    def _pairs(self, call: Call) -> list[tuple[str, str]]:
        return [
            (pod, member)
            for pod in call.query.required(self._pods)
            for member in call.query.required('member_names')
        ]

    def post(self, call: Call) -> Answer:
        call.fields()
        array = call.array
        pairs = self._pairs(call)
        errors.for_each(
            pairs,
            lambda pair: mirror_stretch.expect_stretchable(array, *pair),
        )
        made = errors.for_each(
            pairs,
            lambda pair: (mirror_stretch.stretch(array, *pair), pair[1]),
        )
        with array.lock:
            return Answer(
                [
                    self._item(pod, status)
                    for pod, member in made
                    for status in pod_status.of(array, pod)
                    if status.name.casefold() == member.casefold()
                ]
            )

    def delete(self, call: Call) -> Answer:
        force = bool(call.query.boolean('with_unknown'))
        errors.for_each(
            self._pairs(call),
            lambda pair: mirror_stretch.unstretch(call.array, *pair, force),
        )
        return Answer()


ROUTES = (
    *PodMembers('pods/arrays', 'group_names').routes,
    *PodMembers('pods/members', 'pod_names').routes,
)
