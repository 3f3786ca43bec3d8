# SPDX-License-Identifier: Apache-2.0
"""Families that clients read and of which this array has no object."""

from flasharray_simulator.families.records import Family, empty

_TAGS = ('namespaces', 'resource_destroyed', 'resource_names')
_MACHINES = ('destroyed', 'vm_type', 'vm_ids')

_EMPTY: tuple[Family, ...] = (
    Family('apps', 'App', methods=('PATCH',)),
    empty('apps/nodes', 'App node', 'app_names'),
    empty('arrays/cloud-capacity', 'Cloud capacity'),
    empty('arrays/cloud-capacity/supported-steps', 'Cloud capacity step'),
    empty('presets/workload', 'Workload preset'),
    empty('realms/tags', 'Tag', *_TAGS),
    empty('software', 'Software', 'versions'),
    empty('software-installations', 'Software installation', 'software_names'),
    empty('subscription-assets', 'Subscription asset'),
    empty('virtual-machine-snapshots', 'VM snapshot', *_MACHINES),
    empty('virtual-machines', 'Virtual machine', *_MACHINES),
    empty('workloads', 'Workload', 'destroyed'),
)

ROUTES = tuple(route for family in _EMPTY for route in family.routes())
