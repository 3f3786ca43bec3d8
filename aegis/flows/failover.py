# SPDX-License-Identifier: Apache-2.0
"""The unplanned failover: prepare, recover each member, finish."""

import collections.abc
from typing import Any

from taskflow.patterns import linear_flow

from aegis import models
from aegis.flows import registry, report
from aegis.tasks import (
    access,
    base,
    compute,
    earlier,
    fence,
    network,
    preflight,
    storage,
    validate,
    volume,
)
from aegis.tasks import group as group_tasks

PREPARE = 'failover.prepare'
RECOVER = 'failover.recover'
FINISH = f'failover{registry.FINISH_SUFFIX}'


def get_prepare_failover_flow(
    environment: base.LaneEnvironment,
) -> linear_flow.Flow:
    """What is done once for the group, before any member."""
    return linear_flow.Flow(PREPARE).add(
        storage.ResolveRecoveryPoint(environment),
        preflight.CheckReadiness(environment),
        network.EnsureNetworks(environment),
        network.EnsureSecurityGroups(environment),
        network.EnsureKeypairs(environment),
        network.EnsureServerGroups(environment),
        storage.PromoteVolumes(environment),
        # Before any server is built, and after all that a lost site can be
        # listened for meanwhile.
        fence.FenceProtectedSite(environment),
    )


def get_recover_member_flow(
    environment: base.LaneEnvironment,
) -> linear_flow.Flow:
    """Bring one member up at the recovery site."""
    return linear_flow.Flow(RECOVER).add(
        earlier.ClearEarlierAttempts(environment),
        storage.AdoptVolumes(environment),
        volume.ManageVolumes(environment),
        volume.RestoreVolumes(environment),
        network.CreatePorts(environment),
        compute.CreateServer(environment),
        network.AssociateFloatingIps(environment),
        validate.ValidateMember(environment),
        group_tasks.RecordPlacement(environment),
    )


def get_finish_failover_flow(
    environment: base.LaneEnvironment,
) -> linear_flow.Flow:
    """Make it official."""
    return linear_flow.Flow(FINISH).add(
        group_tasks.ActivateRecoverySite(environment),
    )


_FLOWS = {
    PREPARE: get_prepare_failover_flow,
    RECOVER: get_recover_member_flow,
    FINISH: get_finish_failover_flow,
}


class FailoverFlow:
    """Unplanned failover; see the package's documentation."""

    type = models.OperationType.FAILOVER

    def plan(
        self,
        group: models.FailoverGroup,
        members: collections.abc.Sequence[models.Member],
    ) -> list[registry.LanePlan]:
        """One lane before, one for each member in its wave, one after."""
        last = max(member.wave for member in members)
        return [
            registry.LanePlan(access.PREPARE_LANE, PREPARE, wave=0),
            *(
                registry.LanePlan(
                    member.name, RECOVER, wave=member.wave, member_id=member.id
                )
                for member in members
            ),
            registry.LanePlan('finish', FINISH, wave=last + 1),
        ]

    def build(self, environment: base.LaneEnvironment) -> linear_flow.Flow:
        return _FLOWS[environment.lane.flow](environment)

    def report(
        self,
        operation: models.Operation,
        lanes: collections.abc.Sequence[models.Lane],
        steps: collections.abc.Sequence[models.Step],
    ) -> dict[str, Any]:
        return report.failover(operation, lanes, steps)
