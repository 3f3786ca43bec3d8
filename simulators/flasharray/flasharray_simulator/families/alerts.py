# SPDX-License-Identifier: Apache-2.0
"""/alerts with their events, /audits."""

from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.listing import Listing, plain

LABEL = 'Alert'
_PATCH = ('flagged', 'name', 'id', 'context')


def _render(array: FlashArray, alert: model.Alert) -> Item:
    ended = alert.closed if alert.closed is not None else array.now()
    return {
        'id': alert.id,
        'name': alert.name,
        'action': None,
        'actual': None,
        'category': alert.category,
        'closed': alert.closed,
        'code': alert.code,
        'component_name': alert.component_name,
        'component_type': alert.component_type,
        'created': alert.created,
        'description': alert.summary,
        'duration': ended - alert.created,
        'expected': None,
        'flagged': alert.flagged,
        'issue': alert.summary,
        'knowledge_base_url': None,
        'notified': alert.created,
        'severity': alert.severity,
        'state': 'open' if alert.closed is None else 'closed',
        'summary': alert.summary,
        'updated': alert.updated,
    }


def get(call: Call) -> Answer:
    flagged = call.query.boolean('flagged')
    return Listing(
        label=LABEL,
        collection=call.array.alerts,
        render=lambda alert: _render(call.array, alert),
        visible=lambda alert: flagged in (None, alert.flagged),
    ).answer(call)


def patch(call: Call) -> Answer:
    body = call.fields(*_PATCH)
    array = call.array

    def change(name: str) -> model.Alert:
        alert = any_state(LABEL, array.alerts, name)
        if isinstance(body.get('flagged'), bool):
            alert = replace(alert, flagged=body['flagged'])
        return array.alerts.put(replace(alert, updated=array.now()))

    changed = errors.for_each(call.query.required('names'), change)
    return Answer([_render(array, alert) for alert in changed])


def get_events(call: Call) -> Answer:
    """List the opening and the closing of each alert."""
    array = call.array
    items: list[Item] = []
    for alert in array.alerts.ordered():
        shown = _render(array, alert)
        for time, state in ((alert.created, 'open'), (alert.closed, 'closed')):
            if time is not None:
                items.append(_event(shown, state, time, len(items) + 1))
    return plain(call, items, 'Alert event')


def _event(alert: Item, state: str, time: int, number: int) -> Item:
    kept = (
        'actual',
        'code',
        'component_name',
        'component_type',
        'created',
        'expected',
        'issue',
        'knowledge_base_url',
        'severity',
        'summary',
    )
    return {
        **{name: alert[name] for name in kept},
        'alert': {'name': alert['name'], 'id': alert['id']},
        'name': str(number),
        'state': state,
        'time': time,
    }


def _render_audit(audit: model.Audit) -> Item:
    return {
        'id': audit.id,
        'name': str(int(audit.id)),
        'arguments': f'{audit.name} {audit.arguments}'.strip(),
        'command': audit.command,
        'origin': {'name': audit.location, 'id': None},
        'subcommand': audit.subcommand,
        'system_event': None,
        'time': audit.time,
        'user': audit.user,
        'user_interface': 'REST',
    }


def get_audits(call: Call) -> Answer:
    return Listing(
        label='Audit',
        collection=call.array.audits,
        render=_render_audit,
        name_of=lambda audit: '',
    ).answer(call)


ROUTES = (
    Route('GET', 'alerts', get, ('flagged',)),
    Route('PATCH', 'alerts', patch),
    Route('GET', 'alerts/events', get_events, ('flagged',)),
    Route('GET', 'audits', get_audits),
)
