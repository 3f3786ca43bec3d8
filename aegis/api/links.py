# SPDX-License-Identifier: Apache-2.0
"""URLs of what the API has."""

import urllib.parse
from collections.abc import Mapping
from typing import Any

import webob

Link = dict[str, str]


def base_url(request: webob.Request) -> str:
    """Where the API is, as clients reach it, without a slash at the end."""
    configured = request.services.conf.api.public_endpoint
    return (configured or request.application_url).rstrip('/')


def self_links(request: webob.Request, *path: str) -> list[Link]:
    """The link of a thing to itself.

    :param path: its path in parts, without the version.
    """
    quoted = [urllib.parse.quote(part, safe='') for part in path]
    href = '/'.join([base_url(request), 'v1', *quoted])
    return [{'rel': 'self', 'href': href}]


def next_links(
    request: webob.Request, query: Mapping[str, Any], marker: str | None
) -> list[Link]:
    """The link of a page to the next one.

    :param marker: id of the last item of this page; None if it is the last.
    """
    if marker is None:
        return []
    following = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
    }
    following['marker'] = marker
    href = (
        f'{base_url(request)}{request.path_info}'
        f'?{urllib.parse.urlencode(following)}'
    )
    return [{'rel': 'next', 'href': href}]
