# SPDX-License-Identifier: Apache-2.0
"""Three arrays that all tests of a process share."""

import atexit
import contextlib
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pypureclient import flasharray

from tests import support

EAST, WEST, NORTH = 'fa-east', 'fa-west', 'fa-north'


@dataclass(frozen=True)
class Fleet:
    """East replicates to west (also synchronously) and to north."""

    east: support.ArrayProcess
    west: support.ArrayProcess
    north: support.ArrayProcess

    def all(self) -> tuple[support.ArrayProcess, ...]:
        return self.east, self.west, self.north


def objects(array: support.ArrayProcess, kind: str) -> dict[str, Any]:
    """Return what an array has of a kind, by name."""
    return {row['name']: row for row in array.door.objects(kind)[kind]}


def members(array: support.ArrayProcess, group: str) -> set[str]:
    """Return the volumes of a protection group."""
    rows = array.door.objects('protection_group_members')[
        'protection_group_members'
    ]
    return {row['member'] for row in rows if row['group'] == group}


def replicate(
    source: support.ArrayProcess,
    target: support.ArrayProcess,
    group: str = 'cinder-group',
    client: Any = None,
) -> str:
    """Send a snapshot of a group now; return its name at the target."""
    made = (client or source.client()).post_protection_group_snapshots(
        source_names=[group], replicate_now=True
    )
    if made.status_code != 200:
        raise AssertionError(made.errors[0].message)
    name = next(iter(made.items)).name
    separator = '' if '::' in name else f'{source.name}:'
    name = f'{separator}{name.replace("::", ":")}'
    support.eventually(lambda: name in completed(target), what=name)
    return name


def completed(target: support.ArrayProcess) -> set[str]:
    """Return the snapshots that an array has received whole."""
    return {
        row['snapshot']
        for row in target.door.objects('transfers')['transfers']
        if row['completed']
    }


@functools.cache
def fleet() -> Fleet:
    """Start the arrays; they end with the process.

    Ended at exit, after the clients that were made later have said
    goodbye.
    """
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return Fleet(*stack.enter_context(running((EAST, WEST, NORTH))))


@contextlib.contextmanager
def running(names: Sequence[str]) -> Iterator[list[support.ArrayProcess]]:
    """Run connected arrays; the first and west synchronously too."""
    with support.RunningArrays(names) as made:
        found = list(made)
        _connect_synchronously(found[0], WEST)
        yield found


def _connect_synchronously(one: support.ArrayProcess, other: str) -> None:
    answer = one.client().patch_array_connections(
        names=[other],
        array_connection=flasharray.ArrayConnection(type='sync-replication'),
    )
    if answer.status_code != 200:
        raise AssertionError(answer.errors[0].message)
