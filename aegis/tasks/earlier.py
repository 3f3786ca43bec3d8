# SPDX-License-Identifier: Apache-2.0
"""The step that clears up what earlier attempts of a member left."""

from collections.abc import Iterator

from aegis import models
from aegis.common import exception
from aegis.tasks import (
    access,
    base,
    compute,
    network,
    results,
    storage,
    volume,
)


class ClearEarlierAttempts(access.GroupTask):
    """Remove what an earlier attempt made for the member and could not undo.

    It may be of another recovery point, or may have been written to, so
    nothing of it is used again. Only what carries the birth of this
    operation and member is touched; volumes are destroyed at the array in a
    way that can be taken back until it eradicates them.

    Reversion strategy: try once more, and tell what stays.
    """

    step = 'clear_earlier_attempts'
    service = 'nova'
    result_type = results.Recorded
    undo_persists = True
    provides = 'cleared'

    _cleared = False

    def observe(self) -> results.Recorded | None:
        attempt = self.environment.operation.attempt
        if attempt == 1 or self._cleared:
            return results.Recorded(f'before attempt {attempt}')
        return None

    def act(self) -> base.Births:
        remains = self._clear()
        if remains:
            raise exception.EarlierAttemptRemains(
                remains='; '.join(
                    f'{each.service} {each.resource_type} {each.name} '
                    f'({each.resource_id}): {each.reason}'
                    for each in remains
                )
            )
        self._cleared = True
        return {}

    def undo(
        self, result: results.Recorded | None
    ) -> tuple[models.Leftover, ...]:
        if result is not None:
            return ()
        return self._clear()

    def _clear(self) -> tuple[models.Leftover, ...]:
        """Undo all steps that make things, in the order of an undoing run."""
        return tuple(self._remains())

    def _remains(self) -> Iterator[models.Leftover]:
        environment = self.environment
        self.forget_looks()
        yield from network.AssociateFloatingIps(environment).undo(None)
        yield from compute.CreateServer(environment).undo(None)
        self.forget_looks()
        yield from network.CreatePorts(environment).undo(None)
        yield from volume.ManageVolumes(environment).undo(None, ())
        self.forget_looks()
        promotion = self.shared(storage.PromoteVolumes)
        yield from storage.discard_earlier(self, promotion.array)
