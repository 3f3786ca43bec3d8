# SPDX-License-Identifier: Apache-2.0
"""How much the volumes of each pod hold, kept up as they change."""

from collections.abc import Iterable
from dataclasses import dataclass

from flasharray_simulator import model
from flasharray_simulator.collections import Journal
from flasharray_simulator.content import ContentStore


@dataclass(frozen=True)
class Usage:
    """Bytes; ``provisioned`` is of live volumes, ``written`` of all."""

    provisioned: int = 0
    written: int = 0

    def plus(self, other: 'Usage', sign: int = 1) -> 'Usage':
        return Usage(
            self.provisioned + sign * other.provisioned,
            self.written + sign * other.written,
        )


_NOTHING = Usage()


class PodUsage:
    """The usage of every pod, so that reading it costs the same always."""

    def __init__(self, content: ContentStore, journal: Journal) -> None:
        self._content = content
        self._journal = journal
        self._pods: dict[str, Usage] = {}

    def of(self, pod_id: str) -> Usage:
        return self._pods.get(pod_id, _NOTHING)

    def count(self, volumes: Iterable[model.Volume]) -> None:
        """Count what was loaded from the disk."""
        for volume in volumes:
            if volume.pod_id is not None:
                self._add(volume.pod_id, self._of_volume(volume))

    def volume_changed(
        self, old: model.Volume | None, new: model.Volume | None
    ) -> None:
        if old is not None and old.pod_id is not None:
            self._change(old.pod_id, self._of_volume(old), -1)
        if new is not None and new.pod_id is not None:
            self._change(new.pod_id, self._of_volume(new), 1)

    def _change(self, pod_id: str, usage: Usage, sign: int) -> None:
        self._add(pod_id, usage, sign)
        self._journal.add(lambda: self._add(pod_id, usage, -sign))

    def _add(self, pod_id: str, usage: Usage, sign: int = 1) -> None:
        total = self.of(pod_id).plus(usage, sign)
        if total == _NOTHING:
            self._pods.pop(pod_id, None)
        else:
            self._pods[pod_id] = total

    def _of_volume(self, volume: model.Volume) -> Usage:
        return Usage(
            provisioned=volume.provisioned if volume.destroyed is None else 0,
            written=self._content.allocated(volume.content),
        )
