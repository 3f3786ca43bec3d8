# SPDX-License-Identifier: Apache-2.0
"""What the parts of the mirror know of it as a whole."""

from contextlib import AbstractContextManager
from typing import Protocol

from flasharray_simulator.array import FlashArray


class Mirror(Protocol):
    """What is known of the pods that two arrays have.

    ``busy`` are pods that are being changed as a whole right now:
    changes of their contents wait for the lock of the pair;
    ``confirmed`` the arrays that are known to have the same pods.
    """

    array: FlashArray
    busy: set[str]
    confirmed: set[str]

    def privately(self) -> AbstractContextManager[None]: ...
