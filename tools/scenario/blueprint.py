# SPDX-License-Identifier: Apache-2.0
"""The application that the demo and the integration tests protect.

Pure data. The finance project runs two web servers and a database; the
retail project next to it wants nothing to do with any of it.
"""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class VolumePlan:
    name: str
    size_gib: int
    bootable: bool
    volume_type: str


@dataclass(frozen=True)
class InterfacePlan:
    network: str
    address: str
    mac_address: str


@dataclass(frozen=True)
class ServerPlan:
    """A server; its first volume is the root disk."""

    name: str
    flavor: str
    description: str
    volumes: tuple[VolumePlan, ...]
    interfaces: tuple[InterfacePlan, ...]
    security_groups: tuple[str, ...]
    metadata: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    floating_ip: bool = False
    config_drive: bool = False


@dataclass(frozen=True)
class NetworkPlan:
    name: str
    cidr: str
    gateway: str


@dataclass(frozen=True)
class RulePlan:
    """A rule; ``remote_group`` is the name of another group."""

    protocol: str
    port: int | None
    cidr: str | None = None
    remote_group: str | None = None


@dataclass(frozen=True)
class SecurityGroupPlan:
    name: str
    rules: tuple[RulePlan, ...]


@dataclass(frozen=True)
class ApplicationPlan:
    project: str
    user: str
    networks: tuple[NetworkPlan, ...]
    router: str
    security_groups: tuple[SecurityGroupPlan, ...]
    keypair: str
    servers: tuple[ServerPlan, ...]


def _volumes(
    server: str, kind: str, extra: tuple[str, ...]
) -> tuple[VolumePlan, ...]:
    return (
        VolumePlan(f'{server}-root', 2, True, kind),
        *(VolumePlan(f'{server}-{name}', 1, False, kind) for name in extra),
    )


def finance() -> ApplicationPlan:
    """Two web servers in front of a database: seven volumes, two networks."""
    kind = 'finance-async'
    return ApplicationPlan(
        project='finance',
        user='fiona',
        networks=(
            NetworkPlan('front', '10.61.1.0/24', '10.61.1.1'),
            NetworkPlan('back', '10.61.2.0/24', '10.61.2.1'),
        ),
        router='edge',
        security_groups=(
            SecurityGroupPlan(
                'web',
                (
                    RulePlan('tcp', 443, cidr='0.0.0.0/0'),
                    RulePlan('icmp', None, cidr='0.0.0.0/0'),
                ),
            ),
            SecurityGroupPlan(
                'database', (RulePlan('tcp', 5432, remote_group='web'),)
            ),
        ),
        keypair='finance-admins',
        servers=(
            ServerPlan(
                name='web-1',
                flavor='m1.tiny',
                description='Front end, first half',
                volumes=_volumes('web-1', kind, ('content',)),
                interfaces=(
                    InterfacePlan('front', '10.61.1.11', 'fa:16:3e:61:01:11'),
                    InterfacePlan('back', '10.61.2.11', 'fa:16:3e:61:02:11'),
                ),
                security_groups=('web',),
                metadata=(('tier', 'web'), ('owner', 'finance')),
                tags=('production', 'web'),
                floating_ip=True,
            ),
            ServerPlan(
                name='web-2',
                flavor='m1.tiny',
                description='Front end, second half',
                volumes=_volumes('web-2', kind, ('content',)),
                interfaces=(
                    InterfacePlan('front', '10.61.1.12', 'fa:16:3e:61:01:12'),
                    InterfacePlan('back', '10.61.2.12', 'fa:16:3e:61:02:12'),
                ),
                security_groups=('web',),
                metadata=(('tier', 'web'), ('owner', 'finance')),
                tags=('production', 'web'),
            ),
            ServerPlan(
                name='database',
                flavor='m1.small',
                description='Ledger',
                volumes=_volumes('database', kind, ('data', 'log')),
                interfaces=(
                    InterfacePlan('back', '10.61.2.20', 'fa:16:3e:61:02:20'),
                ),
                security_groups=('database',),
                metadata=(('tier', 'database'),),
                tags=('production',),
                config_drive=True,
            ),
        ),
    )


def retail() -> ApplicationPlan:
    """The bystander: a replicated and a local volume, at each site."""
    return ApplicationPlan(
        project='retail',
        user='rita',
        networks=(NetworkPlan('shop', '10.62.1.0/24', '10.62.1.1'),),
        router='shop-edge',
        security_groups=(
            SecurityGroupPlan(
                'shop', (RulePlan('tcp', 80, cidr='0.0.0.0/0'),)
            ),
        ),
        keypair='retail-admins',
        servers=(
            ServerPlan(
                name='shop-1',
                flavor='m1.tiny',
                description='Nobody touches this one',
                volumes=(
                    VolumePlan('shop-1-root', 2, True, 'retail-async'),
                    VolumePlan('shop-1-cache', 1, False, 'local'),
                ),
                interfaces=(
                    InterfacePlan('shop', '10.62.1.11', 'fa:16:3e:62:01:11'),
                ),
                security_groups=('shop',),
                metadata=(('tier', 'shop'),),
                tags=('production',),
                floating_ip=True,
            ),
        ),
    )


def renamed(server: ServerPlan, name: str) -> ServerPlan:
    """The same server and volumes under other names."""
    return dataclasses.replace(
        server,
        name=name,
        volumes=tuple(
            dataclasses.replace(
                volume, name=f'{name}-{volume.name.rpartition("-")[2]}'
            )
            for volume in server.volumes
        ),
    )


def farm(servers: int) -> ApplicationPlan:
    """Many small servers with two volumes each, to measure with."""
    kind = 'finance-async'
    return ApplicationPlan(
        project='finance',
        user='fiona',
        networks=(NetworkPlan('farm', '10.63.0.0/16', '10.63.0.1'),),
        router='farm-edge',
        security_groups=(),
        keypair='farm-admins',
        servers=tuple(
            ServerPlan(
                name=f'farm-{number:03d}',
                flavor='m1.tiny',
                description='',
                volumes=_volumes(f'farm-{number:03d}', kind, ('data',)),
                interfaces=(
                    InterfacePlan(
                        'farm',
                        f'10.63.1.{number}',
                        f'fa:16:3e:63:01:{number:02x}',
                    ),
                ),
                security_groups=(),
                metadata=(),
                tags=(),
            )
            for number in range(1, servers + 1)
        ),
    )
