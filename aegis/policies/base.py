# SPDX-License-Identifier: Apache-2.0
"""The personas that other rules are made of."""

from collections.abc import Mapping

from oslo_policy import policy

CONTEXT_IS_ADMIN = 'context_is_admin'

READER = 'rule:project_reader_or_admin'
MEMBER = 'rule:project_member_or_admin'
MANAGER = 'rule:project_manager_or_admin'
ADMIN = f'rule:{CONTEXT_IS_ADMIN}'


def _persona(role: str, description: str) -> list[policy.RuleDefault]:
    name = f'project_{role}'
    return [
        policy.RuleDefault(
            name=name,
            check_str=f'role:{role} and project_id:%(project_id)s',
            description=description,
            scope_types=['project'],
        ),
        policy.RuleDefault(
            name=f'{name}_or_admin',
            check_str=f'rule:{name} or rule:{CONTEXT_IS_ADMIN}',
            description=f'{description} Or an administrator.',
            scope_types=['project'],
        ),
    ]


_RULES = [
    policy.RuleDefault(
        name=CONTEXT_IS_ADMIN,
        check_str='role:admin',
        description='Who sees and may change the objects of every project.',
        scope_types=['project'],
    ),
    *_persona('reader', 'Who may read what a project has.'),
    *_persona('member', 'Who may protect the servers of a project.'),
    *_persona('manager', 'Who may fail a project over.'),
]


def rule(
    name: str, check: str, description: str, operations: Mapping[str, str]
) -> policy.DocumentedRuleDefault:
    """A rule of one action.

    :param operations: path of the API to HTTP method.
    """
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=check,
        description=description,
        operations=[
            {'method': method, 'path': path}
            for path, method in operations.items()
        ],
        scope_types=['project'],
    )


def list_rules() -> list[policy.RuleDefault]:
    return _RULES
