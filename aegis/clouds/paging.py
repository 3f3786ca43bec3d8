# SPDX-License-Identifier: Apache-2.0
"""Lists that services hand out in pages."""

import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from aegis.common import exception

Query = Mapping[str, str | Sequence[str]]


def _next_marker(links: Sequence[Mapping[str, str]]) -> str | None:
    """The marker in the link to the next page.

    Only the marker is taken: behind a proxy the link itself may lead to an
    address that cannot be reached.
    """
    for link in links:
        if link['rel'] == 'next':
            query = urllib.parse.urlsplit(link['href']).query
            return urllib.parse.parse_qs(query)['marker'][0]
    return None


def _page(get: Callable[[str], Any], path: str) -> Any:
    try:
        return get(path)
    except exception.CloudNotFound as error:
        raise exception.CloudError(
            error.detail,
            remedy=(
                'See whether the service catalogue leads to the service, '
                'and what else answers there.'
            ),
            details=error.details,
        ) from error


def items(
    get: Callable[[str], Any],
    path: str,
    collection: str,
    query: Query | None = None,
) -> Iterator[dict[str, Any]]:
    """Every item of a list, page by page.

    :param get: makes a GET call and returns the decoded body.
    :param query: values that are sequences are repeated in the URL.
    :raises aegis.common.exception.CloudError: when the service says that
        there is no such list. It is never a ``CloudNotFound``: nothing in
        the list may count as gone because of it.
    """
    parameters: dict[str, str | Sequence[str]] = dict(query or {})
    while True:
        encoded = urllib.parse.urlencode(parameters, doseq=True)
        body = _page(get, f'{path}?{encoded}' if encoded else path)
        yield from body[collection]
        marker = _next_marker(body.get(f'{collection}_links', ()))
        if marker is None or marker == parameters.get('marker'):
            return
        parameters['marker'] = marker
