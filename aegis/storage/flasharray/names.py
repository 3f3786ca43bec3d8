# SPDX-License-Identifier: Apache-2.0
"""How Purity names what replication brings.

``PG`` of the array ``SRC`` is ``SRC:PG`` at the target and a group
``POD::PG`` is ``POD:PG``; its snapshot N is ``SRC:PG.N`` and the copy of a
volume in it ``SRC:PG.N.VOL``, whose source is ``SRC:VOL``.
"""

from aegis.storage import base


def same(one: str | None, other: str | None) -> bool:
    """Tell whether two names mean the same object: case does not count."""
    return key(one) == key(other)


def key(name: str | None) -> str:
    """Give a name in the form in which names are compared."""
    return (name or '').lower()


def local_group(group: base.ReplicationGroup, array: str) -> str:
    """Name a protection group as the given array does."""
    if same(group.array, array):
        return group.name
    pod, separator, name = group.name.rpartition('::')
    return f'{pod if separator else group.array}:{name}'


def original(
    group: base.ReplicationGroup, point: str, copy: str, source: str | None
) -> str:
    """Name the volume a copy was taken of, as its own array does.

    ``source`` follows a later rename of the original, but is empty when
    that is gone; then the name of the copy tells.
    """
    pod, separator, _ = group.name.rpartition('::')
    last = copy[len(point) + 1 :]
    if source:
        last = source.rpartition('::')[2]
        for container in (group.array, pod):
            if container and same(last[: len(container) + 1], container + ':'):
                last = last[len(container) + 1 :]
                break
    return f'{pod}::{last}' if separator else last


def point_of(snapshot: str) -> str:
    """Name the group snapshot that a volume's copy belongs to.

    Neither group names nor suffixes contain a dot, nor do volume names.
    """
    return snapshot.rpartition('.')[0]


def group_of(point: str) -> str:
    """Name the group that a group snapshot is of."""
    return point.rpartition('.')[0]


def cinder_volume(volume_id: str) -> str:
    """Name a volume as Cinder's driver does, without its container."""
    return f'volume-{volume_id}-cinder'


def without_container(name: str) -> str:
    """Strip the pod and the volume group of a full volume name."""
    return name.rpartition('::')[2].rpartition('/')[2]
