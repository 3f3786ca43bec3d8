# SPDX-License-Identifier: Apache-2.0
"""The gate: see that a failover would succeed before it touches anything."""

import dataclasses

from aegis.clouds import objects
from aegis.common import exception, names
from aegis.common import retry as aegis_retry
from aegis.readiness import base as readiness
from aegis.readiness import preflight
from aegis.tasks import access, results


class CheckReadiness(access.GroupTask):
    """Ask the recovery site, in bulk, whether everything is there.

    ``force`` in the operation's arguments lets a run pass checks that are
    not essential; what they said stays in the result.

    Reversion strategy: nothing was changed.
    """

    step = 'preflight'
    service = 'nova'
    # Nothing was touched yet: better to say soon what is wrong.
    retry = aegis_retry.RetryPolicy(maximum_attempts=3)
    result_type = results.PreflightReport
    provides = 'preflight'

    def observe(self, point: results.ChosenPoint) -> results.PreflightReport:
        verdicts = readiness.judge(preflight.CHECKS, self._facts(point))
        force = bool(self.environment.operation.arguments.get('force'))
        failed = readiness.blocking(verdicts, force)
        if failed:
            raise exception.PreflightFailed(
                code=failed[0].code,
                reason=' '.join(verdict.reason for verdict in failed),
                remedy=' '.join(
                    dict.fromkeys(verdict.remedy for verdict in failed)
                ),
                details=[dataclasses.asdict(verdict) for verdict in failed],
            )
        return results.PreflightReport(verdicts=verdicts)

    def _facts(self, point: results.ChosenPoint) -> preflight.PreflightFacts:
        return preflight.PreflightFacts(
            group=self.group,
            manifest=self.manifest,
            placements=self.protected_placements(),
            point=point.point,
            target=self._target_facts(),
        )

    def _target_facts(self) -> preflight.TargetFacts:
        cloud = self.target
        networks = cloud.network.list_networks()
        network_ids = [
            network.id for network in networks if not network.is_external
        ]
        return preflight.TargetFacts(
            flavors=cloud.compute.list_flavors(),
            volume_types=cloud.volume.list_types(),
            pools=cloud.volume.list_pools(),
            networks=networks,
            subnets=cloud.network.list_subnets(network_ids),
            ports=self._foreign_ports(network_ids),
            compute_quotas=cloud.compute.quotas(),
            volume_quotas=cloud.volume.quotas(),
            network_quotas=cloud.network.quotas(),
        )

    def _foreign_ports(
        self, network_ids: list[str]
    ) -> tuple[objects.Port, ...]:
        """All ports but those that this operation itself has made."""
        if not network_ids:
            return ()
        ours = f'{names.OPERATION_KEY}={self.environment.operation.id}'
        return tuple(
            port
            for port in self.target.network.list_ports(network_ids=network_ids)
            if ours not in (*port.tags, *port.device_owner.split())
        )
