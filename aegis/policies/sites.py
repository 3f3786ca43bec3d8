# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy

from aegis.policies import base

READ = 'aegis:site:read'

_RULES = [
    base.rule(
        READ,
        base.READER,
        'See the sites and whether they answer.',
        {'/v1/sites': 'GET', '/v1/sites/{site_name}': 'GET'},
    ),
]


def list_rules() -> list[policy.DocumentedRuleDefault]:
    return _RULES
