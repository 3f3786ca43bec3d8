# SPDX-License-Identifier: Apache-2.0
"""From a request to the handler of its route, and what is around it."""

import json
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request

from flasharray_simulator import (
    errors,
    families,
    history,
    identifiers,
    listing,
    profiles,
    switches,
)
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Query, Route
from flasharray_simulator.domain import access, audits
from flasharray_simulator.replication import pod_marks
from flasharray_simulator.sessions import Identity

_CHANGED = ('names', 'ids', 'context_names', 'allow_errors')
_MOVES_PODS = ('pods', 'pod-replica-links')
_MULTI_STATUS_SINCE = (2, 52)
_MULTI_STATUS = 207


class Dispatcher:
    """Finds the route of a call and lets its handler answer."""

    def __init__(self, array: FlashArray) -> None:
        self._array = array
        self._routes = {
            (route.method, route.path): route for route in families.ROUTES
        }

    def serve(
        self,
        request: Request,
        version: profiles.Version,
        path: str,
        user: Identity,
    ) -> Answer:
        """Return the answer; raise ApiError for any refusal."""
        route = self._routes.get((request.method, path))
        if (
            route is None
            or history.first_version(route.method, route.path) > version
        ):
            raise errors.unknown_path(request.path)
        if route.method != 'GET' and not access.may_change(user.role, path):
            raise errors.Forbidden()
        call = Call(
            self._array,
            request.method,
            path,
            Query(self._parameters(request, route, version)),
            _body(request),
            version,
            user.name,
            request.remote_addr or '',
        )
        call = _of_its_version(route, call)
        return self._trimmed(call, self._answer(route, call))

    def _parameters(
        self, request: Request, route: Route, version: profiles.Version
    ) -> dict[str, str]:
        unknown = history.unknown_parameters(route.method, route.path, version)
        values: dict[str, str] = {}
        for given, value in request.args.items():
            name = given
            if given not in route.parameters:
                name = identifiers.parameter(given, route.method)
            if given in unknown or not _has(route, name):
                raise errors.invalid_parameter(given)
            if name != given:
                with self._array.lock:
                    value = identifiers.names(self._array, value)
            values[name] = value
        self._check_context(values.get('context_names', ''))
        return values

    def _check_context(self, context: str) -> None:
        own = {
            self._array.name.casefold(),
            self._array.settings.array_id.casefold(),
        }
        for name in context.split(','):
            if name and name.casefold() not in own:
                raise errors.does_not_exist('Array', name)

    def _answer(self, route: Route, call: Call) -> Answer:
        if self._splits(call):
            return self._one_by_one(route, call)
        return self._handle(route, call)

    def _handle(self, route: Route, call: Call) -> Answer:
        if not route.locked:
            answer = route.handler(call)
            if call.method != 'GET':
                with self._array.transaction():
                    audits.record(call)
            return answer

        def work() -> Answer:
            answer = route.handler(call)
            if call.method != 'GET':
                self._expect_writable(call)
                audits.record(call)
            return answer

        return self._array.run(work)

    def _expect_writable(self, call: Call) -> None:
        """Refuse a change in a demoted pod; what moves pods is free."""
        if call.path not in _MOVES_PODS:
            pod_marks.expect_writable(self._array, self._array.pending)

    def _splits(self, call: Call) -> bool:
        return (
            call.method != 'GET'
            and call.version >= _MULTI_STATUS_SINCE
            and len(call.query.many('names')) > 1
            and switches.MULTI_STATUS.of(self._array) != 'never'
        )

    def _one_by_one(self, route: Route, call: Call) -> Answer:
        """Do for each name what can be done; 207 if that is not all."""
        items: list[Any] = []
        refusals: list[errors.ErrorItem] = []
        wanted = call.query.many('names')
        done = 0
        for name in wanted:
            query = Query({**call.query.values, 'names': name})
            try:
                answer = self._handle(route, replace(call, query=query))
            except errors.ApiError as error:
                refusals.extend(error.items)
            else:
                done += 1
                items.extend(answer.items or [])
        if not done:
            raise errors.ApiError(*refusals)
        return Answer(
            items,
            status=_MULTI_STATUS if refusals else 200,
            extra={'errors': errors.rows(refusals)} if refusals else {},
        )

    def _trimmed(self, call: Call, answer: Answer) -> Answer:
        if not answer.items:
            return answer
        families.add_context(self._array, answer.items)
        fields = history.unknown_fields(call.path, call.version)
        return replace(
            answer,
            items=history.trimmed(answer.items, fields),
            total=answer.total and history.trimmed(answer.total, fields),
        )


def _has(route: Route, name: str) -> bool:
    if name in route.parameters:
        return True
    common = listing.PARAMETERS if route.method == 'GET' else _CHANGED
    return name in common


def _of_its_version(route: Route, call: Call) -> Call:
    """Return the call without the body fields that its version ignores.

    Raises ApiError for others that came later than its version.
    """
    later = history.unknown_body_fields(call.method, call.path, call.version)

    def known(element: Any) -> Any:
        if not isinstance(element, dict) or not later & element.keys():
            return element
        refused = sorted(later & element.keys() - set(route.ignored))
        if refused:
            raise errors.invalid_parameter(f'unknown field {refused[0]}.')
        return {k: v for k, v in element.items() if k not in later}

    if isinstance(call.body, list):
        return replace(call, body=[known(element) for element in call.body])
    return replace(call, body=known(call.body))


def _body(request: Request) -> Any:
    data = request.get_data()
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        raise errors.refused('The body is not valid JSON.') from None
