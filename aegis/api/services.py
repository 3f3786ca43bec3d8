# SPDX-License-Identifier: Apache-2.0
"""What controllers work with."""

import dataclasses
from typing import Any, Protocol

from oslo_config import cfg

from aegis.common import context as aegis_context
from aegis.common import policy, rpc
from aegis.engine import rpcapi

Context = aegis_context.RequestContext


class Engine(Protocol):
    """What the API asks of an engine; errors are those of Aegis."""

    def run_operation(self, context: Context, operation_id: str) -> None:
        """Wake an engine up to run an operation; returns at once."""

    def add_member(
        self, context: Context, group_id: str, server: str, wave: int
    ) -> str:
        """Put a server into a group; returns the member's id."""

    def list_recovery_points(
        self, context: Context, group_id: str, limit: int
    ) -> list[dict[str, Any]]:
        """The newest complete recovery points, the newest first."""

    def resolve_protected_project(
        self, context: Context, protected_site: str
    ) -> str:
        """The id of the tenant's project at the protected site."""


@dataclasses.dataclass(frozen=True)
class ApiServices:
    """Built once per process; ``description`` is the OpenAPI document."""

    conf: cfg.ConfigOpts
    authorizer: policy.Authorizer
    engine: Engine
    description: dict[str, Any]


def engine_over_bus(conf: cfg.ConfigOpts) -> Engine:
    """An engine somewhere, reached over the message bus."""
    return rpcapi.EngineAPI(conf, rpc.Bus(conf))
