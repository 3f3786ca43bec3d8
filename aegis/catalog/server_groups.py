# SPDX-License-Identifier: Apache-2.0
"""Server groups for a group at the target.

Nova gives server groups nothing but a name, so the birth of one that Aegis
makes is in its name.
"""

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.catalog import removal, translation
from aegis.clouds import factory
from aegis.common import names

_MAXIMUM_NAME = 255


def ensure(
    cloud: factory.Cloud,
    manifest: catalog.GroupManifest,
    birth: names.Birth,
) -> translation.ServerGroupTranslation:
    """Find or make each captured server group.

    The project's one of the same name and policy is used as it is. Any
    other is made, with the start of the operation's id after its name.

    Idempotent, and goes on where an earlier call was cut short.
    """
    captured = {
        group.id: group
        for member in manifest.members
        for group in member.server_groups
    }
    if not captured:
        return translation.ServerGroupTranslation(())
    present = {
        (group.name, group.policy): group.id
        for group in cloud.compute.list_server_groups()
    }
    found = {}
    for source_id, group in sorted(captured.items()):
        born = _name(group.name, birth)
        found[source_id] = (
            present.get((group.name, group.policy))
            or present.get((born, group.policy))
            or cloud.compute.create_server_group(
                born, group.policy, group.max_server_per_host
            ).id
        )
    return translation.ServerGroupTranslation(translation.pairs(found))


def remove(
    cloud: factory.Cloud, birth: names.Birth
) -> tuple[models.Leftover, ...]:
    """Remove the server groups whose names carry the birth.

    :returns: what could not be removed.
    """
    gone = removal.Removal('nova')
    for group in cloud.compute.list_server_groups():
        if group.name.endswith(_suffix(birth)):
            gone.remove(
                'server_group',
                group.name,
                cloud.compute.delete_server_group,
                group.id,
            )
    return gone.leftovers


def _suffix(birth: names.Birth) -> str:
    return f'-{birth.name()}'


def _name(name: str, birth: names.Birth) -> str:
    suffix = _suffix(birth)
    return name[: _MAXIMUM_NAME - len(suffix)] + suffix
