# SPDX-License-Identifier: Apache-2.0
"""What controllers have in common."""

from typing import Any

import pecan
from pecan import rest, util

from aegis.api import services as api_services
from aegis.common import context as aegis_context


def context() -> aegis_context.RequestContext:
    """Who asks."""
    return pecan.request.context


def services() -> api_services.ApiServices:
    """What there is to work with."""
    return pecan.request.services


class Controller(rest.RestController):
    """A resource of the API."""

    def _lookup_child(self, remainder: str) -> Any:
        # Pecan would walk into any attribute that a path names.
        child = super()._lookup_child(remainder)
        if isinstance(child, rest.RestController) or util.iscontroller(child):
            return child
        return None


class Directory(Controller):
    """A path with other paths below it, known by name."""

    @pecan.expose()
    def _lookup(self, name: str, *remainder: str) -> None:
        # Pecan would say that the method is wrong, not the path.
        child = self._lookup_child(name)
        if not isinstance(child, rest.RestController):
            pecan.abort(404)
