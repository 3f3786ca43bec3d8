# SPDX-License-Identifier: Apache-2.0
"""What the disaster recovery service answers when it says no.

Each error is also the exception of openstacksdk for its HTTP status, so
code that knows nothing of Aegis catches it as it would any other.
"""

import dataclasses
from typing import Any

import requests
from openstack import exceptions as sdk_exceptions


@dataclasses.dataclass(frozen=True)
class Problem:
    """The first error of an API-SIG error body.

    ``code``, ``remedy`` and ``request_id`` are None when the answer did
    not come from the service itself, for instance from a proxy before it.
    ``reasons`` is the structured part: one mapping per thing refused.
    """

    detail: str
    status: int
    remedy: str | None = None
    code: str | None = None
    request_id: str | None = None
    reasons: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        lines = [self.detail]
        lines.extend(f'  - {_describe(reason)}' for reason in self.reasons)
        lines.append(' '.join(filter(None, (self.remedy, self._origin))))
        return '\n'.join(lines)

    @property
    def _origin(self) -> str:
        parts = (self.code, f'HTTP {self.status}', self.request_id)
        return f'({", ".join(filter(None, parts))})'


def _describe(reason: dict[str, Any]) -> str:
    subject = _volume(reason) or ', '.join(
        f'{key} {value}'
        for key, value in reason.items()
        if key not in ('reason', 'code') and value is not None
    )
    text = ': '.join(filter(None, (subject, reason.get('reason'))))
    return f'{text} ({reason["code"]})' if reason.get('code') else text


def _volume(reason: dict[str, Any]) -> str | None:
    if 'volume_id' not in reason:
        return None
    name, volume_id = reason.get('name'), reason['volume_id']
    return f'volume {name} ({volume_id})' if name else f'volume {volume_id}'


class DisasterRecoveryError(sdk_exceptions.HttpException):
    """The service refused or failed a request; ``problem`` says it all."""

    def __init__(self, problem: Problem, response: requests.Response) -> None:
        super().__init__(
            message=problem.detail,
            response=response,
            details=problem.remedy,
        )
        self.problem = problem
        self.request_id = problem.request_id

    @property
    def code(self) -> str | None:
        """The stable code, for instance ``aegis.failover_group.busy``."""
        return self.problem.code

    def __str__(self) -> str:
        return str(self.problem)


class BadRequest(DisasterRecoveryError, sdk_exceptions.BadRequestException):
    """HTTP 400."""


class Forbidden(DisasterRecoveryError, sdk_exceptions.ForbiddenException):
    """HTTP 403."""


class NotFound(DisasterRecoveryError, sdk_exceptions.NotFoundException):
    """HTTP 404."""


class Conflict(DisasterRecoveryError, sdk_exceptions.ConflictException):
    """HTTP 409."""


class RevisionConflict(
    DisasterRecoveryError, sdk_exceptions.PreconditionFailedException
):
    """HTTP 412: the object has changed since it was read."""


class ServiceUnavailable(DisasterRecoveryError):
    """HTTP 502, 503 or 504: asking again later may succeed."""


class NotDisasterRecovery(sdk_exceptions.InvalidResponse):
    """Something answered, but not with what the API answers."""


class AmbiguousMember(sdk_exceptions.DuplicateResource):
    """A name fits more than one member of a group."""


class OperationLost(sdk_exceptions.ResourceTimeout):
    """The service stopped answering while an operation was watched."""


_CLASSES: dict[int, type[DisasterRecoveryError]] = {
    400: BadRequest,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: RevisionConflict,
    502: ServiceUnavailable,
    503: ServiceUnavailable,
    504: ServiceUnavailable,
}


def from_response(response: requests.Response) -> DisasterRecoveryError:
    """The error that a response of status 400 or more stands for."""
    problem = _problem(response)
    return _CLASSES.get(response.status_code, DisasterRecoveryError)(
        problem, response
    )


def _problem(response: requests.Response) -> Problem:
    body: Any = _json_object(response)
    request_id = response.headers.get('x-openstack-request-id')
    match body:
        case {'errors': [{'detail': str(detail)} as error, *_]}:
            return Problem(
                detail=detail,
                status=response.status_code,
                remedy=error.get('remedy') or _remedy(response.status_code),
                code=error.get('code'),
                request_id=error.get('request_id') or request_id,
                reasons=_reasons(error.get('details')),
            )
        case {'error': {'message': str(message)}}:
            said = f': {message}'
        case _:
            said = ' and did not say why.'
    return Problem(
        detail=(
            f'The disaster recovery service at {response.url} answered '
            f'{response.status_code} {response.reason}{said}'
        ),
        status=response.status_code,
        remedy=_remedy(response.status_code),
        request_id=request_id,
    )


def _json_object(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _reasons(details: object) -> tuple[dict[str, Any], ...]:
    if not isinstance(details, list):
        return ()
    return tuple(
        detail if isinstance(detail, dict) else {'reason': str(detail)}
        for detail in details
    )


def _remedy(status: int) -> str | None:
    return _REMEDIES.get(status)


_REMEDIES = {
    401: (
        'Check that your credentials are for this site: each site has its '
        'own Keystone.'
    ),
    404: (
        'Check that the disaster-recovery endpoint in the service catalogue '
        'is the root of the API.'
    ),
    406: (
        'Choose an API version that client and service both speak, or '
        'upgrade the older of them.'
    ),
    502: 'The service behind the proxy is down; ask its operator.',
    503: 'Try again shortly; if it stays so, ask the operator of aegis-api.',
    504: 'Try again shortly; if it stays so, ask the operator of aegis-api.',
}
