# SPDX-License-Identifier: Apache-2.0
"""Every route of the API, found by walking the controllers."""

import dataclasses
import inspect
from collections.abc import Callable, Iterator

from pecan import rest

from aegis.api import contract as api_contract

_METHODS = {
    'get_all': 'GET',
    'get_one': 'GET',
    'post': 'POST',
    'patch': 'PATCH',
    'delete': 'DELETE',
}


@dataclasses.dataclass(frozen=True)
class Route:
    """A method at a path, whose variable parts are in braces.

    ``contract`` is None for what pecan exposes and we did not describe: a
    mistake.
    """

    method: str
    path: str
    name: str
    contract: api_contract.Contract | None


def walk(controller: rest.RestController, path: str = '') -> list[Route]:
    """The routes of a controller and of all below it."""
    return [*_own(controller, path), *_below(controller, path)]


def _own(controller: rest.RestController, path: str) -> Iterator[Route]:
    for name, method in _METHODS.items():
        if hasattr(controller, name):
            exposed = getattr(controller, name)
            yield _route(method, path, exposed)
    for name, methods in controller._custom_actions.items():
        for method in methods:
            yield _route(method, path, getattr(controller, name), f'/{name}')


def _below(controller: rest.RestController, path: str) -> Iterator[Route]:
    one = getattr(controller, 'get_one', None)
    base = _with_variables(path, one) if one else path
    for name in sorted(dir(controller)):
        child = inspect.getattr_static(controller, name)
        if isinstance(child, rest.RestController):
            yield from walk(child, f'{base}/{name}')


def _route(
    method: str, path: str, exposed: Callable[..., object], action: str = ''
) -> Route:
    return Route(
        method=method,
        path=(_with_variables(path, exposed) + action) or '/',
        name=exposed.__qualname__,
        contract=getattr(exposed, 'contract', None),
    )


def _with_variables(path: str, exposed: Callable[..., object]) -> str:
    missing = [
        f'{{{name}}}'
        for name in inspect.signature(exposed).parameters
        if f'{{{name}}}' not in path
    ]
    return '/'.join([path, *missing])
