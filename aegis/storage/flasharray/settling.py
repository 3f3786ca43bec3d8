# SPDX-License-Identifier: Apache-2.0
"""Change something at the array without ever doing it twice."""

import collections.abc
import typing

from aegis.storage import errors
from aegis.storage.flasharray import faults

ACTS = 2
# Each is somebody else's progress: what is in the way, another one made.
_MOST_RACES = 50

Plan = typing.TypeVar('Plan')


def settle(
    look: collections.abc.Callable[[], Plan],
    act: collections.abc.Callable[[Plan], None],
) -> Plan:
    """Look what is to be done, do it, and look again until it is done.

    ``look`` returns a plan that is false when nothing is left to do; that
    plan is returned. When the array does not tell whether it did
    something, or something appeared or vanished meanwhile, looking tells.
    Raises what
    ``act`` raised last, or
    :class:`~aegis.storage.errors.ArrayFailed` when the array reported a
    success that cannot be seen.
    """
    doubt: errors.StorageError = errors.ArrayFailed(
        'The array reported success, but what it should have done cannot '
        'be seen there.'
    )
    acts = races = 0
    while plan := look():
        if acts == ACTS or races == _MOST_RACES:
            raise doubt
        try:
            act(plan)
            acts += 1
        except faults.AlreadyExists as error:
            doubt = error
            races += 1
        except (faults.OutcomeUnknown, errors.NotFound) as error:
            doubt = error
            acts += 1
    return plan
