# SPDX-License-Identifier: Apache-2.0
"""/arrays with space and performance."""

from dataclasses import replace

from flasharray_simulator import errors, listing, model, names
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import safemode, traffic
from flasharray_simulator.families import performance, rendering
from flasharray_simulator.secrecy import HIDDEN

_PATCH = (
    'banner',
    'console_lock_enabled',
    'eradication_config',
    'idle_timeout',
    'name',
    'ntp_servers',
    'ntp_symmetric_key',
    'scsi_timeout',
    'time_zone',
)
_LONGEST_DELAY = 30
_LEAST_TIMEOUT = 300_000
_MOST_TIMEOUT = 10_800_000


def _space(array: FlashArray) -> Item:
    return rendering.array_space(array)


def _render(array: FlashArray) -> Item:
    settings = array.settings
    return {
        'id': settings.array_id,
        'name': settings.name,
        '_as_of': array.now(),
        'banner': settings.banner,
        'capacity': settings.capacity,
        'console_lock_enabled': settings.console_lock,
        'encryption': {
            'data_at_rest': {'algorithm': 'AES-256-CTR', 'enabled': True},
            'module_version': 'FA-1.3',
        },
        'eradication_config': {
            'enabled_delay': settings.eradication_delay,
            'disabled_delay': settings.disabled_delay,
            'eradication_delay': settings.eradication_delay,
            'manual_eradication': safemode.array_eradication(array),
        },
        'idle_timeout': settings.idle_timeout,
        'network_access_policy': {
            **rendering.reference(None),
            'resource_type': None,
        },
        'ntp_servers': list(settings.ntp_servers),
        'ntp_symmetric_key': HIDDEN if settings.ntp_symmetric_key else None,
        'os': 'Purity//FA',
        'parity': 1.0,
        'scsi_timeout': settings.scsi_timeout,
        'space': _space(array),
        'time_zone': settings.time_zone,
        'version': array.purity,
    }


def get(call: Call) -> Answer:
    return listing.plain(call, [_render(call.array)], 'Array')


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_PATCH)
    settings = array.settings
    if body.get('eradication_config') is not None:
        settings = _delays(settings, body['eradication_config'])
    if body.get('idle_timeout') is not None:
        settings = replace(settings, idle_timeout=_timeout(body))
    if body.get('name') is not None:
        settings = replace(settings, name=_name(body))
    settings = _simple(settings, body)
    array.array_settings.put(settings)
    return Answer([_render(array)])


# Where a field of the body is kept, and what it must be.
_SIMPLE: tuple[tuple[str, str, type], ...] = (
    ('banner', 'banner', str),
    ('console_lock_enabled', 'console_lock', bool),
    ('ntp_symmetric_key', 'ntp_symmetric_key', str),
    ('scsi_timeout', 'scsi_timeout', int),
    ('time_zone', 'time_zone', str),
)


def _simple(settings: model.ArraySettings, body: Item) -> model.ArraySettings:
    changes: Item = {}
    for name, kept, kind in _SIMPLE:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, kind):
            raise errors.invalid_parameter(f'{name}.')
        changes[kept] = value
    servers = body.get('ntp_servers')
    if servers is not None:
        if not isinstance(servers, list):
            raise errors.invalid_parameter('ntp_servers.')
        changes['ntp_servers'] = tuple(str(server) for server in servers)
    return replace(settings, **changes)


def _name(body: Item) -> str:
    name = body['name']
    if not isinstance(name, str) or not names.well_formed(
        name, names.LONGEST_ARRAY
    ):
        raise errors.refused('Invalid array name.', str(name))
    return name


def _timeout(body: Item) -> int:
    value = body['idle_timeout']
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or (value and not _LEAST_TIMEOUT <= value <= _MOST_TIMEOUT)
    ):
        raise errors.invalid_parameter('idle_timeout.')
    return value


def _delays(
    settings: model.ArraySettings, given: object
) -> model.ArraySettings:
    fields = check_fields(
        given,
        (
            'enabled_delay',
            'disabled_delay',
            'eradication_delay',
            'manual_eradication',
        ),
    )
    enabled = fields.get('eradication_delay', settings.eradication_delay)
    delays = [
        fields.get('enabled_delay', enabled),
        fields.get('disabled_delay', settings.disabled_delay),
    ]
    for delay in delays:
        if (
            isinstance(delay, bool)
            or not isinstance(delay, int)
            or delay % model.DAY
            or not model.DAY <= delay <= _LONGEST_DELAY * model.DAY
        ):
            raise errors.invalid_parameter('eradication_config.')
    return replace(
        settings,
        eradication_delay=delays[0],
        disabled_delay=delays[1],
        manual_eradication=_manual_eradication(settings, fields),
    )


def _manual_eradication(settings: model.ArraySettings, fields: Item) -> str:
    """Return what a body asks for; once disabled it stays disabled."""
    present = settings.manual_eradication
    wanted = fields.get('manual_eradication', present)
    if wanted not in (safemode.ENABLED, safemode.DISABLED):
        raise errors.invalid_parameter('manual_eradication.')
    if present == safemode.DISABLED and wanted != present:
        raise errors.refused(
            'Operation not permitted: SafeMode is enabled.', settings.name
        )
    return str(wanted)


def space(call: Call) -> Answer:
    array = call.array
    item = {
        **array.reference(),
        'capacity': array.settings.capacity,
        'capacity_installed': array.settings.capacity,
        'parity': 1.0,
        'space': _space(array),
        'time': array.now(),
    }
    return listing.plain(call, [item], 'Array')


def load(call: Call) -> Answer:
    """One point per resolution between the two times, now by default."""
    array = call.array
    asked = performance.window(call, performance.ARRAY_RESOLUTIONS)
    items = [
        {
            **performance.point(array, traffic.ARRAY, time, asked.resolution),
            **array.reference(),
        }
        for time in asked.times
    ]
    return listing.plain(call, items)


def load_by_link(call: Call) -> Answer:
    """The same, by the array that hosts are linked to: only this one."""
    answer = load(call)
    link = {**call.array.reference(), 'resource_type': 'arrays'}
    items = [{**item, 'link': [link]} for item in answer.items or []]
    return replace(answer, items=items)


ROUTES = (
    Route('GET', 'arrays', get),
    Route('PATCH', 'arrays', patch),
    Route('GET', 'arrays/space', space, performance.TIMES),
    Route(
        'GET',
        'arrays/performance',
        load,
        (*performance.TIMES, 'protocol', 'protocol_group'),
    ),
    Route(
        'GET', 'arrays/performance/by-link', load_by_link, performance.TIMES
    ),
)
