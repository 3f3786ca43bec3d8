# SPDX-License-Identifier: Apache-2.0
"""What one engine process works with, made once."""

import dataclasses

from oslo_config import cfg

from aegis.clouds import factory
from aegis.common import waiting
from aegis.journal import leases as journal_leases
from aegis.storage import manager


@dataclasses.dataclass(frozen=True)
class Services:
    """Thread safe; shared by all lanes and calls of a process.

    ``waiter`` ends all waiting when the process is to stop, ``leases`` tells
    which lanes it still may act for.
    """

    conf: cfg.ConfigOpts
    clouds: factory.Clouds
    storage: manager.StorageManager
    waiter: waiting.StoppableWaiter
    leases: journal_leases.Leases = dataclasses.field(
        default_factory=journal_leases.Leases
    )


def build(conf: cfg.ConfigOpts) -> Services:
    """Make them from a configuration. Contacts nothing."""
    return Services(
        conf=conf,
        clouds=factory.Clouds(conf),
        storage=manager.StorageManager(conf),
        waiter=waiting.StoppableWaiter(),
    )
