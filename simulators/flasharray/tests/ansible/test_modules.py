# SPDX-License-Identifier: Apache-2.0
"""The collection's modules on three versions, each for idempotence."""

from tests.ansible import (
    arrays,
    hosts,
    modules,
    pods,
    protection,
    volumes,
)


class AllModules(
    arrays.ArrayModules,
    arrays.InfoModules,
    hosts.HostGroupModules,
    hosts.HostModules,
    hosts.SubnetModules,
    pods.PodModules,
    protection.ProtectionModules,
    protection.ReplicationModules,
    volumes.SnapshotModules,
    volumes.VolumeGroupModules,
    volumes.VolumeModules,
):
    """Every module; the arrays are started once for all tests."""


@modules.needed
class Rest226Test(AllModules):
    version = '2.26'


@modules.needed
class Rest236Test(AllModules):
    version = '2.36'


@modules.needed
class Rest242Test(AllModules):
    version = '2.42'


del AllModules
