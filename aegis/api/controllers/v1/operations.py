# SPDX-License-Identifier: Apache-2.0
"""/v1/operations"""

import http
from collections.abc import Mapping
from typing import Any, ClassVar

import pecan

from aegis import models
from aegis.api import decorators, links, pages
from aegis.api.controllers import base
from aegis.api.schemas.v1 import operations as schema
from aegis.api.views import operations as view
from aegis.db import lanes, operations, steps
from aegis.policies import operations as policy


def _list_policy(query: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    if query.get('all_projects'):
        return policy.LIST_ALL_PROJECTS
    return policy.LIST


class OperationsController(base.Controller):
    _custom_actions: ClassVar[dict[str, list[str]]] = {
        'steps': ['GET'],
        'retry': ['POST'],
        'cancel': ['POST'],
    }

    @decorators.expose(
        policy.LIST, policy.LIST_ALL_PROJECTS, choose=_list_policy
    )
    @decorators.validate(
        query=schema.LIST_QUERY, response=schema.LIST_RESPONSE
    )
    def get_all(self, query: dict[str, Any]) -> dict[str, Any]:
        """List operations, the newest first."""
        wanted = pages.read(
            query, schema.FILTERS, base.context(), base.services().conf
        )
        page = pages.cut(
            operations.list_operations(base.context(), **wanted.arguments),
            wanted,
        )
        return {
            'operations': [
                view.show(pecan.request, operation) for operation in page.items
            ],
            'operations_links': links.next_links(
                pecan.request, query, page.marker
            ),
        }

    @decorators.expose(policy.SHOW)
    @decorators.validate(response=schema.SHOW_RESPONSE)
    def get_one(self, operation_id: str) -> dict[str, Any]:
        """Show an operation with its lanes and their steps."""
        operation = operations.get_operation(base.context(), operation_id)
        return {
            'operation': {
                **view.show(pecan.request, operation),
                'lanes': view.lanes(
                    lanes.list_lanes(base.context(), operation.id),
                    steps.list_steps(base.context(), operation.id),
                ),
            }
        }

    @decorators.expose(policy.SHOW)
    @decorators.validate(
        query=schema.STEPS_QUERY, response=schema.STEPS_RESPONSE
    )
    def steps(
        self, operation_id: str, query: dict[str, Any]
    ) -> dict[str, Any]:
        """List the steps of an operation, of all its attempts."""
        operation = operations.get_operation(base.context(), operation_id)
        wanted = pages.read(query, {}, base.context(), base.services().conf)
        page = pages.cut(
            steps.list_steps(
                base.context(), operation.id, wanted.limit + 1, wanted.marker
            ),
            wanted,
        )
        return {
            'steps': view.steps(
                lanes.list_lanes(base.context(), operation.id), page.items
            ),
            'steps_links': links.next_links(pecan.request, query, page.marker),
        }

    @decorators.expose(policy.RETRY, status=http.HTTPStatus.ACCEPTED)
    @decorators.validate(response=schema.ACTION_RESPONSE)
    def retry(self, operation_id: str) -> dict[str, Any]:
        """Run once more what failed of an operation."""
        return self._answer(
            operations.retry_operation(base.context(), operation_id)
        )

    @decorators.expose(policy.CANCEL, status=http.HTTPStatus.ACCEPTED)
    @decorators.validate(response=schema.ACTION_RESPONSE)
    def cancel(self, operation_id: str) -> dict[str, Any]:
        """Stop an operation between two steps and undo it."""
        return self._answer(
            operations.request_cancel(base.context(), operation_id)
        )

    def _answer(self, operation: models.Operation) -> dict[str, Any]:
        base.services().engine.run_operation(base.context(), operation.id)
        answer = {'operation': view.show(pecan.request, operation)}
        pecan.response.location = answer['operation']['links'][0]['href']
        return answer
