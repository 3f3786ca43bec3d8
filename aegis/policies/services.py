# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy

from aegis.policies import base

LIST = 'aegis:service:list'

_RULES = [
    base.rule(
        LIST,
        base.ADMIN,
        'See which parts of Aegis run where.',
        {'/v1/services': 'GET'},
    ),
]


def list_rules() -> list[policy.DocumentedRuleDefault]:
    return _RULES
