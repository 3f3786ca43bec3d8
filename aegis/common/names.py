# SPDX-License-Identifier: Apache-2.0
"""Names and birth tags that are derived, never random.

A crashed run finds what it made by these, so they depend on nothing but
the operation, the member and the ordinal.
"""

import dataclasses
import uuid
from collections.abc import Iterable

PREFIX = 'aegis:'
OPERATION_KEY = 'aegis:operation'
MEMBER_KEY = 'aegis:member'
ORDINAL_KEY = 'aegis:ordinal'

_RECORD_NAMESPACE = uuid.UUID('5b7a1c0e-3f52-5d0b-9a55-0d7d3c2b8e11')
_RECOVERY_POINT_NAMESPACE = uuid.UUID('8a7be0a5-2d0c-5c39-9a53-6b5f0b1c7f5d')


@dataclasses.dataclass(frozen=True)
class Birth:
    """Who made an object: one operation, for one member or for the group.

    ``member_id`` is the group's id for what all members share.
    """

    operation_id: str
    member_id: str

    def name(self, *parts: object) -> str:
        """``aegis-<operation8>-<member8>-<parts>``."""
        tail = [str(part) for part in parts]
        return '-'.join(
            ['aegis', self.operation_id[:8], self.member_id[:8], *tail]
        )

    @property
    def metadata(self) -> dict[str, str]:
        """Metadata for Nova servers and Cinder volumes."""
        return {
            OPERATION_KEY: self.operation_id,
            MEMBER_KEY: self.member_id,
        }

    @property
    def tags(self) -> tuple[str, str]:
        """Tags for Nova servers and Neutron objects."""
        return (
            f'{OPERATION_KEY}={self.operation_id}',
            f'{MEMBER_KEY}={self.member_id}',
        )


def foreign(marks: Iterable[str]) -> tuple[str, ...]:
    """Tags or keys that are not ours.

    What was recovered once carries a birth; its own recovery gets another.
    """
    return tuple(mark for mark in marks if not mark.startswith(PREFIX))


def recovery_point_id(array_name: str) -> str:
    """The public id of a recovery point, from the array's name of it."""
    return str(uuid.uuid5(_RECOVERY_POINT_NAMESPACE, array_name))


def record_id(*parts: object) -> str:
    """The id of a row that two engines may try to make at once."""
    return str(uuid.uuid5(_RECORD_NAMESPACE, ':'.join(map(str, parts))))
