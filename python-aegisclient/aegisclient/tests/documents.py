# SPDX-License-Identifier: Apache-2.0
"""Documents as the API sends them."""

from typing import Any

GROUP_ID = '5b1a6a5e-6c0e-4a51-9b0c-0d7a3c1c9a01'
MEMBER_ID = '0e6b8c1e-4d4f-4c0b-8d51-2f8f0a7f1b02'
SERVER_ID = 'c4d3b2a1-98f7-4a6b-8c5d-1e2f3a4b5c03'
OPERATION_ID = '9f86d081-884c-4d63-a1b2-c3d4e5f60704'
POINT_ID = '3c59dc04-8e88-5024-98b7-a0b1c2d3e405'
PROJECT_ID = '7f3e2d1c0b9a48f7a6b5c4d3e2f10a06'
USER_ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f07'


def site(**values: Any) -> dict[str, Any]:
    return {
        'name': 'west',
        'region': 'RegionWest',
        'local': True,
        'reachable': True,
        'reason': None,
        'checked_at': '2026-11-21T10:38:02Z',
        **values,
    }


def group(**values: Any) -> dict[str, Any]:
    return {
        'id': GROUP_ID,
        'name': 'shop',
        'description': 'The web shop',
        'project_id': PROJECT_ID,
        'protected_site': 'east',
        'recovery_site': 'west',
        'active_site': 'east',
        'replication_type': 'async',
        'on_member_failure': 'continue',
        'mappings': [
            {
                'resource_type': 'network',
                'source': 'frontend',
                'target': 'frontend-dr',
            }
        ],
        'state': 'protected',
        'state_reason': None,
        'epoch': 1,
        'revision': 3,
        'member_count': 1,
        'created_at': '2026-11-21T09:00:00Z',
        'updated_at': '2026-11-21T09:30:00Z',
        'links': [],
        **values,
    }


def member(**values: Any) -> dict[str, Any]:
    return {
        'id': MEMBER_ID,
        'failover_group_id': GROUP_ID,
        'kind': 'server',
        'name': 'web-1',
        'wave': 1,
        'server_id': SERVER_ID,
        'placements': [
            {
                'site': 'east',
                'server_id': SERVER_ID,
                'volumes': [
                    {
                        'volume_id': '11111111-0000-4000-8000-000000000001',
                        'name': 'web-1-root',
                        'size_gib': 8,
                        'ordinal': 0,
                    },
                    {
                        'volume_id': '11111111-0000-4000-8000-000000000002',
                        'name': '',
                        'size_gib': 20,
                        'ordinal': 1,
                    },
                ],
                'ports': [
                    {
                        'port_id': '22222222-0000-4000-8000-000000000001',
                        'mac_address': 'fa:16:3e:00:00:01',
                        'fixed_ips': ['10.0.0.11'],
                        'floating_ip': '203.0.113.7',
                    }
                ],
            }
        ],
        'created_at': '2026-11-21T09:10:00Z',
        **values,
    }


def recovery_point(**values: Any) -> dict[str, Any]:
    return {
        'id': POINT_ID,
        'created_at': '2026-11-21T10:30:00Z',
        'completed_at': '2026-11-21T10:31:15Z',
        'age_seconds': 612.5,
        'size_bytes': 30064771072,
        'volume_count': 2,
        **values,
    }


def operation(**values: Any) -> dict[str, Any]:
    return {
        'id': OPERATION_ID,
        'failover_group_id': GROUP_ID,
        'type': 'failover',
        'state': 'queued',
        'state_reason': None,
        'error_code': None,
        'arguments': {},
        'report': {},
        'attempt': 1,
        'cancel_requested': False,
        'user_id': USER_ID,
        'request_id': 'req-4b1a5a52-0a9e-4c8b-9d58-7c3b6a1f2e08',
        'created_at': '2026-11-21T10:40:00Z',
        'started_at': None,
        'finished_at': None,
        'links': [],
        **values,
    }


def lane(**values: Any) -> dict[str, Any]:
    return {
        'id': '44444444-0000-4000-8000-000000000001',
        'name': 'web-1',
        'member_id': MEMBER_ID,
        'wave': 1,
        'state': 'queued',
        'direction': 'execute',
        'attempt': 1,
        'reason': None,
        'error_code': None,
        'started_at': None,
        'finished_at': None,
        'steps': [],
        **values,
    }


def step(**values: Any) -> dict[str, Any]:
    return {
        'name': 'create_server',
        'state': 'running',
        'message': None,
        'error_code': None,
        'started_at': '2026-11-21T10:40:10Z',
        'finished_at': None,
        'leftovers': [],
        'service_seconds': {},
        **values,
    }


def service(**values: Any) -> dict[str, Any]:
    return {
        'id': '33333333-0000-4000-8000-000000000001',
        'binary': 'aegis-engine',
        'host': 'controller-1',
        'version': '1.0.0',
        'state': 'up',
        'started_at': '2026-11-21T08:00:00Z',
        'heartbeat_at': '2026-11-21T10:39:58Z',
        **values,
    }


def error(**values: Any) -> dict[str, Any]:
    return {
        'errors': [
            {
                'status': 409,
                'code': 'aegis.failover_group.busy',
                'title': 'Conflict',
                'detail': 'Operation 9f86 (failover) is running on group shop.',
                'remedy': 'Wait for it with "openstack dr operation watch".',
                'details': [],
                'request_id': 'req-7d1c5a3e-2b0f-4c8e-9a64-1f0e2d3c4b5a',
                **values,
            }
        ]
    }


def failover_history() -> list[dict[str, Any]]:
    """A failover as four looks would see it, the last one succeeded."""
    prepare = lane(
        id='44444444-0000-4000-8000-000000000000',
        name='prepare',
        member_id=None,
        wave=0,
    )
    started = {'started_at': '2026-11-21T10:40:01Z'}
    prepared = {
        **prepare,
        **started,
        'state': 'succeeded',
        'finished_at': '2026-11-21T10:40:05Z',
    }
    web_started = {'state': 'running', 'started_at': '2026-11-21T10:40:06Z'}
    return [
        operation(lanes=[prepare, lane()]),
        operation(
            state='running',
            lanes=[
                {
                    **prepare,
                    **started,
                    'state': 'running',
                    'steps': [step(name='preflight')],
                },
                lane(),
            ],
            **started,
        ),
        operation(
            state='running',
            lanes=[prepared, lane(steps=[step()], **web_started)],
            **started,
        ),
        operation(
            state='succeeded',
            finished_at='2026-11-21T10:41:07Z',
            lanes=[
                prepared,
                lane(
                    state='succeeded',
                    started_at='2026-11-21T10:40:06Z',
                    finished_at='2026-11-21T10:41:06Z',
                    steps=[
                        step(
                            state='succeeded',
                            finished_at='2026-11-21T10:41:00Z',
                            service_seconds={'nova': 48.2},
                        )
                    ],
                ),
            ],
            **started,
        ),
    ]


def failed_operation(state: str = 'partial') -> dict[str, Any]:
    """An operation with a failed member that left a volume behind."""
    failed_step = step(
        state='reverted',
        message='Quota exceeded for cores',
        error_code='aegis.cloud.quota',
        finished_at='2026-11-21T10:40:12Z',
        leftovers=[
            {
                'service': 'cinder',
                'resource_type': 'volume',
                'resource_id': '55555555-0000-4000-8000-000000000001',
                'name': 'web-2-root',
                'reason': 'it is attached',
            }
        ],
    )
    return operation(
        state=state,
        state_reason='1 of 2 members failed. First web-2: Quota exceeded',
        error_code='aegis.cloud.quota',
        started_at='2026-11-21T10:40:01Z',
        finished_at='2026-11-21T10:44:13Z',
        lanes=[
            lane(
                state='succeeded',
                started_at='2026-11-21T10:40:06Z',
                finished_at='2026-11-21T10:41:06Z',
            ),
            lane(
                id='44444444-0000-4000-8000-000000000002',
                name='web-2',
                state='failed',
                reason='Quota exceeded for cores',
                error_code='aegis.cloud.quota',
                started_at='2026-11-21T10:40:06Z',
                finished_at='2026-11-21T10:40:13Z',
                steps=[failed_step],
            ),
        ],
    )
