# SPDX-License-Identifier: Apache-2.0
"""All that a client does with two arrays, in any REST version."""

from tests import vendor
from tests.version_local import LocalSteps
from tests.version_replication import ReplicationSteps


class Script(LocalSteps, ReplicationSteps):
    """Each step is a method; they do not depend on each other."""


STEPS = (
    Script.session,
    Script.retries,
    Script.volumes,
    Script.lists,
    Script.snapshots,
    Script.hosts,
    Script.volume_groups,
    Script.tags,
    Script.batch,
    Script.array_itself,
    Script.protection_groups,
)
# These take seconds: they run in versions in which what they call changed.
SLOW_STEPS = (
    (Script.pods, 'pods'),
    (Script.replica_links, 'pod-replica-links'),
)


def is_changed(version: str, before: str | None, path: str) -> bool:
    """Return whether the calls on a path, or their items, changed."""
    return before is None or _calls(version, path) != _calls(before, path)


def _calls(version: str, path: str) -> dict[tuple[str, str], object]:
    return {
        call: (
            operation.parameters,
            operation.response
            and vendor.items_of(version, operation.response),
        )
        for call, operation in vendor.operations(version).items()
        if operation.path == path
    }
