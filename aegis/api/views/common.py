# SPDX-License-Identifier: Apache-2.0
import datetime
from typing import overload


@overload
def moment(value: datetime.datetime) -> str: ...


@overload
def moment(value: None) -> None: ...


def moment(value: datetime.datetime | None) -> str | None:
    """A moment as the API writes it: ISO 8601, UTC, with Z."""
    if value is None:
        return None
    text = value.astimezone(datetime.UTC).isoformat(timespec='microseconds')
    return text.replace('+00:00', 'Z')
