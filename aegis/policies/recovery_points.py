# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy

from aegis.policies import base

LIST = 'aegis:recovery_point:list'

_RULES = [
    base.rule(
        LIST,
        base.READER,
        'See what a failover group could be recovered to.',
        {'/v1/failover-groups/{group_id}/recovery-points': 'GET'},
    ),
]


def list_rules() -> list[policy.DocumentedRuleDefault]:
    return _RULES
