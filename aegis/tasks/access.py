# SPDX-License-Identifier: Apache-2.0
"""What the tasks of a group operation reach for: both sides and the arrays."""

import collections.abc
import functools
from typing import Any

from oslo_config import cfg

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.clouds import factory
from aegis.common import exception, names
from aegis.conf import sites
from aegis.db import checkpoints, members
from aegis.storage import base as storage
from aegis.tasks import base

PREPARE_LANE = 'prepare'


class GroupTask(base.JournaledTask):
    """A step that works for a group, or for one member of it."""

    @property
    def group(self) -> models.FailoverGroup:
        return self.environment.group

    @property
    def member_id(self) -> str:
        """The member of the lane.

        :raises RuntimeError: in a lane that belongs to the whole group.
        """
        if self.environment.member is None:
            raise RuntimeError(f'{self.step} needs a lane with a member')
        return self.environment.member.id

    @property
    def birth(self) -> names.Birth:
        """Whose birth tags this lane's objects carry."""
        member = self.environment.member
        return names.Birth(
            self.environment.operation.id,
            member.id if member else self.group.id,
        )

    @property
    def target(self) -> factory.Cloud:
        """The project's cloud at the recovery site."""
        return self.environment.clouds.cloud(
            self.group.recovery_site, self.group.project_id
        )

    @property
    def source(self) -> factory.Cloud:
        """The project's cloud at the protected site; it may be lost."""
        return self.environment.clouds.cloud(
            self.group.protected_site, self.group.protected_project_id
        )

    @property
    def replication(self) -> storage.ReplicationGroup:
        """The replication group that carries the members' volumes."""
        return replication_of(self.group)

    def recovery_arrays(self) -> list[str]:
        """Labels of the arrays of the recovery site."""
        return array_labels(self.environment.conf, self.group.recovery_site)

    def shared(self, task: type[base.JournaledTask]) -> Any:
        """The result of a step that was done once for the whole group."""
        return self.environment.journal.result(
            PREPARE_LANE, task.step, task.result_type
        )

    def watch(self, kind: str) -> list[Any]:
        """All servers, volumes or ports of the project, as of now.

        Everyone who asks meanwhile is answered from the same list call.
        """
        watch = self.environment.clouds.watch(
            self.group.recovery_site, self.group.project_id, kind
        )
        moment = self.environment.waiter.monotonic()
        return list(watch.latest(moment).values())

    def driver(self, label: str) -> storage.StorageDriver:
        return self.environment.storage.driver(label)

    @functools.cached_property
    def manifest(self) -> catalog.GroupManifest:
        """What was captured: of the lane's member, or of all of them."""
        member = self.environment.member
        checkpoint = checkpoints.latest_checkpoint(
            self.environment.context,
            self.group.id,
            member_id=member.id if member else None,
        )
        return catalog.from_checkpoint(checkpoint)

    @property
    def captured(self) -> catalog.MemberManifest:
        """What was captured of the lane's member."""
        for member in self.manifest.members:
            if member.member_id == self.member_id:
                return member
        raise exception.MemberNotFound(
            resource='captured member', name=self.member_id
        )

    def protected_placements(self) -> tuple[models.Placement, ...]:
        """Where the lane's member, or all members, live when protected."""
        member = self.environment.member
        wanted = (
            [member]
            if member
            else members.list_members(self.environment.context, self.group.id)
        )
        return tuple(
            members.placements(
                self.environment.context,
                [each.id for each in wanted],
                site=self.group.protected_site,
            )
        )

    def wait_until(
        self,
        done: collections.abc.Callable[[], bool],
        seconds: float,
    ) -> bool:
        """Ask again and again; False when time was up before the yes.

        :raises aegis.common.exception.Interrupted: when the engine stops.
        """
        waiter = self.environment.waiter
        deadline = waiter.monotonic() + seconds
        while not done():
            if waiter.monotonic() >= deadline:
                return False
            waiter.wait(self.poll_interval)
        return True


def array_labels(conf: cfg.ConfigOpts, site: str) -> list[str]:
    """Labels of the arrays of a site, as configured."""
    return list(conf[sites.group_name(site)].arrays)


def replication_of(group: models.FailoverGroup) -> storage.ReplicationGroup:
    """The replication group of a failover group.

    :raises FailoverGroupEmpty: when it has none for lack of members.
    """
    if group.replication_array is None or group.replication_group is None:
        raise exception.FailoverGroupEmpty(group=group.name)
    return storage.ReplicationGroup(
        array=group.replication_array,
        name=group.replication_group,
        kind=storage.ReplicationKind(str(group.replication_type)),
    )
