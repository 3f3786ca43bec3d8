# SPDX-License-Identifier: Apache-2.0
"""The side door: what a test does to an array behind its API's back."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from flasharray_simulator import (
    door_control,
    door_data,
    door_fabric,
    inventory,
)
from flasharray_simulator.errors import ApiError

if TYPE_CHECKING:
    from flasharray_simulator.simulator import Simulator

LOG = logging.getLogger(__name__)

Body = dict[str, Any]


BOTH = 'both'
LINKS = {
    BOTH: ('cut_links', 'cut_management'),
    'replication': ('cut_links',),
    'management': ('cut_management',),
}


class DoorError(Exception):
    """The door was asked for something that makes no sense."""


class DoorApplication:
    """``POST /<command>`` with a JSON object; ``/content`` has the bytes.

    Answers 200 with JSON, or 400 with ``{"error": text}``.
    """

    def __init__(self, simulator: 'Simulator') -> None:
        self._simulator = simulator
        self._array = simulator.array
        self._commands: dict[str, Callable[[Body], Any]] = {
            'status': self._status,
            'digest': self._digest,
            'clock': self._clock,
            'set-clock': self._set_clock,
            'advance-clock': self._advance_clock,
            'clock-rate': self._clock_rate,
            'link': self._link,
            'bandwidth': self._bandwidth,
            'freeze-transfers': self._freeze,
            'call-log': self._call_log,
            'clear-call-log': self._clear_call_log,
            'objects': self._objects,
            **door_data.commands(simulator.array),
            **door_fabric.commands(simulator.array),
            **door_control.commands(simulator),
        }

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            response = self._respond(Request(environ))
        except (ApiError, DoorError, KeyError, ValueError, TypeError) as error:
            response = _json({'error': _text(error)}, 400)
        except Exception as error:
            LOG.exception('the side door failed')
            response = _json({'error': repr(error)}, 500)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        path = request.path.strip('/')
        if path == 'content':
            return self._content(request)
        command = self._commands.get(path)
        if command is None or request.method != 'POST':
            return _json({'error': f'no such command: {path}'}, 404)
        body = json.loads(request.get_data() or b'{}')
        return _json(command(body))

    def _content(self, request: Request) -> Response:
        name = request.args['name']
        offset = int(request.args['offset'])
        host = request.args.get('host')
        if request.method == 'PUT':
            data = request.get_data()
            door_data.write(self._array, name, offset, data, host)
            return _json({})
        length = int(request.args['length'])
        data = door_data.read(self._array, name, offset, length, host)
        return Response(data, 200, content_type='application/octet-stream')

    def _status(self, body: Body) -> Body:
        with self._array.lock:
            settings = self._array.settings
            environment = self._array.environment
            return {
                'name': settings.name,
                'id': settings.array_id,
                'powered': self._simulator.powered,
                'managed': self._simulator.managed,
                'profile': self._array.profile.last_rest,
                'purity': self._array.purity,
                'protocols': list(self._array.setup.protocols),
                'clock': self._array.now(),
                'clock_rate': environment.clock_rate,
                'bandwidth': environment.bandwidth,
                'frozen': environment.frozen,
                'cut_links': list(environment.cut_links),
                'cut_management': list(environment.cut_management),
                'connected': {
                    connection.name: self._array.is_reachable(connection.name)
                    for connection in self._array.array_connections
                },
            }

    def _digest(self, body: Body) -> str:
        door_data.expect_io(self._array, body['name'])
        with self._array.transaction():
            stored = door_data.find(self._array, body['name'])
            return self._array.content.digest(
                stored.content, stored.provisioned
            )

    def _clock(self, body: Body) -> int:
        return self._array.now()

    def _advance_clock(self, body: Body) -> int:
        with self._array.transaction():
            self._array.clock.advance(int(body['milliseconds']))
            self._keep_clock()
        self._simulator.keep_house()
        return self._array.now()

    def _set_clock(self, body: Body) -> int:
        ahead = int(body['milliseconds']) - self._array.now()
        return self._advance_clock({'milliseconds': ahead})

    def _clock_rate(self, body: Body) -> int:
        with self._array.transaction():
            self._array.clock.set_rate(float(body['rate']))
            self._keep_clock()
        return self._array.now()

    def _keep_clock(self) -> None:
        real, virtual, rate = self._array.clock.anchors()
        self._change(
            clock_anchor_real=real,
            clock_anchor_virtual=virtual,
            clock_rate=rate,
        )

    def _change(self, **fields: Any) -> None:
        with self._array.transaction():
            self._array.environments.put(
                replace(self._array.environment, **fields)
            )

    def _link(self, body: Body) -> None:
        peer = str(body['peer']).casefold()
        kind = body.get('kind') or BOTH
        if kind not in LINKS:
            raise DoorError(f'a link is one of {tuple(LINKS)}')
        with self._array.transaction():
            if self._array.array_connections.find(peer) is None:
                raise DoorError(f'no connection to {body["peer"]}')
            for name in LINKS[kind]:
                cut = set(getattr(self._array.environment, name)) - {peer}
                if not body['up']:
                    cut.add(peer)
                self._change(**{name: tuple(sorted(cut))})
            if self._array.link_is_cut(peer):
                self._array.set_reachable(peer, False)

    def _bandwidth(self, body: Body) -> None:
        value = body['bytes_per_second']
        if value is not None and int(value) < 0:
            raise DoorError('the bandwidth must be zero or more')
        self._change(bandwidth=None if value is None else int(value))

    def _freeze(self, body: Body) -> None:
        at = body.get('at')
        if at is not None and not 0 <= at <= 1:
            raise DoorError('at must be between 0 and 1')
        self._change(
            frozen=bool(body['frozen']),
            freeze_at=at if body['frozen'] else None,
        )

    def _call_log(self, body: Body) -> list[Body]:
        since = int(body.get('since', 0))
        return [asdict(entry) for entry in self._simulator.log.since(since)]

    def _clear_call_log(self, body: Body) -> None:
        self._simulator.log.clear()

    def _objects(self, body: Body) -> Body:
        with self._array.transaction():
            return inventory.take(self._array, body.get('kinds', ()))


def _text(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f'missing {error}'
    return str(error)


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type='application/json')
