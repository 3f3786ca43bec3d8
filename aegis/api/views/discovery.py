# SPDX-License-Identifier: Apache-2.0
from typing import Any

import webob

from aegis.api import links, versions


def version(request: webob.Request) -> dict[str, Any]:
    """Version 1 of the API, as service discovery wants it."""
    return {
        'id': 'v1',
        'status': 'CURRENT',
        'min_version': versions.MIN_VERSION,
        'version': versions.MAX_VERSION,
        'links': [
            {'rel': 'self', 'href': f'{links.base_url(request)}/v1'},
        ],
    }
