# SPDX-License-Identifier: Apache-2.0
"""Security groups for a group at the target."""

import dataclasses
from collections.abc import Iterable, Mapping

from aegis import models
from aegis.catalog import births, removal, translation
from aegis.catalog import manifest as catalog
from aegis.clouds import factory, objects, requests
from aegis.common import exception, names


def ensure(
    cloud: factory.Cloud,
    manifest: catalog.GroupManifest,
    birth: names.Birth,
) -> translation.SecurityGroupTranslation:
    """Find or make each captured security group.

    The project's one of the same name is used as it is, rules and all. Any
    other is made with its rules, carrying the birth tags. A rule that lets a
    group of another project in has no counterpart and is left out.

    Idempotent, and goes on where an earlier call was cut short.

    :raises aegis.common.exception.Conflict: when a name is not unique.
    """
    neutron = cloud.network
    present = neutron.list_security_groups()
    found: dict[str, str] = {}
    made: dict[str, objects.SecurityGroup] = {}
    for source in manifest.security_groups:
        used = _named(present, source, birth, cloud.site)
        if used is None:
            made[source.id] = _make(cloud, present, source, birth)
            found[source.id] = made[source.id].id
        else:
            found[source.id] = used.id
    for source in manifest.security_groups:
        if source.id in made:
            _make_rules(cloud, made[source.id], source, found)
    return translation.SecurityGroupTranslation(translation.pairs(found))


def remove(
    cloud: factory.Cloud, birth: names.Birth
) -> tuple[models.Leftover, ...]:
    """Remove the security groups with the birth tags.

    :returns: what could not be removed.
    """
    neutron = cloud.network
    gone = removal.Removal('neutron')
    for group in births.born(neutron.list_security_groups(), birth):
        gone.remove(
            'security_group',
            group.name,
            neutron.delete_security_group,
            group.id,
        )
    return gone.leftovers


def _named(
    present: Iterable[objects.SecurityGroup],
    source: objects.SecurityGroup,
    birth: names.Birth,
    site: str,
) -> objects.SecurityGroup | None:
    named = [
        group
        for group in present
        if group.name == source.name and not births.born([group], birth)
    ]
    if len(named) > 1:
        raise exception.Conflict(
            reason=f'site {site} has several security groups {source.name}.',
            remedy='Rename all but one of them.',
        )
    return named[0] if named else None


def _make(
    cloud: factory.Cloud,
    present: Iterable[objects.SecurityGroup],
    source: objects.SecurityGroup,
    birth: names.Birth,
) -> objects.SecurityGroup:
    tags = births.tags(birth, source.id)
    found = births.born_for(present, birth, source.id)
    if found is None:
        return cloud.network.create_security_group(
            requests.SecurityGroupRequest(
                name=source.name,
                description=source.description,
                stateful=source.stateful,
                tags=tags,
            )
        )
    cloud.network.finish_birth(
        'security-groups', found, source.description, tags
    )
    return found


def _make_rules(
    cloud: factory.Cloud,
    target: objects.SecurityGroup,
    source: objects.SecurityGroup,
    found: Mapping[str, str],
) -> None:
    """Give a group of ours the captured rules and no others."""
    neutron = cloud.network
    wanted = {
        dataclasses.replace(rule, remote_group=remote)
        for rule in source.rules
        if (remote := found.get(rule.remote_group or '')) is not None
        or rule.remote_group is None
    }
    for rule in target.rules:
        if rule not in wanted:
            neutron.delete_security_group_rule(rule.id)
    missing = wanted - set(target.rules)
    neutron.create_security_group_rules(target.id, sorted(missing, key=repr))
