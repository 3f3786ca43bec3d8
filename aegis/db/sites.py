# SPDX-License-Identifier: Apache-2.0
"""What engines last saw of the sites."""

import sqlalchemy as sa
from oslo_db import exception as db_exception

from aegis import models
from aegis.common import clock
from aegis.db import models as tables
from aegis.db import session


def save_site_status(
    context: session.Context,
    name: str,
    reachable: bool,
    reason: str | None = None,
) -> None:
    """Write down that a site was looked at just now."""
    try:
        _save(context, name, reachable, reason)
    except db_exception.DBDuplicateEntry:
        # Another engine saw the site for the first time at that moment.
        _save(context, name, reachable, reason)


@session.reader
def site_statuses(context: session.Context) -> list[models.SiteStatus]:
    """What was last seen of every site that was ever looked at."""
    rows = context.session.scalars(
        sa.select(tables.SiteStatus).order_by(tables.SiteStatus.name)
    )
    return [
        models.SiteStatus(
            name=row.name,
            reachable=row.reachable,
            reason=row.reason,
            checked_at=row.checked_at,
        )
        for row in rows
    ]


@session.writer
def _save(
    context: session.Context, name: str, reachable: bool, reason: str | None
) -> None:
    row = context.session.get(tables.SiteStatus, name)
    if row is None:
        row = tables.SiteStatus(name=name)
        context.session.add(row)
    row.reachable = reachable
    row.reason = reason
    row.checked_at = clock.now()
