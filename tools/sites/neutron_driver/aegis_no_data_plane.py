# SPDX-License-Identifier: Apache-2.0
"""An ML2 mechanism driver for sites that have no data plane.

Every stock driver needs an agent. This one binds each port at once and
stands for the data plane as Nova's fake driver stands for a hypervisor;
all of Neutron above it is real.
"""

from typing import Any

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.db import constants as database_constants
from neutron_lib.plugins.ml2 import api
from neutron_lib.services.qos import base as qos_base
from neutron_lib.services.qos import constants as qos

_NUMBER = {'type:range': [0, database_constants.DB_INTEGER_MAX_VALUE]}
_DIRECTION = {'type:values': constants.VALID_DIRECTIONS}
_RULES = {
    qos.RULE_TYPE_BANDWIDTH_LIMIT: {
        qos.MAX_KBPS: _NUMBER,
        qos.MAX_BURST: _NUMBER,
        qos.DIRECTION: _DIRECTION,
    },
    qos.RULE_TYPE_DSCP_MARKING: {
        qos.DSCP_MARK: {'type:values': constants.VALID_DSCP_MARKS}
    },
}


class NoDataPlaneMechanismDriver(api.MechanismDriver):
    """Bind every port to the first segment offered."""

    def initialize(self) -> None:
        """Offer QoS rules: Neutron asks if somebody could apply them."""
        self._qos = qos_base.DriverBase(
            'aegis_no_data_plane',
            vif_types=[portbindings.VIF_TYPE_OVS],
            vnic_types=[portbindings.VNIC_NORMAL],
            supported_rules=_RULES,
        )

    @property
    def connectivity(self) -> str:
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context: Any) -> None:
        """Bind the port and call it active."""
        segment = context.segments_to_bind[0]
        context.set_binding(
            segment[api.ID],
            portbindings.VIF_TYPE_OVS,
            {portbindings.CAP_PORT_FILTER: True},
            status=constants.PORT_STATUS_ACTIVE,
        )
