# SPDX-License-Identifier: Apache-2.0
"""/v1/failover-groups/{group_id}/members"""

import http
from collections.abc import Sequence
from typing import Any

from aegis import models
from aegis.api import decorators
from aegis.api.controllers import base
from aegis.api.schemas.v1 import members as schema
from aegis.api.views import members as view
from aegis.db import groups, members
from aegis.policies import members as policy

_DEFAULT_WAVE = 1


class MembersController(base.Controller):
    @decorators.expose(policy.LIST)
    @decorators.validate(response=schema.LIST_RESPONSE)
    def get_all(self, group_id: str) -> dict[str, Any]:
        """List the members of a failover group, in order of their start."""
        group = groups.get_group(base.context(), group_id)
        found = members.list_members(base.context(), group_id)
        return {
            'members': self._show(group, found),
            'members_links': [],
        }

    @decorators.expose(policy.ADD, status=http.HTTPStatus.CREATED)
    @decorators.validate(
        body=schema.ADD_REQUEST, response=schema.SHOW_RESPONSE
    )
    def post(self, group_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put a server of the project into a failover group.

        An engine looks at the server and its volumes and captures what is
        needed to rebuild it; the answer waits for that.
        """
        group = groups.get_group(base.context(), group_id)
        wanted = body['member']
        member_id = base.services().engine.add_member(
            base.context(),
            group.id,
            wanted['server'],
            wanted.get('wave', _DEFAULT_WAVE),
        )
        member = members.get_member(base.context(), group.id, member_id)
        return {'member': self._show(group, [member])[0]}

    @decorators.expose(policy.REMOVE, status=http.HTTPStatus.NO_CONTENT)
    @decorators.validate()
    def delete(self, group_id: str, member_id: str) -> None:
        """Take a member out of a failover group; its server stays."""
        members.remove_member(base.context(), group_id, member_id)

    def _show(
        self, group: models.FailoverGroup, found: Sequence[models.Member]
    ) -> list[dict[str, Any]]:
        places: dict[str, list[models.Placement]] = {
            member.id: [] for member in found
        }
        for placement in members.placements(base.context(), list(places)):
            places[placement.member_id].append(placement)
        return [
            view.show(member, places[member.id], group.active_site)
            for member in found
        ]
