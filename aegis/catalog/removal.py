# SPDX-License-Identifier: Apache-2.0
"""Removing what Aegis made, as far as the services let it."""

from collections.abc import Callable
from typing import ParamSpec

from aegis import models
from aegis.common import exception, failure

_Arguments = ParamSpec('_Arguments')


class Removal:
    """Makes removing calls and remembers those that did not help."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._leftovers: list[models.Leftover] = []

    def remove(
        self,
        resource_type: str,
        name: str,
        call: Callable[_Arguments, None],
        *ids: _Arguments.args,
        **values: _Arguments.kwargs,
    ) -> None:
        """Make one call for something that was just seen.

        That it is gone is not believed either: whoever looks again sees.

        :raises aegis.common.exception.CloudUnavailable: to be repeated.
        """
        try:
            call(*ids, **values)
        except exception.CloudUnavailable:
            raise
        except exception.CloudError as error:
            self._leftovers.append(
                models.Leftover(
                    service=self._service,
                    resource_type=resource_type,
                    resource_id='/'.join(map(str, ids)),
                    name=name,
                    reason=failure.describe(error).reason,
                )
            )

    @property
    def leftovers(self) -> tuple[models.Leftover, ...]:
        """What is still there, and why."""
        return tuple(self._leftovers)
