# SPDX-License-Identifier: Apache-2.0
"""What the captured things have become at the target."""

import dataclasses
from collections.abc import Mapping

from aegis.clouds import objects
from aegis.common import exception


def pairs(translations: Mapping[str, str]) -> tuple[objects.Pair, ...]:
    """Source and target ids as they are kept, ordered by source."""
    return tuple(
        objects.Pair(source, translations[source])
        for source in sorted(translations)
    )


def lookup(translations: tuple[objects.Pair, ...], source: str) -> str | None:
    """The target of a source, or None."""
    return next(
        (each.value for each in translations if each.key == source), None
    )


def require(
    translations: tuple[objects.Pair, ...], resource: str, source: str
) -> str:
    """The target of a source.

    :raises aegis.common.exception.NotFound: when there is none.
    """
    found = lookup(translations, source)
    if found is None:
        raise exception.NotFound(
            f'Nothing stands for {resource} {source} at the recovery site.',
            remedy='Capture the group again, or map the resource.',
        )
    return found


@dataclasses.dataclass(frozen=True)
class NetworkTranslation:
    """Networks and subnets by their captured ids.

    ``targets`` are those subnets themselves, each once; ``external`` are
    the networks that floating IPs are taken from.
    """

    networks: tuple[objects.Pair, ...]
    subnets: tuple[objects.Pair, ...]
    targets: tuple[objects.Subnet, ...] = ()
    external: tuple[objects.Pair, ...] = ()

    def network_of(self, source_id: str) -> str:
        """The network for ports of a captured one."""
        return require(self.networks, 'network', source_id)

    def subnet_of(self, source_id: str) -> str | None:
        """The subnet for addresses of a captured one, None without any."""
        return lookup(self.subnets, source_id)

    def external_of(self, source_id: str) -> str:
        """The network for floating IPs of a captured one."""
        return require(self.external, 'external network', source_id)


@dataclasses.dataclass(frozen=True)
class SecurityGroupTranslation:
    """Security groups by their captured ids."""

    groups: tuple[objects.Pair, ...]

    def id_of(self, source_id: str) -> str:
        """The security group for a captured one."""
        return require(self.groups, 'security group', source_id)


@dataclasses.dataclass(frozen=True)
class KeypairTranslation:
    """Key pair names by the fingerprint of the captured key."""

    keypairs: tuple[objects.Pair, ...]

    def name_of(self, keypair: objects.Keypair) -> str:
        """The name under which a captured key is known."""
        return require(self.keypairs, 'key pair', identity(keypair))


@dataclasses.dataclass(frozen=True)
class ServerGroupTranslation:
    """Server groups by their captured ids."""

    groups: tuple[objects.Pair, ...]

    def id_of(self, source_id: str) -> str:
        """The server group for a captured one."""
        return require(self.groups, 'server group', source_id)


def identity(keypair: objects.Keypair) -> str:
    """A key pair's name and fingerprint.

    Two tenants' users may have different keys of one name, and one key
    under two names.
    """
    return f'{keypair.name} {keypair.fingerprint}'
