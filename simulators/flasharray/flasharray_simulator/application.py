# SPDX-License-Identifier: Apache-2.0
"""The array's HTTP interface: limits, faults, version, login, log."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from flasharray_simulator import (
    dispatch,
    envelope,
    errors,
    oauth,
    profiles,
    secrecy,
    server,
    switches,
)
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call_log import CallLog
from flasharray_simulator.domain import access
from flasharray_simulator.faults import Fault, Faults
from flasharray_simulator.rate_limits import RateLimits
from flasharray_simulator.sessions import Identity

LOG = logging.getLogger(__name__)

_GARBAGE = b'{"items": [{"name": "vol'
_NO_ANSWER = 0
_BEARER = 'Bearer '


class Application:
    """A WSGI application that serves ``/api`` of one array."""

    def __init__(
        self,
        array: FlashArray,
        log: CallLog,
        faults: Faults,
        limits: RateLimits | None = None,
    ) -> None:
        self._array = array
        self._sessions = array.sessions
        self._log = log
        self._faults = faults
        self._limits = limits or RateLimits()
        self._stopping = threading.Event()
        self._dispatcher = dispatch.Dispatcher(array)

    def stop(self) -> None:
        """End all delays."""
        self._stopping.set()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        request = Request(environ)
        started = time.monotonic()
        status = _NO_ANSWER
        try:
            response = self._respond(request)
            status = response.status_code
        finally:
            self._note(request, status, time.monotonic() - started)
        request_id = request.headers.get('X-Request-ID')
        if request_id:
            response.headers['X-Request-ID'] = request_id
        response.headers['Date'] = http_date(self._array.now() / 1000)
        return response(environ, start_response)

    def _note(self, request: Request, status: int, seconds: float) -> None:
        self._log.add(
            time=self._array.now(),
            method=request.method,
            path=request.path,
            query=request.query_string.decode(),
            body=secrecy.without_secrets(_parse(request)),
            status=status,
            user_agent=request.headers.get('User-Agent', ''),
            seconds=round(seconds, 6),
        )

    def _respond(self, request: Request) -> Response:
        verdict = self._limits.take(
            self._payer(request),
            switches.RATE_LIMIT.of(self._array),
            switches.RATE_BURST.of(self._array),
        )
        try:
            if not verdict.served:
                raise errors.too_many_calls()
            response = self._route(request)
        except errors.ApiError as error:
            response = _failed(self._worded(error))
        except server.Reset:
            raise
        except Exception:
            LOG.exception('%s %s failed', request.method, request.path)
            response = _failed(
                errors.ApiError(
                    errors.ErrorItem('Internal error.'), status=500
                )
            )
        for name, value in verdict.headers:
            response.headers[name] = value
        return response

    def _worded(self, error: errors.ApiError) -> errors.ApiError:
        if switches.DESTROYED_NAME_TEXT.of(self._array) != 'already-exists':
            return error
        return errors.ApiError(
            *errors.reworded(error.items), status=error.status
        )

    def _payer(self, request: Request) -> str:
        """Return whose budget of calls a request is taken from."""
        owner = self._sessions.owner(_token(request))
        return owner or request.remote_addr or ''

    def _route(self, request: Request) -> Response:
        path = request.path.strip('/')
        if path == oauth.PATH and request.method == 'POST':
            return self._with_faults(
                request, path, lambda: oauth.answer(self._array, request)
            )
        parts = path.split('/', 2)
        if parts[0] != 'api' or len(parts) < 2:
            raise errors.unknown_path(request.path)
        versions = self._array.profile.versions()
        if parts[1] == 'api_version' and request.method == 'GET':
            return self._with_faults(
                request, parts[1], lambda: _json({'version': versions})
            )
        if parts[1] not in versions or len(parts) < 3:
            raise errors.unknown_path(request.path)
        version = profiles.number(parts[1])
        return self._with_faults(
            request,
            parts[2],
            lambda: self._serve(request, version, parts[2].rstrip('/')),
        )

    def _with_faults(
        self, request: Request, path: str, serve: Callable[[], Response]
    ) -> Response:
        fault = self._faults.take(
            request.method, path, request.headers.get('User-Agent', '')
        )
        if fault is None:
            return serve()
        served = serve() if fault.after else None
        if fault.delay:
            self._stopping.wait(fault.delay)
        if fault.fails:
            return _faulty(fault, request.environ)
        return serve() if served is None else served

    def _serve(
        self, request: Request, version: profiles.Version, path: str
    ) -> Response:
        if path == 'login' and request.method == 'POST':
            return self._login(request)
        user = self._authenticate(request)
        if path == 'logout' and request.method == 'POST':
            self._sessions.logout(_token(request), self._array.now())
            return Response(b'', 200)
        try:
            answer = self._dispatcher.serve(request, version, path, user)
        except errors.Forbidden as error:
            return self._forbidden(error)
        return Response(
            envelope.success(answer),
            answer.status,
            content_type='application/json',
        )

    def _forbidden(self, error: errors.Forbidden) -> Response:
        text = switches.READ_ONLY_TEXT.of(self._array)
        refused = errors.ApiError(errors.ErrorItem(text), status=error.status)
        as_gateway = switches.READ_ONLY_BODY.of(self._array) == 'message'
        return _failed(refused, as_gateway)

    def _login(self, request: Request) -> Response:
        with self._array.lock:
            user = access.log_in(
                self._array, request.headers.get('api-token', '')
            )
        token = self._sessions.open(
            user,
            self._array.now(),
            request.remote_addr or '',
            request.headers.get('User-Agent', ''),
        )
        response = _json({'items': [{'username': user.name}]})
        response.headers['x-auth-token'] = token
        return response

    def _authenticate(self, request: Request) -> Identity:
        return self._sessions.use(
            _token(request),
            self._array.now(),
            self._array.settings.idle_timeout,
        )


def _token(request: Request) -> str:
    """Return the session's token: an API one or an OAuth one."""
    authorization = request.headers.get('Authorization', '')
    if authorization.startswith(_BEARER):
        return authorization.removeprefix(_BEARER).strip()
    return request.headers.get('x-auth-token', '')


def _faulty(fault: Fault, environ: Mapping[str, Any]) -> Response:
    """Return the answer of a fault; raises Reset for one without."""
    if fault.answer == 'reset':
        server.reset(environ)
    if fault.answer == 'garbage':
        return Response(
            _GARBAGE, fault.status or 200, content_type='application/json'
        )
    response = _failed(
        errors.ApiError(
            errors.ErrorItem(fault.message or 'Injected fault.'),
            status=fault.status or 500,
        )
    )
    if fault.retry_after is not None:
        response.headers['Retry-After'] = str(fault.retry_after)
    return response


def _parse(request: Request) -> Any:
    data = request.get_data()
    if not data:
        return None
    if request.mimetype == 'application/x-www-form-urlencoded':
        return dict.fromkeys(request.form, secrecy.HIDDEN)
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors='replace')


def _json(value: Any) -> Response:
    return Response(json.dumps(value), 200, content_type='application/json')


def _failed(
    error: errors.ApiError, as_gateway: bool | None = None
) -> Response:
    return Response(
        envelope.failure(error.status, error.items, as_gateway),
        error.status,
        content_type='application/json',
    )
