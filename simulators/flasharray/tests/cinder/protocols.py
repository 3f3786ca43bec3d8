# SPDX-License-Identifier: Apache-2.0
"""What differs between Cinder's three drivers for these arrays."""

import functools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cinder import db
from cinder.volume.drivers import pure

from tests import support
from tests.cinder import arrays, environment, rows


@dataclass(frozen=True)
class Protocol:
    """One driver class, and the transport if it has several.

    ``initiators`` is the field of a host that holds the connector's names,
    ``number`` the field of a connection that the driver needs.
    """

    name: str
    driver: type
    reported: str
    initiators: str
    number: str
    transport: str | None = None

    def options(self) -> dict[str, object]:
        if self.transport is None:
            return {}
        return {'pure_nvme_transport': self.transport}

    def connector(self, host: str, **changes: Any) -> dict[str, Any]:
        """Return what os-brick says of a compute host."""
        digest = uuid.uuid5(uuid.NAMESPACE_DNS, host).hex
        return {
            'host': host,
            'initiator': f'iqn.1993-08.org.debian:01:{digest[:12]}',
            'nqn': f'nqn.2014-08.org.nvmexpress:uuid:{digest}',
            'wwpns': [f'10000090fa{digest[:5]}{port}' for port in '0ab'],
            'wwnns': [f'20000090fa{digest[:6]}'],
            'multipath': True,
            'ip': '127.0.0.1',
            'system uuid': str(uuid.uuid5(uuid.NAMESPACE_OID, host)),
            **changes,
        }

    def names_of(self, connector: Mapping[str, Any]) -> list[str]:
        """Return how an array lists the connector's initiators."""
        if self.initiators == 'iqns':
            return [connector['initiator']]
        if self.initiators == 'nqns':
            return [connector['nqn']]
        return [name.upper() for name in connector['wwpns']]


ISCSI = Protocol('Iscsi', pure.PureISCSIDriver, 'iSCSI', 'iqns', 'lun')
FC = Protocol('Fc', pure.PureFCDriver, 'FC', 'wwns', 'lun')
TCP = Protocol(
    'NvmeTcp',
    pure.PureNVMEDriver,
    'NVMe-TCP',
    'nqns',
    'nsid',
    'tcp',
)
ROCE = Protocol(
    'NvmeRoce',
    pure.PureNVMEDriver,
    'NVMe-RoCE',
    'nqns',
    'nsid',
    'roce',
)
DRIVERS = (ISCSI, FC, TCP)
ALL = (*DRIVERS, ROCE)


def device(array: support.ArrayProcess, kind: str) -> dict[str, str]:
    """Return a replication_device; the kind may be ``uniform``."""
    found = {
        'backend_id': array.name,
        'san_ip': array.target,
        'api_token': array.token,
        'type': 'async' if kind == 'async' else 'sync',
    }
    return found | ({'uniform': 'true'} if kind == 'uniform' else {})


def driver(
    protocol: Protocol,
    primary: support.ArrayProcess,
    devices: list[dict[str, str]],
    active_backend_id: str | None = None,
    **options: object,
) -> Any:
    """Return a new driver that has been set up."""
    environment.prepare()
    made = protocol.driver(
        configuration=environment.backend(
            f'backend_{uuid.uuid4().hex[:8]}',
            **{
                'volume_backend_name': 'pure',
                'san_ip': primary.target,
                'pure_api_token': primary.token,
                **({'replication_device': devices} if devices else {}),
                **protocol.options(),
                **options,
            },
        ),
        host=rows.HOST,
        db=db,
        active_backend_id=active_backend_id,
    )
    made.do_setup(rows.admin())
    made.check_for_setup_error()
    made.set_initialized()
    return made


def new(protocol: Protocol, kind: str, **options: object) -> Any:
    """Return a new driver of east, replicating as kind says.

    Its kinds are those of the extra spec ``replication_type``, ``uniform``
    and ``none``.
    """
    found = arrays.fleet()
    if kind == 'trisync':
        devices = [device(found.west, 'sync'), device(found.north, 'async')]
        options = {
            'pure_trisync_enabled': True,
            'pure_replication_pg_name': 'cinder-group-3',
            **options,
        }
    elif kind == 'none':
        devices = []
    else:
        devices = [device(found.west, kind)]
    return driver(protocol, found.east, devices, **options)


@functools.cache
def shared(protocol: Protocol, kind: str) -> Any:
    """Return the driver that tests share which do not fail over."""
    return new(protocol, kind)
