# SPDX-License-Identifier: Apache-2.0
"""Which pods a change touches: to see that there was one, or refuse it."""

from collections.abc import Iterable, Iterator

from flasharray_simulator.array import FlashArray
from flasharray_simulator.collections import Change
from flasharray_simulator.domain import pod_links
from flasharray_simulator.replication import pod_objects


class PodMarks:
    """Counts, for every pod, how often something in it was changed."""

    def __init__(self, array: FlashArray) -> None:
        self._array = array
        self._marks: dict[str, int] = {}
        array.observers.append(self._observe)

    def of(self, pod_id: str) -> int:
        """Return a number that grows with every change in the pod."""
        return self._marks.get(pod_id, 0)

    def _observe(self, changes: list[Change]) -> None:
        if not len(self._array.pod_links):
            return
        for pod_id in set(touched(self._array, changes)):
            self._marks[pod_id] = self._marks.get(pod_id, 0) + 1


def touched(array: FlashArray, changes: Iterable[Change]) -> Iterator[str]:
    """Yield the ids of the pods whose objects have changed."""
    known = [c for c in changes if c[0] in pod_objects.BY_NAME]
    before = {(kind, old.id): old for kind, old, _ in known if old}
    owners = pod_objects.Owners(array, before)
    for kind, old, new in known:
        for stored in (old, new):
            pod_id = None if stored is None else owners.pod_of(kind, stored)
            if pod_id is not None:
                yield pod_id


def expect_writable(array: FlashArray, changes: Iterable[Change]) -> None:
    """Raise ApiError if something in a demoted pod was changed."""
    if not len(array.pods):
        return
    for pod_id in touched(array, changes):
        pod_links.expect_writable(array, pod_id)
