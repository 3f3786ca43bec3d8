# SPDX-License-Identifier: Apache-2.0
"""A line per request, and its id on every line in between."""

import time
import urllib.parse
from typing import Any

import webob
import webob.dec
from oslo_log import log as logging
from oslo_middleware import request_id

from aegis.common import context as aegis_context

LOG = logging.getLogger(__name__)


class RequestLog:
    """Logs who asked what, how it ended and how long it took."""

    def __init__(self, application: object) -> None:
        self._application = application

    @webob.dec.wsgify
    def __call__(self, request: webob.Request) -> webob.Response:
        # Until Keystone's middleware has said who asks, lines have at least
        # the id of the request.
        aegis_context.RequestContext(
            request_id=request.environ[request_id.ENV_REQUEST_ID],
            global_request_id=request.environ.get(request_id.GLOBAL_REQ_ID),
        )
        started = time.monotonic()
        response = request.get_response(self._application)
        LOG.info(
            '%s "%s %s" status: %s length: %s time: %.3f',
            request.remote_addr,
            request.method,
            _path_with_query(request.environ),
            response.status_int,
            response.content_length,
            time.monotonic() - started,
        )
        return response


def _path_with_query(environ: dict[str, Any]) -> str:
    # Whatever bytes the client sent, this is text that can be logged.
    path = urllib.parse.quote(environ.get('PATH_INFO', ''), encoding='latin-1')
    query = environ.get('QUERY_STRING')
    return f'{path}?{query}' if query else path
