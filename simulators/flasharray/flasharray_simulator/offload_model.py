# SPDX-License-Identifier: Apache-2.0
"""What an array keeps of offload targets; see model.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Offload:
    """A place outside of arrays that snapshots are copied to.

    ``settings`` is the JSON of what its protocol needs.
    """

    id: str
    name: str
    created: int
    protocol: str
    settings: str


@dataclass(frozen=True)
class OffloadGroupSnapshot:
    """A protection group snapshot in an offload target.

    The names of what is in a target are ``TARGET:ARRAY:...``.
    """

    id: str
    name: str
    offload_id: str
    suffix: str
    created: int
    source_id: str
    source_name: str
    destroyed: int | None = None


@dataclass(frozen=True)
class OffloadSnapshot:
    """A volume snapshot in an offload target, alone or of a group's."""

    id: str
    name: str
    offload_id: str
    suffix: str
    created: int
    provisioned: int
    source_id: str
    source_name: str
    data_transferred: int = 0
    content: str = ''
    group_snapshot_id: str | None = None
    destroyed: int | None = None
