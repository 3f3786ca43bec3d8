# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy

from aegis.policies import base

_PATH = '/v1/failover-groups/{group_id}/members'

LIST = 'aegis:member:list'
ADD = 'aegis:member:add'
REMOVE = 'aegis:member:remove'

_RULES = [
    base.rule(
        LIST,
        base.READER,
        'See the members of a failover group.',
        {_PATH: 'GET'},
    ),
    base.rule(
        ADD,
        base.MEMBER,
        'Put a server of the project into a failover group.',
        {_PATH: 'POST'},
    ),
    base.rule(
        REMOVE,
        base.MEMBER,
        'Take a member out of a failover group.',
        {f'{_PATH}/{{member_id}}': 'DELETE'},
    ),
]


def list_rules() -> list[policy.DocumentedRuleDefault]:
    return _RULES
