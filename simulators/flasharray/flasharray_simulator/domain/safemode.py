# SPDX-License-Identifier: Apache-2.0
"""SafeMode: what may not be destroyed, weakened or eradicated.

A protection group whose retention lock is ratcheted protects itself, its
snapshots and its volumes; an array whose manual eradication is disabled
protects everything. Only time eradicates what is protected.
"""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray

LOCKED = 'ratcheted'
UNLOCKED = 'unlocked'
ENABLED = 'all-enabled'
DISABLED = 'all-disabled'
PARTIAL = 'partially-disabled'


def is_locked(group: model.ProtectionGroup) -> bool:
    return group.retention_lock == LOCKED


def refuse_if_locked(group: model.ProtectionGroup) -> None:
    """Raise ApiError if SafeMode protects the group."""
    if is_locked(group):
        raise errors.refused(
            'Operation not permitted: retention lock is ratcheted.',
            group.name,
        )


def refuse_weaker(
    old: model.ProtectionGroup, new: model.ProtectionGroup
) -> None:
    """Raise ApiError if a locked group is to protect less than before."""
    if not is_locked(old):
        return
    weaker = (
        not is_locked(new)
        or _keeps_less(old.source_retention, new.source_retention)
        or _keeps_less(old.target_retention, new.target_retention)
        or _is_slower(old.replication_schedule, new.replication_schedule)
        or _is_slower(old.snapshot_schedule, new.snapshot_schedule)
    )
    if weaker:
        refuse_if_locked(old)


def _keeps_less(old: model.Retention, new: model.Retention) -> bool:
    return (
        new.all_for_sec < old.all_for_sec
        or new.days < old.days
        or new.per_day < old.per_day
    )


def _is_slower(old: model.Schedule, new: model.Schedule) -> bool:
    return old.enabled and (not new.enabled or new.frequency > old.frequency)


def groups_of(array: FlashArray, member: str) -> list[model.ProtectionGroup]:
    """Return the groups that an object is a member of."""
    return [
        array.protection_groups[membership.group_id]
        for membership in array.group_members.by('member', member)
    ]


def is_protected(array: FlashArray, *groups: model.ProtectionGroup) -> bool:
    """Return whether the array, or one of the groups, protects."""
    return array.settings.manual_eradication == DISABLED or any(
        is_locked(group) for group in groups
    )


def is_volume_protected(array: FlashArray, volume: model.Volume) -> bool:
    return is_protected(array, *groups_of(array, volume.id))


def refuse_eradication(
    array: FlashArray, name: str, *groups: model.ProtectionGroup
) -> None:
    """Raise ApiError if an object may not be eradicated by hand."""
    if is_protected(array, *groups):
        raise errors.refused(
            'Operation not permitted: manual eradication is disabled.', name
        )


def eradication(array: FlashArray, *groups: model.ProtectionGroup) -> str:
    """Return the ``manual_eradication`` of an object in these groups."""
    return DISABLED if is_protected(array, *groups) else ENABLED


def array_eradication(array: FlashArray) -> str:
    """Return the ``manual_eradication`` of the array."""
    if array.settings.manual_eradication == DISABLED:
        return DISABLED
    return (
        PARTIAL if array.protection_groups.count('locked', True) else ENABLED
    )


def pod_eradication(array: FlashArray, pod: model.Pod) -> str:
    """Return the ``manual_eradication`` of a pod."""
    if array.settings.manual_eradication == DISABLED:
        return DISABLED
    locked = any(
        is_locked(group) and array.group_members.count('group', group.id)
        for group in array.protection_groups.by('pod', pod.id)
    )
    return PARTIAL if locked else ENABLED


def refuse_pod_eradication(array: FlashArray, pod: model.Pod) -> None:
    """Raise ApiError if a pod may not be eradicated by hand."""
    if pod_eradication(array, pod) != ENABLED:
        raise errors.refused(
            'Cannot eradicate pod: manual eradication is disabled.', pod.name
        )
