# SPDX-License-Identifier: Apache-2.0
"""Door commands for what is between hosts and the array's ports."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import network

Body = dict[str, Any]
Commands = Mapping[str, Callable[[Body], Any]]


def commands(array: FlashArray) -> Commands:
    """Return the commands by name."""
    return {
        'controller': lambda body: _controller(array, body),
        'initiator-paths': lambda body: _initiator_paths(array, body),
    }


def _controller(array: FlashArray, body: Body) -> None:
    name = str(body['name']).upper()
    if name not in network.CONTROLLERS:
        raise ValueError(f'a controller is one of {network.CONTROLLERS}')
    with array.transaction():
        down = set(array.environment.controllers_down) - {name}
        if not body['up']:
            down.add(name)
        if len(down) == len(network.CONTROLLERS):
            raise ValueError('one controller must stay up')
        array.environments.put(
            replace(array.environment, controllers_down=tuple(sorted(down)))
        )


def _initiator_paths(array: FlashArray, body: Body) -> None:
    initiator = str(body['initiator']).replace(' ', '').casefold()
    ports = body.get('ports')
    with array.transaction():
        if ports is None:
            array.initiator_paths.remove(initiator)
            return
        known = {port.name for port in array.ports()}
        wanted = tuple(str(port).upper() for port in ports)
        unknown = sorted(set(wanted) - known)
        if unknown:
            raise ValueError(f'no port {unknown[0]}')
        array.initiator_paths.put(model.InitiatorPaths(initiator, wanted))
