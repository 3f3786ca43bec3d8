# SPDX-License-Identifier: Apache-2.0
"""What stands for a resource at the other site.

Pure functions over the mappings of a failover group. A mapping reads both
ways, so failing back needs no second set. Names and ids are alike: whatever
a mapping names, the names and ids that a resource has are tried in turn.
"""

import dataclasses
from collections.abc import Iterable

from aegis import models


def mapped(
    mappings: Iterable[models.Mapping],
    resource_type: models.MappedResource,
    *names: str | None,
) -> str | None:
    """What the first name that is mapped is mapped to, None without any."""
    targets = {
        mapping.source: mapping.target
        for mapping in mappings
        if mapping.resource_type == resource_type
    }
    for name in names:
        if name in targets:
            return targets[name]
    return None


def target(
    mappings: Iterable[models.Mapping],
    resource_type: models.MappedResource,
    name: str,
    *others: str | None,
) -> str:
    """The name or id to look for at the recovery site.

    A resource without a mapping stands for itself, by its name.
    """
    found = mapped(mappings, resource_type, name, *others)
    return name if found is None else found


def source(
    mappings: Iterable[models.Mapping],
    resource_type: models.MappedResource,
    name: str,
    *others: str | None,
) -> str:
    """The opposite of :func:`target`: what to look for when coming back."""
    return target(inverted(mappings), resource_type, name, *others)


def inverted(
    mappings: Iterable[models.Mapping],
) -> tuple[models.Mapping, ...]:
    """The mappings as the other site sees them.

    When several sources have one target, the first one is where it comes
    back to.
    """
    turned: dict[tuple[models.MappedResource, str], models.Mapping] = {}
    for mapping in mappings:
        turned.setdefault(
            (mapping.resource_type, mapping.target),
            dataclasses.replace(
                mapping, source=mapping.target, target=mapping.source
            ),
        )
    return tuple(turned.values())
