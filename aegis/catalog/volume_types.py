# SPDX-License-Identifier: Apache-2.0
"""Which volume type and which backend take a volume over."""

from collections.abc import Iterable, Sequence

from aegis import models
from aegis.catalog import mappings as catalog_mappings
from aegis.clouds import objects
from aegis.common import exception

_MAP = (
    'Give the type to the project, or map the type with --mapping '
    'volume_type:SOURCE=TARGET.'
)


def target(
    types: Sequence[objects.VolumeType],
    mappings: Iterable[models.Mapping],
    source: str | None,
) -> objects.VolumeType:
    """The type at the recovery site for a volume of the given type.

    :param types: the types that the project may use there.
    :raises aegis.common.exception.NotFound: when it is not among them.
    """
    if source is None:
        raise exception.NotFound(
            'A volume without a volume type cannot be recovered.',
            remedy='Retype the volume at the protected site.',
        )
    name = catalog_mappings.target(
        mappings, models.MappedResource.VOLUME_TYPE, source
    )
    for volume_type in types:
        if volume_type.name == name:
            return volume_type
    for volume_type in types:
        if volume_type.id == name:
            return volume_type
    raise exception.NotFound(
        f'The project has no volume type {name} at the recovery site.',
        remedy=f'Create it there. {_MAP}',
    )


def pool_for(
    volume_type: objects.VolumeType, pools: Iterable[objects.VolumePool]
) -> objects.VolumePool:
    """The backend pool for volumes of a type.

    It is the one whose ``volume_backend_name`` the type asks for; of
    several, that with the most free space.

    :raises aegis.common.exception.VolumeBackendNotRunning: when no such
        backend reports to Cinder's scheduler.
    :raises aegis.common.exception.NotFound: when the type does not say which
        one it wants.
    """
    if volume_type.backend is None:
        raise exception.NotFound(
            f'Volume type {volume_type.name} names no backend.',
            remedy=(
                'Set volume_backend_name in its extra specs at the recovery '
                'site.'
            ),
        )
    fitting = [pool for pool in pools if pool.backend == volume_type.backend]
    if not fitting:
        raise exception.VolumeBackendNotRunning(
            backend=volume_type.backend, volume_type=volume_type.name
        )
    return max(fitting, key=lambda pool: (pool.free_gib or 0.0, pool.name))
