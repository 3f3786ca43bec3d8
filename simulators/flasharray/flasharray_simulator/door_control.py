# SPDX-License-Identifier: Apache-2.0
"""Door commands for how the array answers: faults, limits, versions."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flasharray_simulator import limits, model, profiles, switches
from flasharray_simulator.faults import Fault

if TYPE_CHECKING:
    from flasharray_simulator.simulator import Simulator

Body = dict[str, Any]
Commands = Mapping[str, Callable[[Body], Any]]

MEDIATOR = ('online', 'unreachable', 'flummoxed')
_SEVERITIES = ('critical', 'hidden', 'info', 'warning')


def commands(simulator: 'Simulator') -> Commands:
    """Return the commands by name."""
    control = _Control(simulator)
    return {
        'alert': control.alert,
        'clear-faults': control.clear_faults,
        'close-alert': control.close_alert,
        'expire-sessions': control.expire_sessions,
        'limits': control.limits,
        'set-limit': control.set_limit,
        'inject-fault': control.inject_fault,
        'management': control.management,
        'mediator': control.mediator,
        'power': control.power,
        'profile': control.profile,
        'set-switch': control.set_switch,
        'switches': control.switches,
    }


class _Control:
    def __init__(self, simulator: 'Simulator') -> None:
        self._simulator = simulator
        self._array = simulator.array

    def inject_fault(self, body: Body) -> None:
        self._simulator.faults.add(Fault(**body))

    def clear_faults(self, body: Body) -> None:
        self._simulator.faults.clear()

    def expire_sessions(self, body: Body) -> None:
        self._array.sessions.expire_all(self._array.now())

    def limits(self, body: Body) -> dict[str, int | None]:
        with self._array.lock:
            return limits.of(self._array)

    def set_limit(self, body: Body) -> None:
        with self._array.transaction():
            limits.change(self._array, str(body['kind']), body['most'])

    def management(self, body: Body) -> None:
        self._simulator.set_management(bool(body['up']))

    def mediator(self, body: Body) -> None:
        status = str(body['status'])
        if status not in MEDIATOR:
            raise ValueError(f'the mediator is one of {MEDIATOR}')
        with self._array.transaction():
            self._array.environments.put(
                replace(self._array.environment, mediator=status)
            )

    def power(self, body: Body) -> None:
        self._simulator.set_power(bool(body['up']))

    def profile(self, body: Body) -> None:
        name = profiles.find(str(body['profile'])).last_rest
        with self._array.transaction():
            self._array.environments.put(
                replace(self._array.environment, profile=name)
            )

    def switches(self, body: Body) -> dict[str, str | int]:
        with self._array.lock:
            return switches.values(self._array)

    def set_switch(self, body: Body) -> None:
        with self._array.transaction():
            self._array.set_switches(
                switches.changed(
                    self._array.switch_values, body['name'], body['value']
                )
            )

    def alert(self, body: Body) -> str:
        severity = body['severity']
        if severity not in _SEVERITIES:
            raise ValueError(f'severity is one of {_SEVERITIES}')
        now = self._array.now()
        with self._array.transaction():
            number = len(list(self._array.alerts)) + 1
            alert = model.Alert(
                id=str(uuid.uuid4()),
                name=str(number),
                created=now,
                updated=now,
                code=int(body['code']),
                category=str(body['category']),
                severity=severity,
                component_type=str(body['component_type']),
                component_name=str(body['component_name']),
                summary=str(body['summary']),
            )
            return self._array.alerts.put(alert).name

    def close_alert(self, body: Body) -> None:
        with self._array.transaction():
            alert = self._array.alerts.find(str(body['name']))
            if alert is None:
                raise ValueError(f'no alert {body["name"]}')
            now = self._array.now()
            self._array.alerts.put(replace(alert, closed=now, updated=now))
