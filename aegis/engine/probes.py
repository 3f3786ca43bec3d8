# SPDX-License-Identifier: Apache-2.0
"""Whether the sites and the arrays answer."""

from concurrent import futures

from oslo_log import log as logging

from aegis import models
from aegis.common import clock
from aegis.common import context as aegis_context
from aegis.common import failure as aegis_failure
from aegis.db import sites
from aegis.engine import services
from aegis.storage import errors

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
    status = models.SiteStatus(
        name=site,
        reachable=reason is None,
        reason=reason,
        checked_at=clock.now(),
    )
    context = aegis_context.admin_context()
    _log_change(sites.site_statuses(context), status)
    sites.save_site_status(context, site, status.reachable, reason)
    return status


def _log_change(
    before: list[models.SiteStatus], now: models.SiteStatus
) -> None:
    known = {each.name: each.reachable for each in before}
    if known.get(now.name) is now.reachable:
        return
    if now.reachable:
        LOG.info('Site %s answers', now.name)
    else:
        LOG.warning('Site %s does not answer: %s', now.name, now.reason)


def probe_sites(
    engine_services: services.Services,
) -> list[models.SiteStatus]:
    """Ask all sites side by side, so that a frozen one delays none."""
    wanted = engine_services.conf.sites
    with futures.ThreadPoolExecutor(max_workers=len(wanted) or 1) as pool:
        return list(
            pool.map(lambda site: probe_site(engine_services, site), wanted)
        )


def probe_array(
    engine_services: services.Services, answered: dict[str, bool], label: str
) -> None:
    """Ask one array for a sign of life, and log what has changed.

    It also leaves a session that works: to log in takes longer than a whole
    step, and a failover is not the time to find out that one cannot.

    :param answered: by label, whether it did so the last time; kept by the
        caller, changed here.
    """
    if engine_services.waiter.stopping:
        # It would log in anew where the engine has just logged out.
        return
    error = None
    try:
        engine_services.storage.driver(label).capacity()
    except errors.StorageError as refusal:
        error = refusal
    before = answered.get(label)
    answered[label] = error is None
    if before is answered[label]:
        return
    if error is None:
        LOG.info('Array %s answers', label)
    else:
        LOG.warning(
            'Array %s cannot be used: %s %s',
            label,
            error,
            error.remedy,
        )
