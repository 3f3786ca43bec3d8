# SPDX-License-Identifier: Apache-2.0
"""How much an array can still store."""

from collections.abc import Collection

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK


def free(array: FlashArray) -> int:
    """Return the bytes that may still be stored."""
    return max(0, array.settings.capacity - array.content.stored_bytes())


def expect_room(array: FlashArray, before: int, context: str) -> None:
    """Raise ApiError if more is stored than before, and than there is room.

    To be asked inside the transaction that stores it, which is undone.
    """
    stored = array.content.stored_bytes()
    if stored > before and stored > array.settings.capacity:
        raise errors.refused('Array is out of space.', context)


def has_room(array: FlashArray, blocks: Collection[bytes]) -> bool:
    """Return whether the array can store these blocks as well.

    A block that is stored already, or is all zeros, needs no room.
    """
    room = free(array)
    if len(blocks) * BLOCK <= room:
        return True
    return array.content.missing(blocks) * BLOCK <= room
