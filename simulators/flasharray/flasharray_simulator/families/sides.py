# SPDX-License-Identifier: Apache-2.0
"""The two sides of memberships: ``group_names`` and ``member_names``."""

from collections.abc import Callable, Collection
from typing import TypeVar

from flasharray_simulator import errors, model
from flasharray_simulator.call import Call

PARAMETERS = ('group_names', 'member_names')

Group = TypeVar('Group', bound=model.HostGroup | model.VolumeGroup)
Member = TypeVar('Member')


def pairs(call: Call) -> list[tuple[str, str]]:
    """Return each group with each member; raise ApiError if one lacks."""
    return [
        (group, member)
        for group in call.query.required('group_names')
        for member in call.query.required('member_names')
    ]


def chosen(
    call: Call,
    find_group: Callable[[str], Group],
    find_member: Callable[[str], Member],
    group_of: Callable[[Member], str | None],
    members_of: Callable[[str], Collection[Member]],
) -> list[Member] | None:
    """Return the members that both sides select; None if neither does."""
    groups = errors.for_each(call.query.many('group_names'), find_group)
    members = errors.for_each(call.query.many('member_names'), find_member)
    ids = {group.id for group in groups}
    if members:
        return [one for one in members if not ids or group_of(one) in ids]
    if groups:
        return [one for group in ids for one in members_of(group)]
    return None
