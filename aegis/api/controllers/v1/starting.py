# SPDX-License-Identifier: Apache-2.0
"""/v1/failover-groups/{group_id}/operations"""

import http
from collections.abc import Mapping
from typing import Any

import pecan

from aegis import models
from aegis.api import decorators
from aegis.api.controllers import base
from aegis.api.schemas.v1 import operations as schema
from aegis.api.views import operations as view
from aegis.common import exception
from aegis.db import operations
from aegis.policies import operations as policy

_POLICIES = {
    models.OperationType.FAILOVER: policy.FAILOVER,
    models.OperationType.CAPTURE: policy.CAPTURE,
}

_RECOVERS = frozenset({models.OperationType.FAILOVER})


def _start_policy(query: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    return _POLICIES[models.OperationType(body['operation']['type'])]


class GroupOperationsController(base.Controller):
    @decorators.expose(
        *_POLICIES.values(),
        choose=_start_policy,
        status=http.HTTPStatus.ACCEPTED,
    )
    @decorators.validate(
        body=schema.CREATE_REQUEST, response=schema.ACTION_RESPONSE
    )
    def post(self, group_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Start an operation on a failover group.

        The answer comes at once; its Location is where progress is seen.
        """
        arguments = dict(body['operation'])
        operation_type = models.OperationType(arguments.pop('type'))
        _require_sense(operation_type, arguments)
        operation = operations.create_operation(
            base.context(), group_id, operation_type, arguments
        )
        base.services().engine.run_operation(base.context(), operation.id)
        answer = {'operation': view.show(pecan.request, operation)}
        pecan.response.location = answer['operation']['links'][0]['href']
        return answer


def _require_sense(
    operation_type: models.OperationType, arguments: Mapping[str, Any]
) -> None:
    if 'recovery_point' in arguments and operation_type not in _RECOVERS:
        raise exception.BadRequest(
            reason=f'a {operation_type} recovers nothing.',
            remedy='Leave recovery_point out.',
        )
    if arguments.get('force') and not arguments.get('reason', '').strip():
        raise exception.BadRequest(
            reason='force needs a reason, which is recorded.',
            remedy='Say in reason why the checks may be overruled.',
        )
