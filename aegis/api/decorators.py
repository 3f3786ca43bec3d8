# SPDX-License-Identifier: Apache-2.0
"""How a method of a controller becomes a method of the API.

``@expose(...)`` above ``@validate(...)``: together they read as the
contract of the method, and nothing gets past them.
"""

import functools
import http
import inspect
from collections.abc import Callable
from typing import Any

import pecan

from aegis.api import contract as api_contract
from aegis.api import errors, validation
from aegis.api.schemas import types

Method = Callable[..., Any]

_GIVEN = ('query', 'body')


def validate(
    *,
    query: api_contract.Schema = types.NO_QUERY,
    body: api_contract.Schema | None = None,
    response: api_contract.Schema | None = None,
) -> Callable[[Method], Method]:
    """Say what a method takes and gives, as JSON Schemas.

    The method gets ``query`` and ``body`` by name, checked and converted,
    if its signature has them.
    """

    def decorate(method: Method) -> Method:
        method.schemas = {  # type: ignore[attr-defined]
            'query': query,
            'body': body,
            'response': response,
        }
        return method

    return decorate


def expose(
    *policies: str,
    status: int = http.HTTPStatus.OK,
    public: bool = False,
    choose: Callable[..., str] | None = None,
) -> Callable[[Method], Method]:
    """Put a method on the API.

    :param policies: the rules of :mod:`aegis.policies` it is under.
    :param status: of a response without an error.
    :param public: whether anybody may call it, without a token.
    :param choose: which of several policies applies, from query and body;
        the first one by default.
    :raises RuntimeError: when the contract is not complete.
    """

    def decorate(method: Method) -> Method:
        contract = _contract(method, policies, status, public, choose)
        signature = inspect.signature(method)
        wanted = [name for name in _GIVEN if name in signature.parameters]
        variables = list(signature.parameters)[1:]
        variables = [name for name in variables if name not in _GIVEN]
        check = validation.Validation(contract)

        @functools.wraps(method)
        def answer(controller: Any, *path: Any) -> Any:
            request = pecan.request
            given = check.request(request)
            rule = contract.policy_for(given['query'], given['body'])
            if rule is not None:
                request.services.authorizer.require(request.context, rule)
            result = method(
                controller,
                *_checked_path(path, len(variables)),
                **{name: given[name] for name in wanted},
            )
            check.response(result, request.services.conf)
            pecan.response.status = contract.status
            return pecan.response if result is None else result

        # Pecan routes by the arguments that come from the path.
        answer.__signature__ = signature.replace(  # type: ignore
            parameters=[
                parameter
                for name, parameter in signature.parameters.items()
                if name not in _GIVEN
            ]
        )
        answer.contract = contract  # type: ignore[attr-defined]
        return pecan.expose('json', content_type='application/json')(answer)

    return decorate


def _contract(
    method: Method,
    policies: tuple[str, ...],
    status: int,
    public: bool,
    choose: Callable[..., str] | None,
) -> api_contract.Contract:
    if not hasattr(method, 'schemas'):
        raise RuntimeError(f'@validate belongs below @expose of {method}')
    if public == bool(policies):
        raise RuntimeError(f'{method} is either public or under a policy')
    summary = (method.__doc__ or '').strip().partition('\n')[0]
    return api_contract.Contract(
        status=status,
        public=public,
        policies=policies,
        choose=choose,
        summary=summary.rstrip('.'),
        **method.schemas,
    )


def _checked_path(path: tuple[str, ...], wanted: int) -> tuple[str, ...]:
    if len(path) != wanted:
        raise errors.MethodNotAllowed()
    if any(validation.unstorable(part) for part in path):
        raise errors.PathNotFound()
    return path
