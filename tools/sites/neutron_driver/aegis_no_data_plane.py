# SPDX-License-Identifier: Apache-2.0
"""An ML2 mechanism driver for sites that have no data plane.

Every stock driver needs an agent. This one binds each port at once and
stands for the data plane as Nova's fake driver stands for a hypervisor;
all of Neutron above it is real.
"""

from typing import Any

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api


class NoDataPlaneMechanismDriver(api.MechanismDriver):
    """Bind every port to the first segment offered."""

    def initialize(self) -> None:
        """Need nothing."""

    @property
    def connectivity(self) -> str:
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context: Any) -> None:
        """Bind the port and call it active."""
        segment = context.segments_to_bind[0]
        context.set_binding(
            segment[api.ID], portbindings.VIF_TYPE_OVS,
            {portbindings.CAP_PORT_FILTER: True},
            status=constants.PORT_STATUS_ACTIVE)
