# SPDX-License-Identifier: Apache-2.0
"""Schedules and retentions of protection groups, in and out of JSON."""

from typing import Any

from flasharray_simulator import errors, model, switches
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item, check_fields


def retention(value: model.Retention) -> Item:
    return {
        'all_for_sec': value.all_for_sec,
        'days': value.days,
        'per_day': value.per_day,
        'per_period': value.per_day,
        'period_length_ms': model.DAY,
    }


def snapshot_schedule(value: model.Schedule) -> Item:
    return {
        'at': value.at,
        'enabled': value.enabled,
        'frequency': value.frequency,
    }


def replication_schedule(value: model.Schedule) -> Item:
    blackout = value.blackout
    return {
        **snapshot_schedule(value),
        'blackout': {'start': blackout.start, 'end': blackout.end},
    }


def read_schedule(
    array: FlashArray, given: Any, present: model.Schedule, context: str
) -> model.Schedule:
    """Return the schedule that a body asks for, on top of the present."""
    if given is None:
        return present
    fields = check_fields(given, ('enabled', 'frequency', 'at', 'blackout'))
    frequency = _number(
        fields.get('frequency', present.frequency), 'frequency', context
    )
    enabled = bool(fields.get('enabled', present.enabled))
    # Clients reset a schedule that they switch off to 300 ms.
    least = switches.FREQUENCY_MINIMUM.of(array) if enabled else 1
    if frequency is None or frequency < least:
        raise errors.invalid_parameter(
            f'frequency must be at least {least}.', context
        )
    return model.Schedule(
        enabled=enabled,
        frequency=frequency,
        at=_read_at(fields, present, frequency, context),
        blackout=_read_blackout(
            fields.get('blackout'), present.blackout, context
        ),
    )


def _read_at(
    fields: Item, present: model.Schedule, frequency: int, context: str
) -> int | None:
    """Return the time of day; only a schedule of whole days has one."""
    at = _time_of_day(fields.get('at', present.at), 'at', context)
    if at is None or frequency >= model.DAY:
        return at
    if fields.get('at') is not None:
        raise errors.invalid_parameter(
            'at needs a frequency of one day or more.', context
        )
    return None


def _read_blackout(
    given: Any, present: model.Blackout, context: str
) -> model.Blackout:
    if given is None:
        return present
    if given == '':
        return model.Blackout()
    fields = check_fields(given, ('start', 'end'))
    return model.Blackout(
        _time_of_day(fields.get('start'), 'blackout.start', context),
        _time_of_day(fields.get('end'), 'blackout.end', context),
    )


def read_retention(
    given: Any, present: model.Retention, context: str
) -> model.Retention:
    """Return the retention that a body asks for, on top of the present."""
    if given is None:
        return present
    fields = check_fields(
        given,
        ('all_for_sec', 'days', 'per_day', 'per_period', 'period_length_ms'),
    )
    if fields.get('period_length_ms') not in (None, model.DAY):
        raise errors.invalid_parameter('period_length_ms.', context)
    if fields.get('per_period') is not None:
        fields = {'per_day': fields['per_period'], **fields}
    values = [
        _number(fields.get(name, getattr(present, name)), name, context)
        for name in ('all_for_sec', 'per_day', 'days')
    ]
    if None in values:
        raise errors.invalid_parameter('retention.', context)
    return model.Retention(*(value or 0 for value in values))


def _time_of_day(value: Any, name: str, context: str) -> int | None:
    moment = _number(value, name, context)
    if moment is not None and moment > model.DAY:
        raise errors.invalid_parameter(
            f'{name} must be a time of day.', context
        )
    return moment


def _number(value: Any, name: str, context: str) -> int | None:
    if value is None or value == '':
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise errors.invalid_parameter(f'{name}.', context)
    return value
