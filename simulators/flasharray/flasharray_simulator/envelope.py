# SPDX-License-Identifier: Apache-2.0
"""The JSON around every answer: success and error."""

import json
from collections.abc import Sequence
from typing import Any

from flasharray_simulator import errors
from flasharray_simulator.call import Answer
from flasharray_simulator.errors import ErrorItem

# Clients read these statuses as written by a gateway in front of the API.
_GATEWAY_STATUSES = (403, 429)


def success(answer: Answer) -> bytes:
    """Return the body of a 200; empty when the answer has no items."""
    if answer.items is None:
        return b''
    body: dict[str, Any] = {
        'continuation_token': answer.continuation_token,
        'items': answer.items,
        'more_items_remaining': answer.more,
        'total_item_count': answer.total_item_count,
    }
    if answer.total is not None:
        body['total'] = answer.total
    body.update(answer.extra)
    return json.dumps(body).encode()


def failure(
    status: int,
    items: Sequence[ErrorItem],
    as_gateway: bool | None = None,
) -> bytes:
    """Return the body of any other status.

    ``as_gateway`` overrides what is usual for the status.
    """
    if as_gateway is None:
        as_gateway = status in _GATEWAY_STATUSES
    if as_gateway:
        return json.dumps({'message': items[0].message}).encode()
    return json.dumps({'errors': errors.rows(items)}).encode()
