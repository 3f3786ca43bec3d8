# SPDX-License-Identifier: Apache-2.0
"""The JSON around every answer: success and error."""

from collections.abc import Sequence
from typing import Any

import orjson

from flasharray_simulator import errors
from flasharray_simulator.call import Answer, Item
from flasharray_simulator.errors import ErrorItem

# Clients read these statuses as written by a gateway in front of the API.
_GATEWAY_STATUSES = (403, 429)


def success(answer: Answer) -> bytes:
    """Return the body of a 200; empty when the answer has no items."""
    if answer.items is None:
        return b''
    body: dict[str, Any] = {
        'continuation_token': answer.continuation_token,
        'items': [public(item) for item in answer.items],
        'more_items_remaining': answer.more,
        'total_item_count': answer.total_item_count,
    }
    if answer.total is not None:
        body['total'] = answer.total
    body.update(answer.extra)
    return orjson.dumps(body)


def public(item: Item) -> Item:
    """Return the item without what only filters see (``.tags``)."""
    return {key: v for key, v in item.items() if not key.startswith('.')}


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
        return orjson.dumps({'message': items[0].message})
    return orjson.dumps({'errors': errors.rows(items)})
