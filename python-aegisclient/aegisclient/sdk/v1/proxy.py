# SPDX-License-Identifier: Apache-2.0
"""The disaster recovery API as methods."""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib import parse

import requests
from openstack import exceptions as sdk_exceptions
from openstack import proxy

from aegisclient import exceptions
from aegisclient.sdk.v1 import failover_group as _failover_group
from aegisclient.sdk.v1 import following
from aegisclient.sdk.v1 import member as _member
from aegisclient.sdk.v1 import operation as _operation
from aegisclient.sdk.v1 import recovery_point as _recovery_point
from aegisclient.sdk.v1 import service as _service
from aegisclient.sdk.v1 import site as _site

MICROVERSION = '1.0'

Group = _failover_group.FailoverGroup | str
Operation = _operation.Operation | str


class Proxy(proxy.Proxy):
    """Calls of version 1.

    Everything raises :class:`aegisclient.exceptions.DisasterRecoveryError`
    when the service refuses, and what keystoneauth1 raises when it cannot be
    reached. Lists are generators that fetch page after page.
    """

    #: The paths carry the version, so that the catalogue's endpoint is used
    #: as it is and an outage is told as such, not as a missing version.
    skip_discovery = True

    #: Seconds to connect and to wait for an answer, for sessions without a
    #: timeout of their own: a frozen site accepts and never answers.
    timeout = (10.0, 120.0)

    _resource_registry = {
        'failover_group': _failover_group.FailoverGroup,
        'member': _member.Member,
        'operation': _operation.Operation,
        'recovery_point': _recovery_point.RecoveryPoint,
        'service': _service.Service,
        'site': _site.Site,
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        endpoint = options.get('endpoint_override')
        if endpoint:
            options['endpoint_override'] = endpoint.rstrip('/').removesuffix(
                '/v1'
            )
        super().__init__(*args, **options)
        self.default_microversion = self.default_microversion or MICROVERSION

    def request(
        self, url: str, method: str, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request; raises for every answer that is not a success."""
        if self.session.timeout is None:
            options.setdefault('timeout', self.timeout)
        response = super().request(url, method, *args, **options)
        if response.status_code >= 400:
            raise exceptions.from_response(response)
        self._require_json(response)
        return response

    def _require_json(self, response: requests.Response) -> None:
        kind = response.headers.get('Content-Type', '')
        if response.content and 'json' not in kind:
            raise exceptions.NotDisasterRecovery(
                f'{response.url} answered with {kind or "something"}, which '
                f'is not what a disaster recovery service says. Check the '
                f'disaster-recovery endpoint in the service catalogue.'
            )

    def sites(self) -> Iterator[_site.Site]:
        """List the sites."""
        return self._list(_site.Site)

    def get_site(self, name: str) -> _site.Site:
        """Get one site by its name."""
        return self._get(_site.Site, _quote(name))

    def services(self) -> Iterator[_service.Service]:
        """List the running parts of Aegis; for administrators."""
        return self._list(_service.Service)

    def failover_groups(
        self, max_items: int | None = None, **query: Any
    ) -> Iterator[_failover_group.FailoverGroup]:
        """List failover groups.

        :param max_items: stop after so many.
        :param query: name, state, protected_site, recovery_site,
            active_site, all_projects, project_id, limit (of one page),
            marker (the id to start behind), sort (``key:asc,key:desc``).
        """
        return self._listed(_failover_group.FailoverGroup, max_items, query)

    def get_failover_group(
        self, group: Group
    ) -> _failover_group.FailoverGroup:
        """Get a failover group by its id."""
        return self._get(_failover_group.FailoverGroup, group)

    def find_failover_group(
        self, name_or_id: str, all_projects: bool | None = None
    ) -> _failover_group.FailoverGroup:
        """Get a failover group by its name or id.

        :raises openstack.exceptions.NotFoundException: if there is none.
        :raises openstack.exceptions.DuplicateResource: if the name is that of
            several, which only happens over all projects.
        """
        if _is_uuid(name_or_id):
            try:
                return self.get_failover_group(name_or_id)
            except sdk_exceptions.NotFoundException:
                pass
        query = {'name': name_or_id}
        if all_projects:
            query['all_projects'] = 'true'
        named = list(self.failover_groups(max_items=2, **query))
        if not named:
            raise sdk_exceptions.NotFoundException(
                f'There is no failover group {name_or_id}. '
                f'Check its name and the project you are scoped to.'
            )
        if len(named) > 1:
            raise sdk_exceptions.DuplicateResource(
                f'Several projects have a failover group {name_or_id}. '
                f'Give its id.'
            )
        return named[0]

    def create_failover_group(
        self, **attributes: Any
    ) -> _failover_group.FailoverGroup:
        """Create a failover group.

        :param attributes: name and protected_site; optionally description,
            recovery_site, replication_type, on_member_failure, mappings.
        """
        return self._create(_failover_group.FailoverGroup, **attributes)

    def update_failover_group(
        self, group: Group, **attributes: Any
    ) -> _failover_group.FailoverGroup:
        """Change a failover group.

        Given a group rather than an id, the change is made only if nobody
        has changed the group since it was read.

        :param attributes: name, description, on_member_failure, mappings
            (all of them).
        :raises aegisclient.exceptions.RevisionConflict: if it has changed.
        """
        if isinstance(group, _failover_group.FailoverGroup):
            attributes['if_match'] = f'"{group.revision}"'
        return self._update(_failover_group.FailoverGroup, group, **attributes)

    def delete_failover_group(self, group: Group) -> None:
        """Delete a failover group, which must have no members."""
        self._delete(
            _failover_group.FailoverGroup, group, ignore_missing=False
        )

    def members(self, group: Group) -> Iterator[_member.Member]:
        """List the members of a failover group."""
        return self._list(_member.Member, failover_group_id=_id(group))

    def find_member(self, group: Group, name_or_id: str) -> _member.Member:
        """Get a member by its id, or its server's name or id.

        :raises openstack.exceptions.NotFoundException: if there is none.
        :raises aegisclient.exceptions.AmbiguousMember: if several fit.
        """
        found = [
            member
            for member in self.members(group)
            if name_or_id in (member.id, member.server_id, member.name)
        ]
        if not found:
            raise sdk_exceptions.NotFoundException(
                f'The failover group has no member {name_or_id}. '
                f'List its members for their names and ids.'
            )
        if len(found) > 1:
            ids = ', '.join(member.id for member in found)
            raise exceptions.AmbiguousMember(
                f'Several members are named {name_or_id}. '
                f'Give the id of one of them: {ids}.'
            )
        return found[0]

    def add_server(
        self, group: Group, server: str, wave: int | None = None
    ) -> _member.Member:
        """Make a server a member.

        :param server: name or id at the protected site.
        :param wave: members of a lower wave are brought up first.
        """
        attributes: dict[str, Any] = {'server': server}
        if wave is not None:
            attributes['wave'] = wave
        return self._create(
            _member.Member, failover_group_id=_id(group), **attributes
        )

    def remove_member(self, group: Group, member: str) -> None:
        """Take a member out of a group by the member's id."""
        self._delete(
            _member.Member,
            member,
            ignore_missing=False,
            failover_group_id=_id(group),
        )

    def recovery_points(
        self, group: Group, max_items: int | None = None
    ) -> Iterator[_recovery_point.RecoveryPoint]:
        """List the recovery points of a group, newest first."""
        return self._listed(
            _recovery_point.RecoveryPoint,
            max_items,
            {'failover_group_id': _id(group)},
        )

    def start_failover(
        self,
        group: Group,
        recovery_point: str | None = None,
        force: bool = False,
        reason: str | None = None,
    ) -> _operation.Operation:
        """Start to bring the group up at its recovery site.

        :param recovery_point: id; the newest one if not given.
        :param force: go on despite failed readiness checks; needs a reason.
        :param reason: kept with the operation.
        """
        arguments = {'recovery_point': recovery_point, 'reason': reason}
        return self._start(
            group,
            'failover',
            force=True if force else None,
            **arguments,
        )

    def start_capture(self, group: Group) -> _operation.Operation:
        """Start to capture anew what is needed to rebuild the members."""
        return self._start(group, 'capture')

    def operations(
        self, max_items: int | None = None, **query: Any
    ) -> Iterator[_operation.Operation]:
        """List operations, without their lanes.

        :param max_items: stop after so many.
        :param query: failover_group_id, state, type, all_projects,
            project_id, limit, marker, sort.
        """
        return self._listed(_operation.Operation, max_items, query)

    def get_operation(self, operation: Operation) -> _operation.Operation:
        """Get an operation with its lanes and their steps."""
        return self._get(_operation.Operation, _quote(_id(operation)))

    def retry_operation(self, operation: Operation) -> _operation.Operation:
        """Run again what failed in an operation that has ended."""
        return self._act(operation, 'retry')

    def cancel_operation(self, operation: Operation) -> _operation.Operation:
        """Ask an operation to stop after the step it is at."""
        return self._act(operation, 'cancel')

    def follow_operation(
        self,
        operation: Operation,
        interval: float = 2.0,
        patience: float = 300.0,
        on_trouble: Callable[[Exception], None] | None = None,
        wait: Callable[[float], Any] | None = None,
    ) -> Iterator[_operation.Operation]:
        """Yield an operation again and again until it has ended.

        The last one yielded has ended. The service may be away meanwhile.

        :param interval: seconds between two looks.
        :param patience: seconds without an answer after which to give up.
        :param on_trouble: told of each failure to get an answer.
        :param wait: called with the seconds to wait.
        :raises aegisclient.exceptions.OperationLost: if patience ran out.
        """
        operation_id = _id(operation)
        return following.follow(
            lambda: self.get_operation(operation_id),
            following.Pace(interval=interval, patience=patience),
            wait=wait or threading.Event().wait,
            on_trouble=on_trouble,
        )

    def _listed(
        self, resource_type: Any, max_items: int | None, query: dict[str, Any]
    ) -> Any:
        listed = self._list(resource_type, max_items=max_items, **query)
        return itertools.islice(listed, max_items)

    def _start(
        self, group: Group, type: str, **arguments: Any
    ) -> _operation.Operation:
        given = {
            key: value for key, value in arguments.items() if value is not None
        }
        response = self.post(
            f'/v1/failover-groups/{_id(group)}/operations',
            json={'operation': {'type': type, **given}},
        )
        return self._operation(response)

    def _act(self, operation: Operation, verb: str) -> _operation.Operation:
        response = self.post(f'/v1/operations/{_quote(_id(operation))}/{verb}')
        return self._operation(response)

    def _operation(self, response: requests.Response) -> _operation.Operation:
        return _operation.Operation.existing(
            connection=self._get_connection(), **response.json()['operation']
        )


def _id(value: Any) -> str:
    return value if isinstance(value, str) else value.id


def _quote(value: str) -> str:
    return parse.quote(value, safe='')


def _is_uuid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True
