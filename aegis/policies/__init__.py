# SPDX-License-Identifier: Apache-2.0
"""Who may do what: one module per resource, all rules in the code."""

import itertools

from oslo_policy import policy

from aegis.policies import (
    base,
    groups,
    members,
    operations,
    recovery_points,
    services,
    sites,
)


def list_rules() -> list[policy.RuleDefault]:
    """Every rule with its default."""
    return list(
        itertools.chain(
            base.list_rules(),
            sites.list_rules(),
            groups.list_rules(),
            members.list_rules(),
            recovery_points.list_rules(),
            operations.list_rules(),
            services.list_rules(),
        )
    )
