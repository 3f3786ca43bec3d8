# SPDX-License-Identifier: Apache-2.0
"""The replication port: where peers ask this array for things."""

import json
import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import (
    fleets,
    greeting,
    group_receiver,
    pod_stage,
    wire,
)
from flasharray_simulator.replication.wire import Rejected, Verb

LOG = logging.getLogger(__name__)

MODULES = (greeting, group_receiver, pod_stage, fleets)
_GREETING = 'hello'
_MANAGEMENT = ('retype', 'goodbye', fleets.JOIN)


class Receiver:
    """A WSGI application; each verb runs in one transaction."""

    def __init__(self, array: FlashArray) -> None:
        self._array = array
        self._verbs: dict[str, Verb] = {}
        for module in MODULES:
            self._verbs.update(module.verbs(array))

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except Rejected as error:
            response = Response(str(error), 409)
        except Exception:
            LOG.exception('replication %s failed', request.path)
            response = Response('failed', 500)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        path = request.path.strip('/')
        verb = self._verbs.get(path)
        if verb is None or request.method != 'POST':
            return Response('unknown', 404)
        header, payload = wire.unpack(request.get_data())
        with self._array.transaction():
            if self._array.link_is_cut(header['source']):
                return Response('link is cut', 503)
            if self._array.management_is_cut(header['source']):
                if path == _GREETING:
                    return _json({})
                if path in _MANAGEMENT:
                    return Response('management link is cut', 503)
            answer = verb(header, payload)
        return _json(answer)


def _json(answer: wire.Header) -> Response:
    return Response(json.dumps(answer), 200, content_type='application/json')
