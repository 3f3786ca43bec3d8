# SPDX-License-Identifier: Apache-2.0
"""What the snapshots of a volume hold that nothing newer holds.

A snapshot is charged with the blocks that the next newer snapshot of its
volume, or at last the volume itself, has no more. Worked out when asked
for and kept until the volume or one of its snapshots changes.
"""

from collections.abc import Callable, Iterable

from flasharray_simulator import model
from flasharray_simulator.content import ContentStore

Snapshots = Callable[[str], list[model.VolumeSnapshot]]
Find = Callable[[str], model.Volume | None]
Everything = Callable[[], Iterable[model.Volume]]


class VolumeUsage:
    """Bytes by volume and by pod; the functions read the array."""

    def __init__(
        self,
        content: ContentStore,
        find: Find,
        snapshots_of: Snapshots,
        everything: Everything,
    ) -> None:
        self._everything = everything
        self._pods: dict[str, int] = {}
        # In which pod a volume was counted, and with how much.
        self._counted: dict[str, tuple[str, int]] = {}
        # None: nothing has been counted yet.
        self._changed: set[str] | None = None
        self._content = content
        self._find = find
        self._snapshots_of = snapshots_of
        self._held: dict[str, dict[str, int]] = {}
        self._totals: dict[str, int] = {}

    def forget(self, volume_id: str | None) -> None:
        """Work a volume out anew when it is asked for next."""
        if volume_id is None:
            return
        self._held.pop(volume_id, None)
        self._totals.pop(volume_id, None)
        if self._changed is not None:
            self._changed.add(volume_id)

    def pod(self, pod_id: str) -> int:
        """Return what the snapshots of all volumes of a pod hold.

        Costs as much as has changed since it was asked for last.
        """
        if self._changed is None:
            self._changed = {v.id for v in self._everything() if v.pod_id}
        while self._changed:
            self._count(self._changed.pop())
        return self._pods.get(pod_id, 0)

    def _count(self, volume_id: str) -> None:
        pod_id, size = self._counted.pop(volume_id, ('', 0))
        if pod_id:
            self._pods[pod_id] -= size
        volume = self._find(volume_id)
        if volume is None or volume.pod_id is None:
            return
        size = self.snapshots(volume_id)
        self._counted[volume_id] = (volume.pod_id, size)
        self._pods[volume.pod_id] = self._pods.get(volume.pod_id, 0) + size

    def snapshots(self, volume_id: str) -> int:
        """Return what all snapshots of a volume hold."""
        total = self._totals.get(volume_id)
        if total is None:
            total = sum(self._of(volume_id).values())
            self._totals[volume_id] = total
        return total

    def snapshot(self, snapshot: model.VolumeSnapshot) -> int:
        """Return what one snapshot holds; all of it, without a volume."""
        if snapshot.volume_id is not None:
            held = self._of(snapshot.volume_id).get(snapshot.id)
            if held is not None:
                return held
        return self._content.allocated(snapshot.content)

    def _of(self, volume_id: str) -> dict[str, int]:
        held = self._held.get(volume_id)
        if held is None:
            held = self._held[volume_id] = self._work_out(volume_id)
        return held

    def _work_out(self, volume_id: str) -> dict[str, int]:
        volume = self._find(volume_id)
        newer = '' if volume is None else volume.content
        held = {}
        chain = sorted(
            self._snapshots_of(volume_id),
            key=lambda snapshot: (snapshot.created, snapshot.serial),
        )
        for snapshot in reversed(chain):
            held[snapshot.id] = self._content.held(snapshot.content, newer)
            newer = snapshot.content
        return held
