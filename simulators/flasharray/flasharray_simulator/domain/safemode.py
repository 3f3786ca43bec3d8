# SPDX-License-Identifier: Apache-2.0
"""SafeMode: what may not be destroyed, weakened or eradicated."""

from flasharray_simulator import errors, model


def is_locked(group: model.ProtectionGroup) -> bool:
    return group.retention_lock == 'ratcheted'


def refuse_if_locked(group: model.ProtectionGroup) -> None:
    """Raise ApiError if SafeMode protects the group."""
    if is_locked(group):
        raise errors.refused(
            'Operation not permitted: retention lock is ratcheted.',
            group.name,
        )
