# SPDX-License-Identifier: Apache-2.0
"""The wall clock. A test replaces :func:`now`."""

import datetime


def now() -> datetime.datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return datetime.datetime.now(datetime.UTC)
