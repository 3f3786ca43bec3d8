# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy

from aegis.policies import base

_PATH = '/v1/operations'
_START_PATH = '/v1/failover-groups/{group_id}/operations'

LIST = 'aegis:operation:list'
LIST_ALL_PROJECTS = 'aegis:operation:list_all_projects'
SHOW = 'aegis:operation:show'
CAPTURE = 'aegis:operation:capture'
FAILOVER = 'aegis:operation:failover'
RETRY = 'aegis:operation:retry'
CANCEL = 'aegis:operation:cancel'

_RULES = [
    base.rule(
        LIST,
        base.READER,
        'List the operations of the project.',
        {_PATH: 'GET'},
    ),
    base.rule(
        LIST_ALL_PROJECTS,
        base.ADMIN,
        'List the operations of all projects (``all_projects=true``).',
        {_PATH: 'GET'},
    ),
    base.rule(
        SHOW,
        base.READER,
        'See an operation and its progress.',
        {
            f'{_PATH}/{{operation_id}}': 'GET',
            f'{_PATH}/{{operation_id}}/steps': 'GET',
        },
    ),
    base.rule(
        CAPTURE,
        base.MEMBER,
        'Capture the metadata of a failover group.',
        {_START_PATH: 'POST'},
    ),
    base.rule(
        FAILOVER,
        base.MANAGER,
        'Fail a failover group over.',
        {_START_PATH: 'POST'},
    ),
    base.rule(
        RETRY,
        base.MANAGER,
        'Retry an operation.',
        {f'{_PATH}/{{operation_id}}/retry': 'POST'},
    ),
    base.rule(
        CANCEL,
        base.MANAGER,
        'Cancel an operation.',
        {f'{_PATH}/{{operation_id}}/cancel': 'POST'},
    ),
]


def list_rules() -> list[policy.DocumentedRuleDefault]:
    return _RULES
