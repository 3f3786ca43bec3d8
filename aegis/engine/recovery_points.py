# SPDX-License-Identifier: Apache-2.0
"""What a group could be recovered to, as the recovery arrays tell it."""

from oslo_log import log as logging

from aegis import models
from aegis.common import exception, names
from aegis.engine import services as engine_services
from aegis.storage import errors
from aegis.tasks import access

LOG = logging.getLogger(__name__)


def list_points(
    services: engine_services.Services,
    group: models.FailoverGroup,
    limit: int,
) -> list[models.RecoveryPoint]:
    """The newest complete recovery points of a group, newest first.

    A group without members has none.

    :raises SiteUnreachable: when an array of the recovery site does not
        answer.
    """
    if group.replication_group is None:
        return []
    found: list[models.RecoveryPoint] = []
    for label in access.array_labels(services.conf, group.recovery_site):
        try:
            found.extend(_at_array(services, group, label, limit))
        except errors.StorageError as error:
            LOG.warning('Array %s: %s', label, error)
            raise exception.StorageFailed(
                site=group.recovery_site,
                reason=error.summary,
                code=error.code,
                remedy=error.remedy,
            ) from error
    found.sort(key=lambda point: point.created_at, reverse=True)
    return found[:limit]


def _at_array(
    services: engine_services.Services,
    group: models.FailoverGroup,
    label: str,
    limit: int,
) -> list[models.RecoveryPoint]:
    driver = services.storage.driver(label)
    points = driver.recovery_points(access.replication_of(group), limit)
    if not points:
        return []
    now = driver.capacity().now
    return [
        models.RecoveryPoint(
            id=names.recovery_point_id(point.name),
            group_id=group.id,
            created_at=point.created_at,
            completed_at=point.completed_at,
            age_seconds=(now - point.created_at).total_seconds(),
            size_bytes=point.size_bytes,
            volume_count=len(point.volumes),
        )
        for point in points
    ]
