# SPDX-License-Identifier: Apache-2.0
"""The array's HTTP interface: version, login, dispatch, faults, log."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from flasharray_simulator import (
    envelope,
    errors,
    families,
    listing,
    profiles,
)
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Query, Route
from flasharray_simulator.call_log import CallLog
from flasharray_simulator.faults import Fault, Faults
from flasharray_simulator.sessions import User

LOG = logging.getLogger(__name__)

_SECRETS = (
    'host_password',
    'target_password',
    'connection_key',
    'api_token',
)


class Application:
    """A WSGI application that serves ``/api`` of one array."""

    def __init__(
        self,
        array: FlashArray,
        log: CallLog,
        faults: Faults,
    ) -> None:
        self._array = array
        self._sessions = array.sessions
        self._log = log
        self._faults = faults
        self._stopping = threading.Event()
        self._versions = array.setup.profile.versions()
        self._routes = {
            (route.method, route.path): route for route in families.ROUTES
        }

    def stop(self) -> None:
        """End all delays."""
        self._stopping.set()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        request = Request(environ)
        started = time.monotonic()
        response = self._respond(request)
        request_id = request.headers.get('X-Request-ID')
        if request_id:
            response.headers['X-Request-ID'] = request_id
        self._log.add(
            time=self._array.now(),
            method=request.method,
            path=request.path,
            query=request.query_string.decode(),
            body=_without_secrets(_parse(request)),
            status=response.status_code,
            user_agent=request.headers.get('User-Agent', ''),
            seconds=round(time.monotonic() - started, 6),
        )
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            return self._route(request)
        except errors.ApiError as error:
            return _failed(error)
        except Exception:
            LOG.exception('%s %s failed', request.method, request.path)
            return _failed(
                errors.ApiError(
                    errors.ErrorItem('Internal error.'), status=500
                )
            )

    def _route(self, request: Request) -> Response:
        parts = request.path.strip('/').split('/', 2)
        if parts[0] != 'api' or len(parts) < 2:
            raise errors.unknown_path(request.path)
        if parts[1] == 'api_version' and request.method == 'GET':
            return _json(json.dumps({'version': self._versions}).encode())
        if parts[1] not in self._versions or len(parts) < 3:
            raise errors.unknown_path(request.path)
        version = profiles.number(parts[1])
        fault = self._faults.take(request.method, parts[2])
        if fault is None:
            return self._serve(request, version, parts[2])
        return self._with_fault(
            fault, lambda: self._serve(request, version, parts[2])
        )

    def _with_fault(
        self, fault: Fault, serve: Callable[[], Response]
    ) -> Response:
        if fault.delay:
            self._stopping.wait(fault.delay)
        if fault.status is None:
            return serve()
        if fault.after:
            serve()
        return _failed(
            errors.ApiError(
                errors.ErrorItem(fault.message or 'Injected fault.'),
                status=fault.status,
            )
        )

    def _serve(
        self, request: Request, version: profiles.Version, path: str
    ) -> Response:
        if path == 'login' and request.method == 'POST':
            return self._login(request)
        user = self._authenticate(request)
        if path == 'logout' and request.method == 'POST':
            self._sessions.logout(request.headers.get('x-auth-token', ''))
            return Response(b'', 200)
        route = self._routes.get((request.method, path.rstrip('/')))
        if route is None or profiles.number(route.since) > version:
            raise errors.unknown_path(request.path)
        if user.read_only and route.method != 'GET':
            raise errors.forbidden()
        call = Call(
            self._array,
            request.method,
            path,
            self._query(request, route),
            _body(request),
            version,
            user.name,
        )
        return _json(envelope.success(self._handle(route, call)))

    def _handle(self, route: Route, call: Call) -> Answer:
        if route.locked:
            with self._array.transaction():
                answer = route.handler(call)
        else:
            answer = route.handler(call)
        if answer.items:
            families.add_context(self._array, answer.items)
        return answer

    def _login(self, request: Request) -> Response:
        token, user = self._sessions.login(
            request.headers.get('api-token', ''),
            self._array.now(),
            request.remote_addr or '',
            request.headers.get('User-Agent', ''),
        )
        response = _json(
            json.dumps({'items': [{'username': user.name}]}).encode()
        )
        response.headers['x-auth-token'] = token
        return response

    def _authenticate(self, request: Request) -> User:
        return self._sessions.use(
            request.headers.get('x-auth-token', ''),
            self._array.now(),
            self._array.settings.idle_timeout,
        )

    def _query(self, request: Request, route: Route) -> Query:
        values = request.args.to_dict()
        for name in values:
            if name not in route.parameters and not _common(name, route):
                raise errors.invalid_parameter(name)
        context = values.get('context_names', '')
        own = (self._array.name, self._array.settings.array_id)
        if context and context.casefold() not in (o.casefold() for o in own):
            raise errors.does_not_exist('Array', context)
        return Query(values)


def _common(name: str, route: Route) -> bool:
    if route.method == 'GET':
        return name in listing.PARAMETERS
    return name in ('names', 'ids', 'context_names', 'allow_errors')


def _parse(request: Request) -> Any:
    data = request.get_data()
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors='replace')


def _body(request: Request) -> Any:
    data = request.get_data()
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        raise errors.refused('The body is not valid JSON.') from None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: '***'
            if key in _SECRETS and inner
            else _without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value


def _json(body: bytes) -> Response:
    return Response(body, 200, content_type='application/json')


def _failed(error: errors.ApiError) -> Response:
    return Response(
        envelope.failure(error.status, error.items),
        error.status,
        content_type='application/json',
    )
