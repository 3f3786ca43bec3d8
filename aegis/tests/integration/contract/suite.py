# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every cloud, real or not."""

from aegis.tests.integration.contract import (
    application,
    common,
    compute,
    identity,
    images,
    networks,
    ports,
    scaffolding,
    servers,
    volumes,
)

Laboratory = scaffolding.Laboratory


class ContractSuite(
    identity.IdentityContract,
    common.CommonContract,
    compute.ComputeContract,
    servers.ServersContract,
    volumes.VolumesContract,
    ports.PortsContract,
    networks.NetworksContract,
    images.ImagesContract,
    application.ApplicationContract,
):
    """Mixed into a test case that provides ``laboratory``."""
