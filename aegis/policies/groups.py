# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy

from aegis.policies import base

_PATH = '/v1/failover-groups'

LIST = 'aegis:failover_group:list'
LIST_ALL_PROJECTS = 'aegis:failover_group:list_all_projects'
SHOW = 'aegis:failover_group:show'
CREATE = 'aegis:failover_group:create'
UPDATE = 'aegis:failover_group:update'
DELETE = 'aegis:failover_group:delete'

_RULES = [
    base.rule(
        LIST,
        base.READER,
        'List the failover groups of the project.',
        {_PATH: 'GET'},
    ),
    base.rule(
        LIST_ALL_PROJECTS,
        base.ADMIN,
        'List the failover groups of all projects (``all_projects=true``).',
        {_PATH: 'GET'},
    ),
    base.rule(
        SHOW,
        base.READER,
        'See a failover group.',
        {f'{_PATH}/{{group_id}}': 'GET'},
    ),
    base.rule(
        CREATE,
        base.MEMBER,
        'Create a failover group.',
        {_PATH: 'POST'},
    ),
    base.rule(
        UPDATE,
        base.MEMBER,
        'Change a failover group.',
        {f'{_PATH}/{{group_id}}': 'PATCH'},
    ),
    base.rule(
        DELETE,
        base.MEMBER,
        'Delete a failover group.',
        {f'{_PATH}/{{group_id}}': 'DELETE'},
    ),
]


def list_rules() -> list[policy.DocumentedRuleDefault]:
    return _RULES
