# SPDX-License-Identifier: Apache-2.0
"""What real arrays answered, as pure-fa-openmetrics-exporter keeps it.

The values are those of its test data (some are made up where they were
cut). A field that is here must be in our answers, with a value of the same
type; what is null here may have a value.
"""

from typing import Any

_REFERENCE = {'name': 'z-ProdPod', 'id': 'b990f03f'}
_NOTHING = {'name': None, 'id': None}
_SPACE = {
    'data_reduction': 3.09,
    'shared': None,
    'snapshots': 1,
    'system': None,
    'thin_provisioning': 0.93,
    'total_physical': 1,
    'total_provisioned': 21990232555520,
    'total_reduction': 48.8,
    'unique': 1,
    'virtual': 1,
}
_RATES = {
    'from_remote_bytes_per_sec': 0,
    'to_remote_bytes_per_sec': 0,
    'total_bytes_per_sec': 0,
}
_QOS = {'bandwidth_limit': None, 'iops_limit': None}
_PRIORITY = {
    'priority_adjustment_operator': '+',
    'priority_adjustment_value': 0,
}
_POD_ARRAY = {
    'name': 'z-m70-a',
    'id': '704f',
    'status': 'online',
    'mediator_status': 'online',
    'pre_elected': False,
    'frozen_at': None,
    'progress': None,
    'member': {'name': 'z-m70-a', 'id': '704f', 'resource_type': 'arrays'},
}
_LINK = {
    'id': 'f9a8',
    'remotes': [{'name': 'z-x20-b', 'id': '2b1c'}],
    'local_pod': _REFERENCE,
    'remote_pod': _REFERENCE,
    'direction': 'outbound',
}

ITEMS: dict[str, dict[str, Any]] = {
    'pods': {
        'name': 'z-ProdPod',
        'id': 'b990f03f',
        'source': _NOTHING,
        'destroyed': False,
        'requested_promotion_state': 'promoted',
        'promotion_status': 'promoted',
        'mediator': 'purestorage',
        'mediator_version': None,
        'failover_preferences': [{'name': 'z-x70-a', 'id': '6c1b'}],
        'arrays': [_POD_ARRAY],
        'members': [],
        'time_remaining': None,
        'array_count': 2,
        'eradication_config': {'manual_eradication': 'all-enabled'},
        'link_source_count': 0,
        'link_target_count': 0,
        'footprint': 2223169046848,
        'space': {**_SPACE, 'replication': 0},
    },
    'pod-replica-links/lag': {
        **_LINK,
        'lag': {'avg': 1500, 'max': 1500},
        'time': 1676116894422,
        'status': 'replicating',
        'recovery_point': 1676116892819,
    },
    'pod-replica-links/performance/replication': {
        **_LINK,
        'time': 1676116894422,
        'bytes_per_sec_from_remote': 0,
        'bytes_per_sec_to_remote': 253,
        'bytes_per_sec_total': 253,
    },
    'pods/performance/replication': {
        'time': 1676116894422,
        'pod': _REFERENCE,
        'continuous_bytes_per_sec': _RATES,
        'resync_bytes_per_sec': _RATES,
        'sync_bytes_per_sec': _RATES,
        'periodic_bytes_per_sec': _RATES,
        'total_bytes_per_sec': 3834,
    },
    'volumes': {
        'name': 'z-ProdPod::ds1',
        'id': '2d9e916e',
        'serial': '6C1B16CE1C034D1C00051838',
        'provisioned': 21990232555520,
        'created': 1632487951945,
        'connection_count': 2,
        'destroyed': False,
        'time_remaining': None,
        'subtype': 'regular',
        'source': _NOTHING,
        'pod': _NOTHING,
        'volume_group': _NOTHING,
        'qos': _QOS,
        'priority': 0,
        'priority_adjustment': _PRIORITY,
        'host_encryption_key_status': 'none',
        'requested_promotion_state': 'promoted',
        'promotion_status': 'promoted',
        'space': _SPACE,
    },
    'connections': {
        'host': {'name': 'h1'},
        'lun': 254,
        'volume': {'name': 'v', 'id': '2d9e'},
        'host_group': {'name': None},
        'protocol_endpoint': _NOTHING,
        'nsid': None,
    },
    'hosts': {
        'name': 'h1',
        'is_local': True,
        'iqns': [],
        'nqns': [],
        'wwns': ['2100F4C7AA002706'],
        'personality': None,
        'preferred_arrays': [],
        'connection_count': 29,
        'host_group': {'name': None},
        'chap': {
            'host_password': None,
            'host_user': None,
            'target_password': None,
            'target_user': None,
        },
        'port_connectivity': {'status': 'healthy', 'details': None},
        'space': _SPACE,
    },
    'ports': {
        'name': 'CT0.ETH4',
        'iqn': None,
        'portal': None,
        'nqn': None,
        'wwn': None,
        'failover': None,
    },
    'network-interfaces': {
        'name': 'ct0.eth4',
        'enabled': True,
        'interface_type': 'eth',
        'services': ['iscsi'],
        'speed': 25000000000,
        'fc': {'wwn': None},
        'eth': {
            'subtype': None,
            'subinterfaces': [],
            'address': None,
            'vlan': None,
            'mac_address': None,
            'netmask': None,
            'gateway': None,
            'mtu': None,
            'subnet': {'name': None},
        },
    },
    'controllers': {
        'name': 'CT0',
        'type': 'array_controller',
        'status': 'ready',
        'mode': 'primary',
        'model': 'FA-X70R3',
        'version': '6.6.3',
        'mode_since': 1706828892476,
    },
    'volume-groups': {
        'context': _REFERENCE,
        'name': 'pod2::vg2',
        'id': '1f0e',
        'destroyed': False,
        'pod': _NOTHING,
        'time_remaining': None,
        'qos': _QOS,
        'space': _SPACE,
        'volume_count': 0,
        'workload': None,
        'priority_adjustment': _PRIORITY,
    },
}

# What the exporter reads: with a filter where it has one.
EXPORTER = (
    ('alerts', {'filter': "state='open'"}),
    ('arrays', {}),
    ('arrays/performance', {}),
    ('connections', {}),
    ('controllers', {}),
    ('directories', {}),
    ('directories/performance', {}),
    ('drives', {}),
    ('hardware', {}),
    ('hosts', {}),
    ('hosts/performance', {}),
    ('hosts/performance/balance', {}),
    ('network-interfaces', {}),
    ('network-interfaces/performance', {}),
    ('pod-replica-links/lag', {}),
    ('pod-replica-links/performance/replication', {}),
    ('pods', {}),
    ('pods/performance', {}),
    ('pods/performance/replication', {}),
    ('ports', {}),
    ('subscriptions', {}),
    ('volume-groups', {}),
    ('volume-groups/performance', {}),
    ('volumes', {}),
    ('volumes/performance', {}),
)


def differences(golden: Any, actual: Any, where: str = '') -> list[str]:
    """Say where an answer lacks a field or has another type of value."""
    if golden is None:
        return []
    if isinstance(golden, dict):
        if not isinstance(actual, dict):
            return [f'{where} is no object but {actual!r}']
        return [
            found
            for key, value in golden.items()
            for found in (
                differences(value, actual[key], f'{where}.{key}')
                if key in actual
                else [f'{where}.{key} is missing']
            )
        ]
    if isinstance(golden, list):
        if not isinstance(actual, list):
            return [f'{where} is no list but {actual!r}']
        return [
            found
            for element in actual
            for found in differences((golden or [None])[0], element, where)
        ]
    same = _kind(golden) == _kind(actual)
    return [] if same else [f'{where} is {actual!r}, not like {golden!r}']


def _kind(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 'number'
    return type(value).__name__
