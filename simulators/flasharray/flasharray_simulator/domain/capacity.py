# SPDX-License-Identifier: Apache-2.0
"""How much an array can still store."""

from collections.abc import Collection

from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK


def free(array: FlashArray) -> int:
    """Return the bytes that may still be stored."""
    return max(0, array.settings.capacity - array.content.stored_bytes())


def has_room(array: FlashArray, blocks: Collection[bytes]) -> bool:
    """Return whether the array can store these blocks as well.

    A block that is stored already, or is all zeros, needs no room.
    """
    room = free(array)
    if len(blocks) * BLOCK <= room:
        return True
    return array.content.missing(blocks) * BLOCK <= room
