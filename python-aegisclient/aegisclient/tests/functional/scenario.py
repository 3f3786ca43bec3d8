# SPDX-License-Identifier: Apache-2.0
"""The failover of a small payroll application, as the guide tells it."""

import datetime
from collections.abc import Iterator
from typing import Any

from werkzeug import wrappers

from aegisclient.tests import documents
from aegisclient.tests.functional import emulator

NOW = datetime.datetime(2026, 11, 21, 10, 39, 30, tzinfo=datetime.UTC)

GROUP_ID = 'c1f9a3de-5b7e-4f0a-8f43-6f2f3f6f7a10'
OPERATION_ID = 'e4b0c7a2-91d3-4f7c-a0b5-2d8f6c1e9b37'
_LANES = (
    '0b9c5f0e-0f9d-4c5e-9d65-0d1c4b1f7c01',
    '0b9c5f0e-0f9d-4c5e-9d65-0d1c4b1f7c02',
    '0b9c5f0e-0f9d-4c5e-9d65-0d1c4b1f7c03',
    '0b9c5f0e-0f9d-4c5e-9d65-0d1c4b1f7c04',
)
_MEMBERS = (
    '6a1d2c3b-7e8f-4a9b-8c0d-1e2f3a4b5c11',
    '6a1d2c3b-7e8f-4a9b-8c0d-1e2f3a4b5c12',
)

Document = dict[str, Any]

_SILENCE = (
    'Site east does not answer (keystone): keystone at east did not answer: '
    'timed out'
)
_REFUSAL = (
    'nova at west answered 403 to POST /servers: Quota exceeded for cores: '
    'Requested 4, but already used 18 of 20 cores. Raise the quota of the '
    'project, then retry the operation.'
)


def fill(cloud: emulator.Emulator) -> None:
    """Put the application into an emulated cloud."""
    cloud.sites = [
        documents.site(
            name='east',
            region='RegionEast',
            local=False,
            reachable=False,
            reason=_SILENCE,
            checked_at='2026-11-21T10:39:21Z',
        ),
        documents.site(checked_at='2026-11-21T10:39:21Z'),
    ]
    cloud.groups = [_group()]
    cloud.members = list(_members())
    cloud.points = [
        _point('10:35:00', '10:35:48', 270.0, 3221225472),
        _point('10:30:00', '10:31:02', 570.0, 4080218931),
    ]
    cloud.services = [
        documents.service(heartbeat_at='2026-11-21T10:39:28Z'),
        documents.service(
            id='33333333-0000-4000-8000-000000000002',
            host='controller-2',
            state='down',
            heartbeat_at='2026-11-21T10:12:40Z',
        ),
    ]
    cloud.operations = [history()[-1]]
    cloud.history = []


def _group() -> Document:
    return documents.group(
        id=GROUP_ID,
        name='payroll',
        description='',
        member_count=2,
        mappings=[
            {
                'resource_type': 'network',
                'source': 'web',
                'target': 'web-dr',
            }
        ],
    )


def _members() -> Iterator[Document]:
    for number, (name, size, address, floating) in enumerate(
        (
            ('database', 40, '10.20.0.11', None),
            ('web', 10, '10.20.0.12', '203.0.113.7'),
        )
    ):
        server_id = f'c4d3b2a1-98f7-4a6b-8c5d-1e2f3a4b5c2{number}'
        placement = {
            'site': 'east',
            'server_id': server_id,
            'volumes': [
                {
                    'volume_id': f'11111111-0000-4000-8000-00000000000{number}',
                    'name': f'{name}-root',
                    'size_gib': size,
                    'ordinal': 0,
                }
            ],
            'ports': [
                {
                    'port_id': f'22222222-0000-4000-8000-00000000000{number}',
                    'mac_address': f'fa:16:3e:00:00:0{number}',
                    'fixed_ips': [address],
                    'floating_ip': floating,
                }
            ],
        }
        yield documents.member(
            id=_MEMBERS[number],
            failover_group_id=GROUP_ID,
            name=name,
            wave=number + 1,
            server_id=server_id,
            placements=[placement],
        )


def _point(created: str, completed: str, age: float, size: int) -> Document:
    return documents.recovery_point(
        id=f'3c59dc04-8e88-5024-98b7-{size:012d}',
        created_at=f'2026-11-21T{created}Z',
        completed_at=f'2026-11-21T{completed}Z',
        age_seconds=age,
        size_bytes=size,
    )


def _lane(number: int, name: str, *steps: Document, **values: Any) -> Document:
    member_id = dict(zip(('database', 'web'), _MEMBERS, strict=True)).get(name)
    return documents.lane(
        id=_LANES[number],
        name=name,
        wave=number,
        member_id=member_id,
        steps=list(steps),
        **values,
    )


def _step(
    name: str, start: str, end: str | None, state: str = '', **values: Any
) -> Document:
    return documents.step(
        name=name,
        state=state or ('succeeded' if end else 'running'),
        started_at=f'2026-11-21T{start}Z',
        finished_at=f'2026-11-21T{end}Z' if end else None,
        **values,
    )


def _lasting(start: str, end: str | None = None, **values: Any) -> Document:
    state = 'succeeded' if end else 'running'
    return {
        'state': state,
        'started_at': f'2026-11-21T{start}Z',
        'finished_at': f'2026-11-21T{end}Z' if end else None,
        **values,
    }


def _operation(*lanes: Document, **values: Any) -> Document:
    return documents.operation(
        id=OPERATION_ID,
        failover_group_id=GROUP_ID,
        arguments={'reason': 'east is down'},
        created_at='2026-11-21T10:39:30Z',
        lanes=list(lanes),
        **values,
    )


_PREPARED = _lane(
    0,
    'prepare',
    _step('preflight', '10:39:31', '10:39:33', service_seconds={'nova': 0.9}),
    _step(
        'promote_volumes',
        '10:39:33',
        '10:39:37',
        service_seconds={'array': 3.6},
    ),
    **_lasting('10:39:31', '10:39:37'),
)
_DATABASE_STEPS = (
    _step(
        'manage_volumes',
        '10:39:38',
        '10:39:45',
        service_seconds={'cinder': 6.4},
    ),
    _step(
        'create_server', '10:39:46', '10:40:09', service_seconds={'nova': 21.8}
    ),
)
_RUNNING = {'state': 'running', 'started_at': '2026-11-21T10:39:30Z'}


def history() -> list[Document]:
    """What five looks at the failover see; see :data:`MOMENTS`."""
    waiting = (_lane(1, 'database'), _lane(2, 'web'), _lane(3, 'finish'))
    database = _lane(
        1, 'database', *_DATABASE_STEPS, **_lasting('10:39:38', '10:40:10')
    )
    managing = _step('manage_volumes', '10:40:12', None)
    return [
        _operation(_lane(0, 'prepare'), *waiting),
        _operation(
            _lane(
                0,
                'prepare',
                _step('preflight', '10:39:31', None),
                **_lasting('10:39:31'),
            ),
            *waiting,
            **_RUNNING,
        ),
        _operation(
            _PREPARED,
            _lane(
                1,
                'database',
                _DATABASE_STEPS[0],
                _step(
                    'create_server',
                    '10:39:46',
                    None,
                    message='server is BUILD',
                ),
                **_lasting('10:39:38'),
            ),
            *waiting[1:],
            **_RUNNING,
        ),
        _operation(
            _PREPARED,
            database,
            _lane(2, 'web', managing, **_lasting('10:40:11')),
            waiting[-1],
            **_RUNNING,
        ),
        _operation(
            _PREPARED,
            database,
            _lane(
                2,
                'web',
                _step(
                    'manage_volumes',
                    '10:40:12',
                    '10:40:14',
                    state='reverted',
                ),
                _step(
                    'create_server',
                    '10:40:14',
                    '10:40:16',
                    state='reverted',
                    message=_REFUSAL,
                    error_code='aegis.cloud.quota',
                ),
                **{
                    **_lasting('10:40:11', '10:40:18'),
                    'state': 'reverted',
                    'reason': _REFUSAL,
                    'error_code': 'aegis.cloud.quota',
                },
            ),
            _lane(
                3,
                'finish',
                _step('activate_recovery_site', '10:40:19', '10:40:19'),
                **_lasting('10:40:19', '10:40:20'),
            ),
            state='partial',
            state_reason=f'1 of 2 members failed. First web: {_REFUSAL}',
            error_code='aegis.cloud.quota',
            started_at='2026-11-21T10:39:30Z',
            finished_at='2026-11-21T10:40:20Z',
            report={
                'recovery_point': {
                    'id': '3c59dc04-8e88-5024-98b7-003221225472',
                    'created_at': '2026-11-21T10:35:00Z',
                },
                'rpo_seconds': 270.0,
                'rto_seconds': 39.0,
                'fence': {
                    'fenced': False,
                    'reason': _SILENCE,
                    'replication_paused': False,
                },
            },
        ),
    ]


#: Seconds after the start at which those looks are taken.
MOMENTS = (0, 2, 22, 44, 50)


class Cloud(emulator.Emulator):
    """An emulated cloud with a clock that moves with the looks."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.moments: list[int] = []
        fill(self)

    def _create_member(
        self, request: wrappers.Request, group_id: str
    ) -> wrappers.Response:
        wanted = request.json['member']['server']
        for member in self.members:
            if member['name'] == wanted:
                return emulator.reply({'member': member}, 201)
        return super()._create_member(request, group_id)

    def _show_operation(
        self, request: wrappers.Request, operation_id: str
    ) -> wrappers.Response:
        if self.moments:
            seconds = self.moments.pop(0)
            self.now = NOW + datetime.timedelta(seconds=seconds)
        return super()._show_operation(request, operation_id)
