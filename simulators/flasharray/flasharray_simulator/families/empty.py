# SPDX-License-Identifier: Apache-2.0
"""Families that clients read and of which this array has no object."""

from flasharray_simulator import listing
from flasharray_simulator.call import Answer, Call, Handler, Route

# (path, label, first version, own parameters)
_EMPTY: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ('admins', 'Admin', '2.2', ()),
    ('alert-watchers', 'Alert watcher', '2.0', ()),
    ('alerts', 'Alert', '2.0', ()),
    ('api-clients', 'API client', '2.0', ()),
    ('apps', 'App', '2.0', ()),
    ('audits', 'Audit', '2.0', ()),
    ('certificates', 'Certificate', '2.4', ()),
    ('directories', 'Directory', '2.3', ('destroyed',)),
    ('directory-exports', 'Directory export', '2.3', ('destroyed',)),
    ('directory-services', 'Directory service', '2.2', ()),
    ('directory-snapshots', 'Directory snapshot', '2.3', ('destroyed',)),
    ('dns', 'DNS', '2.2', ()),
    ('drives', 'Drive', '2.0', ()),
    ('file-systems', 'File system', '2.3', ('destroyed',)),
    ('fleets', 'Fleet', '2.36', ()),
    ('fleets/members', 'Fleet', '2.36', ('fleet_names', 'member_names')),
    ('kmip', 'KMIP server', '2.2', ()),
    ('maintenance-windows', 'Maintenance window', '2.7', ()),
    ('offloads', 'Offload', '2.0', ()),
    ('policies', 'Policy', '2.3', ('destroyed',)),
    ('policies/autodir', 'Policy', '2.24', ('destroyed',)),
    ('policies/nfs', 'Policy', '2.3', ('destroyed',)),
    ('policies/password', 'Policy', '2.16', ('destroyed',)),
    ('policies/quota', 'Policy', '2.7', ('destroyed',)),
    ('policies/smb', 'Policy', '2.3', ('destroyed',)),
    ('policies/snapshot', 'Policy', '2.3', ('destroyed',)),
    ('protocol-endpoints', 'Protocol endpoint', '2.0', ()),
    ('realms', 'Realm', '2.36', ('destroyed',)),
    ('remote-pods', 'Remote pod', '2.0', ('on',)),
    (
        'remote-protection-group-snapshots',
        'Remote protection group snapshot',
        '2.0',
        ('on', 'destroyed', 'source_names'),
    ),
    (
        'remote-protection-group-snapshots/transfer',
        'Remote protection group snapshot',
        '2.0',
        ('on', 'destroyed', 'source_names'),
    ),
    (
        'remote-protection-groups',
        'Remote protection group',
        '2.0',
        ('on', 'destroyed'),
    ),
    (
        'remote-volume-snapshots',
        'Remote volume snapshot',
        '2.0',
        ('on', 'destroyed', 'source_names'),
    ),
    ('snmp-managers', 'SNMP manager', '2.0', ()),
    ('subnets', 'Subnet', '2.4', ()),
    ('syslog-servers', 'Syslog server', '2.2', ()),
    ('virtual-machines', 'Virtual machine', '2.14', ('vm_type', 'destroyed')),
    ('workloads', 'Workload', '2.40', ('destroyed',)),
)


def _lister(label: str) -> Handler:
    def get(call: Call) -> Answer:
        return listing.plain(call, [], label)

    return get


ROUTES = tuple(
    Route('GET', path, _lister(label), parameters, since=since)
    for path, label, since, parameters in _EMPTY
)
