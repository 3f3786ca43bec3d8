# SPDX-License-Identifier: Apache-2.0
"""/volumes/batch: many different volumes in one call, all or none."""

from flasharray_simulator import errors, model, switches
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.families import rendering, volumes

_FIELDS = (
    'add_to_protection_groups',
    'destroyed',
    'name',
    'priority_adjustment',
    'protocol_endpoint',
    'provisioned',
    'qos',
    'source',
    'subtype',
    'tags',
)


def post(call: Call) -> Answer:
    if not isinstance(call.body, list) or not call.body:
        raise errors.missing_parameter()
    most = switches.BATCH_MAXIMUM.of(call.array)
    if len(call.body) > most:
        raise errors.invalid_parameter(f'more than {most} volumes.')
    overwrite = bool(call.query.boolean('overwrite'))
    default_protection = call.query.boolean('with_default_protection')
    if overwrite and default_protection:
        raise errors.refused(
            'with_default_protection cannot be used with overwrite.'
        )
    made = errors.for_each(
        call.body,
        lambda wanted: _make(
            call, wanted, overwrite, default_protection is not False
        ),
    )
    return Answer([volumes.render(call.array, volume) for volume in made])


def _make(
    call: Call, wanted: Item, overwrite: bool, protect: bool
) -> model.Volume:
    body = check_fields(wanted, _FIELDS)
    name = body.get('name')
    if not isinstance(name, str) or not name:
        raise errors.missing_parameter('name')
    groups = [
        rendering.read_reference(group, name)
        for group in body.get('add_to_protection_groups') or []
    ]
    return volumes.make(call.array, name, body, overwrite, groups, protect)


ROUTES = (
    Route(
        'POST',
        'volumes/batch',
        post,
        ('allow_throttle', 'overwrite', 'with_default_protection'),
    ),
)
