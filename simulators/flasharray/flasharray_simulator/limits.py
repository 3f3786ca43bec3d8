# SPDX-License-Identifier: Apache-2.0
"""How many objects of each kind an array may have.

Real arrays have limits that differ by model and release; here there is
none until the door sets one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flasharray_simulator import model

if TYPE_CHECKING:
    from flasharray_simulator.array import FlashArray

# The name of a kind at the door, and that of its collection.
KINDS: Mapping[str, str] = {
    'volumes': 'volumes',
    'volume-snapshots': 'volume_snapshots',
    'volume-groups': 'volume_groups',
    'hosts': 'hosts',
    'host-groups': 'host_groups',
    'connections': 'connections',
    'protection-groups': 'protection_groups',
    'protection-group-snapshots': 'group_snapshots',
    'protection-group-members': 'group_members',
    'protection-group-targets': 'group_targets',
    'pods': 'pods',
    'array-connections': 'array_connections',
    'tags': 'tags',
}


def of(array: 'FlashArray') -> dict[str, int | None]:
    """Return the limit of every kind; None is no limit."""
    return {
        kind: getattr(array, attribute).limit
        for kind, attribute in KINDS.items()
    }


def change(array: 'FlashArray', kind: str, most: int | None) -> None:
    """Set the limit of a kind, in a transaction; None is no limit.

    What there is stays, even if it is more. Raises ValueError for an
    unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f'no kind {kind}; there are: {", ".join(KINDS)}')
    if most is not None and (isinstance(most, bool) or most < 0):
        raise ValueError('a limit is zero or more')
    others = [
        limit for limit in array.environment.limits if limit.kind != kind
    ]
    if most is not None:
        others.append(model.ObjectLimit(kind, most))
    array.environments.put(replace(array.environment, limits=tuple(others)))
    apply(array, array.environment.limits)


def apply(array: 'FlashArray', limits: Iterable[model.ObjectLimit]) -> None:
    """Let the collections keep these limits and no others."""
    wanted = {limit.kind: limit.most for limit in limits}
    for kind, attribute in KINDS.items():
        getattr(array, attribute).limit = wanted.get(kind)
