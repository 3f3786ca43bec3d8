# SPDX-License-Identifier: Apache-2.0
"""Key pairs for a group at the target.

Nova gives a server the key pair that the user who asks for it has under a
name. That user is Aegis, for all tenants alike, so names may clash.
"""

from collections.abc import Iterable, Sequence

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.catalog import mappings as catalog_mappings
from aegis.catalog import translation
from aegis.clouds import factory, objects
from aegis.common import exception


def ensure(
    cloud: factory.Cloud,
    manifest: catalog.GroupManifest,
    mappings: Iterable[models.Mapping] = (),
) -> translation.KeypairTranslation:
    """Find or import each captured public key for Aegis' own user.

    A key is looked for under its mapped or own name; when another key has
    that name, it is kept under the name and the start of the project's id.

    Idempotent. Nothing removes key pairs: other groups may use them.

    :raises aegis.common.exception.NotFound: when what a mapping names is not
        there.
    :raises aegis.common.exception.Conflict: when both names are taken.
    """
    captured = {
        translation.identity(member.keypair): member.keypair
        for member in manifest.members
        if member.keypair is not None
    }
    mappings = tuple(mappings)
    found = {
        identity: _ensure_one(cloud, keypair, mappings)
        for identity, keypair in sorted(captured.items())
    }
    return translation.KeypairTranslation(translation.pairs(found))


def _ensure_one(
    cloud: factory.Cloud,
    keypair: objects.Keypair,
    mappings: Sequence[models.Mapping],
) -> str:
    mapped = catalog_mappings.mapped(
        mappings, models.MappedResource.KEYPAIR, keypair.name
    )
    if mapped is not None:
        if cloud.compute.find_keypair(mapped) is None:
            raise exception.NotFound(
                f'Key pair {keypair.name} is mapped to {mapped}, which '
                f"Aegis' user does not have at site {cloud.site}.",
                remedy='Import it there or correct the mapping.',
            )
        return mapped
    for name in (keypair.name, f'{keypair.name}-{cloud.project_id[:8]}'):
        if _holds(cloud, name, keypair):
            return name
    raise exception.Conflict(
        reason=(
            f"Aegis' user at site {cloud.site} has other keys under the "
            f'names {keypair.name} and {name}.'
        ),
        remedy='Remove one of them, or map the key pair.',
    )


def _holds(cloud: factory.Cloud, name: str, keypair: objects.Keypair) -> bool:
    """Whether a name holds the key now, having taken it if it was free."""
    present = cloud.compute.find_keypair(name)
    if present is None:
        try:
            present = cloud.compute.create_keypair(
                name, keypair.public_key, keypair.type
            )
        except exception.CloudConflict:
            # Somebody else took the name just now, perhaps for this key.
            present = cloud.compute.find_keypair(name)
            if present is None:
                raise
    return _key(present) == _key(keypair)


def _key(keypair: objects.Keypair) -> Sequence[str]:
    """A public key without its comment."""
    if keypair.type == 'ssh':
        return keypair.public_key.split()[:2]
    return [keypair.public_key.strip()]
