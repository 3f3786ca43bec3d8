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
    mirror_verbs,
    pod_link_receiver,
    pod_list,
    pod_stage,
    remote_groups,
    remote_hosts,
    wire,
)
from flasharray_simulator.replication.wire import Rejected, Verb

LOG = logging.getLogger(__name__)

MODULES = (
    greeting,
    group_receiver,
    pod_list,
    pod_stage,
    pod_link_receiver,
    fleets,
    remote_groups,
    remote_hosts,
)
OWN_TRANSACTION = (mirror_verbs,)
_GREETING = 'hello'
_MANAGEMENT = ('retype', 'goodbye', fleets.JOIN)


class Receiver:
    """A WSGI application; each verb runs in one transaction.

    Those of OWN_TRANSACTION open their own.
    """

    def __init__(self, array: FlashArray) -> None:
        self._array = array
        self._verbs: dict[str, Verb] = {}
        for module in MODULES:
            self._verbs.update(module.verbs(array))
        self._free_verbs: dict[str, Verb] = {}
        for free in OWN_TRANSACTION:
            self._free_verbs.update(free.verbs(array))

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
        name = request.path.strip('/')
        known = name in self._verbs or name in self._free_verbs
        if not known or request.method != 'POST':
            return Response('unknown', 404)
        header, payload = wire.unpack(request.get_data())
        if name in self._free_verbs:
            with self._array.lock:
                cut = self._is_cut(name, header['source'])
            if cut:
                return _cut()
            return _json(self._free_verbs[name](header, payload))
        return self._array.run(lambda: self._answer(name, header, payload))

    def _answer(
        self, name: str, header: wire.Header, payload: bytes
    ) -> Response:
        source = header['source']
        if name == _GREETING and self._array.management_is_cut(source):
            cut = self._array.link_is_cut(source)
            return _cut() if cut else _json({})
        if self._is_cut(name, source):
            return _cut()
        return _json(self._verbs[name](header, payload))

    def _is_cut(self, name: str, source: str) -> bool:
        if name in mirror_verbs.MANAGING:
            return self._array.management_is_cut(source)
        if name in _MANAGEMENT and self._array.management_is_cut(source):
            return True
        return self._array.link_is_cut(source)


def _cut() -> Response:
    return Response('link is cut', 503)


def _json(answer: wire.Header) -> Response:
    return Response(json.dumps(answer), 200, content_type='application/json')
