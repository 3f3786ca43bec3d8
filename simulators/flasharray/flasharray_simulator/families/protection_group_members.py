# SPDX-License-Identifier: Apache-2.0
"""/protection-groups/{volumes,hosts,host-groups} and the reverse view."""

from typing import Any

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray, any_state, live
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.collections import Collection
from flasharray_simulator.domain import group_members, protection
from flasharray_simulator.families import rendering, sides
from flasharray_simulator.listing import Listing

_LABELS = {
    'volumes': 'Volume',
    'hosts': 'Host',
    'host-groups': 'Host group',
}


class MemberFamily:
    """The membership calls of one kind of member.

    ``group_names`` and ``member_names`` mean the same on both paths.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._label = _LABELS[kind]
        states = ('member_destroyed',) if kind == 'volumes' else ()
        remote = ('include_remote',) if kind == 'volumes' else ()
        group_first = f'protection-groups/{kind}'
        member_first = f'{kind}/protection-groups'
        self.routes = (
            Route(
                'GET',
                group_first,
                self.get,
                (*sides.PARAMETERS, *states, *remote),
            ),
            Route('GET', member_first, self.get, (*sides.PARAMETERS, *states)),
            *(
                route
                for path in (group_first, member_first)
                for route in (
                    Route('POST', path, self.post, sides.PARAMETERS),
                    Route('DELETE', path, self.delete, sides.PARAMETERS),
                )
            ),
        )

    def _members(self, array: FlashArray) -> Collection[Any]:
        return {
            'volumes': array.volumes,
            'hosts': array.hosts,
            'host-groups': array.host_groups,
        }[self._kind]  # type: ignore[return-value]

    def get(self, call: Call) -> Answer:
        array = call.array
        return Listing(
            label='Protection group member',
            collection=array.group_members,
            render=lambda member: self._render(array, member),
            visible=lambda member: self._visible(call, member),
        ).answer(call, self._candidates(call))

    def _visible(self, call: Call, member: model.GroupMember) -> bool:
        if member.kind != self._kind:
            return False
        stored = self._members(call.array)[member.member_id]
        wanted = call.query.boolean('member_destroyed')
        return self._is_destroyed(stored) == bool(wanted)

    @staticmethod
    def _is_destroyed(stored: Any) -> bool:
        return getattr(stored, 'destroyed', None) is not None

    def _member(self, call: Call, name: str) -> Any:
        stored = any_state(self._label, self._members(call.array), name)
        wanted = call.query.boolean('member_destroyed')
        if wanted not in (None, self._is_destroyed(stored)):
            raise errors.does_not_exist(self._label, name)
        return stored

    def _candidates(self, call: Call) -> list[model.GroupMember] | None:
        array = call.array
        groups = errors.for_each(
            call.query.many('group_names'),
            lambda name: protection.find(array, name),
        )
        members = errors.for_each(
            call.query.many('member_names'),
            lambda name: self._member(call, name),
        )
        group_ids = {group.id for group in groups}
        if members:
            return [
                member
                for stored in members
                for member in array.group_members.by('member', stored.id)
                if not group_ids or member.group_id in group_ids
            ]
        if not groups:
            return None
        return [
            member
            for group in groups
            for member in array.group_members.by('group', group.id)
        ]

    def post(self, call: Call) -> Answer:
        array = call.array
        call.fields()
        made = errors.for_each(
            sides.pairs(call), lambda pair: self._add(array, *pair)
        )
        return Answer([self._render(array, member) for member in made])

    def _add(
        self, array: FlashArray, group_name: str, name: str
    ) -> model.GroupMember:
        group = protection.find_own(array, group_name)
        stored = live(self._label, self._members(array), name)
        if self._kind == 'volumes':
            return group_members.add_volume(array, group, stored)
        return group_members.add_member(
            array, group, stored.id, self._kind, self._label, name
        )

    def delete(self, call: Call) -> Answer:
        array = call.array

        def remove(pair: tuple[str, str]) -> None:
            group = protection.find_own(array, pair[0])
            stored = any_state(self._label, self._members(array), pair[1])
            group_members.remove_member(
                array, group, stored.id, self._label, pair[1]
            )

        errors.for_each(sides.pairs(call), remove)
        return Answer()

    def _render(self, array: FlashArray, member: model.GroupMember) -> Item:
        stored = self._members(array)[member.member_id]
        side: Item = {'name': stored.name}
        if self._kind == 'volumes':
            side['id'] = stored.id
            side['destroyed'] = stored.destroyed is not None
        return {
            'group': rendering.reference(
                array.protection_groups[member.group_id]
            ),
            'member': side,
        }


ROUTES = tuple(
    route for kind in _LABELS for route in MemberFamily(kind).routes
)
