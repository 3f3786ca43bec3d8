# SPDX-License-Identifier: Apache-2.0
"""What services answer to GET calls, whatever client makes the calls."""

from collections.abc import Callable, Iterator
from typing import Any

from keystoneauth1 import adapter

from aegis.clouds import objects, paging


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


def of_client(client: Any) -> Reader:
    """The reader of a client of novaclient's or cinderclient's."""

    def get(path: str) -> Any:
        _, body = client.client.get(path)
        return body

    return Reader(get)


def of_adapter(client: adapter.Adapter) -> Reader:
    """The reader of a plain keystoneauth adapter."""
    return Reader(lambda path: client.get(path).json())
