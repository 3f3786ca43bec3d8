# SPDX-License-Identifier: Apache-2.0
"""Whether the sites answer."""

from concurrent import futures

from oslo_log import log as logging

from aegis import models
from aegis.common import clock
from aegis.common import context as aegis_context
from aegis.common import failure as aegis_failure
from aegis.db import sites
from aegis.engine import services

LOG = logging.getLogger(__name__)


def probe_site(
    engine_services: services.Services, site: str
) -> models.SiteStatus:
    """Ask one site for a sign of life, and write down what came of it."""
    reason = None
    try:
        engine_services.clouds.identity(site).probe()
    except Exception as error:
        reason = aegis_failure.describe(error).reason
        LOG.warning('Site %s: %s', site, reason)
    status = models.SiteStatus(
        name=site,
        reachable=reason is None,
        reason=reason,
        checked_at=clock.now(),
    )
    sites.save_site_status(
        aegis_context.admin_context(), site, status.reachable, reason
    )
    return status


def probe_sites(
    engine_services: services.Services,
) -> list[models.SiteStatus]:
    """Ask all sites side by side, so that a frozen one delays none."""
    wanted = engine_services.conf.sites
    with futures.ThreadPoolExecutor(max_workers=len(wanted) or 1) as pool:
        return list(
            pool.map(lambda site: probe_site(engine_services, site), wanted)
        )
