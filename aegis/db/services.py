# SPDX-License-Identifier: Apache-2.0
"""Which parts of Aegis run, by their own signs of life.

Liveness is kept here and not in a group membership service: engines own
lanes by leases in this database, so an engine that reaches it is alive for
all that matters, and the two can never disagree.
"""

import datetime
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exception

from aegis import models
from aegis.common import clock, names
from aegis.db import rows
from aegis.db import session as db_session

SERVICES = rows.SERVICES

MISSED_HEARTBEATS = 3


def report_service(
    context: db_session.Context,
    binary: str,
    host: str,
    version: str,
    started_at: datetime.datetime,
) -> None:
    """Give a sign of life; the first one makes the service known."""
    values = {'version': version, 'started_at': started_at}
    if not _update(context, binary, host, values):
        try:
            _insert(context, binary, host, values)
        except db_exception.DBDuplicateEntry:
            _update(context, binary, host, values)


@db_session.reader
def list_services(
    context: db_session.Context, heartbeat_interval: float
) -> list[models.Service]:
    """All services ever seen, by binary and host.

    :param heartbeat_interval: seconds between two signs of life; a service
        that missed three of them is not alive.
    """
    oldest = clock.now() - datetime.timedelta(
        seconds=heartbeat_interval * MISSED_HEARTBEATS
    )
    found = context.session.execute(
        sa.select(SERVICES).order_by(SERVICES.c.binary, SERVICES.c.host)
    )
    return [
        models.Service(
            id=row.id,
            binary=row.binary,
            host=row.host,
            version=row.version,
            started_at=row.started_at,
            heartbeat_at=row.heartbeat_at,
            alive=row.heartbeat_at > oldest,
        )
        for row in found
    ]


@db_session.writer
def _update(
    context: db_session.Context, binary: str, host: str, values: dict[str, Any]
) -> bool:
    result: Any = context.session.execute(
        sa.update(SERVICES)
        .where(SERVICES.c.binary == binary, SERVICES.c.host == host)
        .values(heartbeat_at=clock.now(), **values)
    )
    return bool(result.rowcount)


@db_session.writer
def _insert(
    context: db_session.Context, binary: str, host: str, values: dict[str, Any]
) -> None:
    context.session.execute(
        sa.insert(SERVICES).values(
            id=names.record_id('service', binary, host),
            binary=binary,
            host=host,
            heartbeat_at=clock.now(),
            **values,
        )
    )
