# SPDX-License-Identifier: Apache-2.0
"""/v1/failover-groups"""

import http
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pecan

from aegis import models
from aegis.api import decorators, links, pages, sites
from aegis.api.controllers import base
from aegis.api.controllers.v1 import members, recovery_points, starting
from aegis.api.schemas.v1 import groups as schema
from aegis.api.views import groups as view
from aegis.common import exception
from aegis.db import groups
from aegis.policies import groups as policy

_REVISION = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def _list_policy(query: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    if query.get('all_projects'):
        return policy.LIST_ALL_PROJECTS
    return policy.LIST


class FailoverGroupsController(base.Controller):
    members = members.MembersController()
    operations = starting.GroupOperationsController()

    @decorators.expose(
        policy.LIST, policy.LIST_ALL_PROJECTS, choose=_list_policy
    )
    @decorators.validate(
        query=schema.LIST_QUERY, response=schema.LIST_RESPONSE
    )
    def get_all(self, query: dict[str, Any]) -> dict[str, Any]:
        """List failover groups."""
        wanted = pages.read(
            query, schema.FILTERS, base.context(), base.services().conf
        )
        page = pages.cut(
            groups.list_groups(base.context(), **wanted.arguments), wanted
        )
        return {
            'failover_groups': self._show(page.items),
            'failover_groups_links': links.next_links(
                pecan.request, query, page.marker
            ),
        }

    @decorators.expose(policy.SHOW)
    @decorators.validate(response=schema.SHOW_RESPONSE)
    def get_one(self, group_id: str) -> dict[str, Any]:
        """Show a failover group."""
        return self._answer(groups.get_group(base.context(), group_id))

    @decorators.expose(policy.CREATE, status=http.HTTPStatus.CREATED)
    @decorators.validate(
        body=schema.CREATE_REQUEST, response=schema.SHOW_RESPONSE
    )
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create a failover group."""
        wanted = body['failover_group']
        protected_site, recovery_site = sites.require_route(
            base.services().conf,
            wanted['protected_site'],
            wanted.get('recovery_site'),
        )
        mappings = _read_mappings(wanted.get('mappings', []))
        replication_type = _read_replication_type(wanted)
        protected_project_id = (
            base.services().engine.resolve_protected_project(
                base.context(), protected_site
            )
        )
        group = groups.create_group(
            base.context(),
            name=wanted['name'],
            description=wanted.get('description', ''),
            protected_site=protected_site,
            recovery_site=recovery_site,
            protected_project_id=protected_project_id,
            replication_type=replication_type,
            on_member_failure=models.MemberFailurePolicy(
                wanted.get(
                    'on_member_failure', models.MemberFailurePolicy.CONTINUE
                )
            ),
            mappings=mappings,
        )
        answer = self._answer(group)
        pecan.response.location = answer['failover_group']['links'][0]['href']
        return answer

    @decorators.expose(policy.UPDATE)
    @decorators.validate(
        body=schema.UPDATE_REQUEST, response=schema.SHOW_RESPONSE
    )
    def patch(self, group_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change a failover group.

        With an If-Match header only if it still has that revision.
        """
        values = dict(body['failover_group'])
        if 'mappings' in values:
            values['mappings'] = _read_mappings(values['mappings'])
        group = groups.update_group(
            base.context(),
            group_id,
            values,
            expected_revision=_expected_revision(),
        )
        return self._answer(group)

    @decorators.expose(policy.DELETE, status=http.HTTPStatus.NO_CONTENT)
    @decorators.validate()
    def delete(self, group_id: str) -> None:
        """Delete a failover group without members."""
        groups.delete_group(base.context(), group_id)

    def _answer(self, group: models.FailoverGroup) -> dict[str, Any]:
        pecan.response.headers['ETag'] = f'"{group.revision}"'
        return {'failover_group': self._show([group])[0]}

    def _show(
        self, found: Sequence[models.FailoverGroup]
    ) -> list[dict[str, Any]]:
        counts = groups.count_members(
            base.context(), [group.id for group in found]
        )
        return [
            view.show(pecan.request, group, counts.get(group.id, 0))
            for group in found
        ]


# The path has a hyphen, which no attribute in Python can have.
setattr(
    FailoverGroupsController,
    'recovery-points',
    recovery_points.RecoveryPointsController(),
)


def _read_replication_type(wanted: dict[str, Any]) -> models.ReplicationType:
    found = models.ReplicationType(
        wanted.get('replication_type', models.ReplicationType.ASYNC)
    )
    if found is not models.ReplicationType.ASYNC:
        raise exception.BadRequest(
            reason='synchronous replication is not part of this release.',
            remedy='Use a group of replication type async.',
        )
    return found


def _read_mappings(
    wanted: Sequence[Mapping[str, str]],
) -> list[models.Mapping]:
    mappings = [
        models.Mapping(
            resource_type=models.MappedResource(mapping['resource_type']),
            source=mapping['source'],
            target=mapping['target'],
        )
        for mapping in wanted
    ]
    counted = Counter((each.resource_type, each.source) for each in mappings)
    for (resource_type, source), count in counted.items():
        if count > 1:
            raise exception.BadRequest(
                reason=f'{resource_type} {source} is mapped more than once.'
            )
    return mappings


def _expected_revision() -> int | None:
    header = pecan.request.headers.get('If-Match')
    if header is None or header.strip() == '*':
        return None
    match = _REVISION.fullmatch(header.strip())
    if match is None:
        raise exception.BadRequest(
            reason=f'If-Match is not a revision: {header}',
            remedy='Send the ETag of the group as you read it.',
        )
    return int(match.group(1))
