# SPDX-License-Identifier: Apache-2.0
"""The configured sites and which way a group may go between them."""

from oslo_config import cfg

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import exception
from aegis.conf import sites as site_opts
from aegis.db import sites as db_sites


def known(
    context: aegis_context.RequestContext, conf: cfg.ConfigOpts
) -> list[models.Site]:
    """All configured sites with what was last seen of them."""
    statuses = {
        status.name: status for status in db_sites.site_statuses(context)
    }
    return [_site(conf, name, statuses.get(name)) for name in conf.sites]


def require_route(
    conf: cfg.ConfigOpts, protected_site: str, recovery_site: str | None
) -> tuple[str, str]:
    """The sites of a new group; it recovers to the local one by default.

    :raises BadRequest: when Aegis cannot take a group that way.
    """
    recovery_site = recovery_site or conf.local_site
    for name in (protected_site, recovery_site):
        if name not in conf.sites:
            raise exception.BadRequest(
                reason=f'there is no site {name}.',
                remedy=f'Choose from: {", ".join(conf.sites)}.',
            )
    if protected_site == recovery_site:
        raise exception.BadRequest(
            reason='the protected site and the recovery site are the same.',
            remedy='Choose two sites.',
        )
    if recovery_site != conf.local_site:
        raise exception.BadRequest(
            reason=f'this Aegis recovers to its own site, {conf.local_site}.',
            remedy=f'Create the group at the Aegis of site {recovery_site}.',
        )
    return protected_site, recovery_site


def _site(
    conf: cfg.ConfigOpts, name: str, status: models.SiteStatus | None
) -> models.Site:
    section = conf[site_opts.group_name(name)]
    return models.Site(
        name=name,
        region=section.region_name,
        is_local=name == conf.local_site,
        arrays=tuple(section.arrays),
        reachable=status.reachable if status else None,
        reason=status.reason if status else None,
        checked_at=status.checked_at if status else None,
    )
