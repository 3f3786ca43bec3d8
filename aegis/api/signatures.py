# SPDX-License-Identifier: Apache-2.0
"""What parameters controllers have, found out once."""

import functools

from pecan import util


@functools.cache
def remember() -> None:
    """Let pecan look at the signature of a method once. Idempotent.

    Pecan 1.8 looks at those of all controllers on a path several times for
    each request, and makes a new class each time: a third of what showing an
    object takes.
    """
    util._getargspec = functools.cache(util._getargspec)
