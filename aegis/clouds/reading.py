# SPDX-License-Identifier: Apache-2.0
"""What services answer to GET calls, whatever client makes the calls."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from keystoneauth1 import adapter

from aegis.clouds import objects, paging
from aegis.common import exception

Thing = TypeVar('Thing')


class Memory(Generic[Thing]):
    """What the things of a list were made into, while they stay the same.

    A list is looked at again and again while little of it changes, and to
    compare an answer takes less time than to make objects of it. Thread safe
    in that two lists at a time cost what they save.

    :param make: makes an object of an item with an id.
    """

    def __init__(self, make: Callable[[dict[str, Any]], Thing]):
        self._make = make
        self._known: dict[str, tuple[dict[str, Any], Thing]] = {}

    def recall(self, items: Iterable[dict[str, Any]]) -> tuple[Thing, ...]:
        """The objects of all items, and nothing is remembered of others."""
        known, now = self._known, {}
        for item in items:
            before = known.get(item['id'])
            if before is None or before[0] != item:
                before = (item, self._make(item))
            now[item['id']] = before
        self._known = now
        return tuple(thing for _, thing in now.values())


class Reader:
    """Reads from one service.

    :param get: makes a GET call and returns the decoded body.
    """

    def __init__(self, get: Callable[[str], Any]):
        self.get = get

    def items(
        self, path: str, collection: str, query: paging.Query | None = None
    ) -> Iterator[dict[str, Any]]:
        """Every item of a list; see :func:`aegis.clouds.paging.items`."""
        return paging.items(self.get, path, collection, query)

    def quotas(
        self, path: str, collection: str, used: str
    ) -> tuple[objects.QuotaLine, ...]:
        """Quotas in the order of their names; what is reserved is used.

        :param used: what the service calls that which is in use.
        """
        quotas = self.get(path)[collection]
        return tuple(
            objects.QuotaLine(
                resource=resource,
                limit=quota['limit'],
                used=quota[used] + quota['reserved'],
            )
            for resource, quota in sorted(quotas.items())
            # Nova and Cinder tell the project's id among its quotas.
            if resource != 'id'
        )


def some(ids: Iterable[str], get: Callable[[str], Thing]) -> Iterator[Thing]:
    """Read things one by one, and leave out those that are not there."""
    for id in ids:
        with contextlib.suppress(exception.CloudNotFound):
            yield get(id)


def of_client(client: Any) -> Reader:
    """The reader of a client of novaclient's or cinderclient's."""

    def get(path: str) -> Any:
        _, body = client.client.get(path)
        return body

    return Reader(get)


def of_adapter(client: adapter.Adapter) -> Reader:
    """The reader of a plain keystoneauth adapter."""
    return Reader(lambda path: client.get(path).json())
