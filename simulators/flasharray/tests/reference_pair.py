# SPDX-License-Identifier: Apache-2.0
"""Two arrays of the reference, and what they have to do with each other."""

from tests.reference import Array
from tests.reference_objects import (
    Group,
    GroupSnapshot,
    Part,
    Pod,
    Snapshot,
    Volume,
    find,
    living,
    refuse_if,
)


class Pair:
    """Two arrays and what they tell each other while the link is up."""

    def __init__(self, names: tuple[str, str], now: int) -> None:
        self.arrays = [Array(name, now) for name in names]

    @property
    def link(self) -> bool:
        return self.arrays[0].linked

    def set_link(self, up: bool) -> None:
        for one in self.arrays:
            one.linked = up

    def __getitem__(self, side: int) -> Array:
        return self.arrays[side]

    def settle(self) -> None:
        """Replicate all that can be replicated."""
        if self.link:
            for one, other in (self.arrays, self.arrays[::-1]):
                self._tell(one, other)
                for whole in list(one.waiting):
                    self._send(one, other, whole)

    def _tell(self, source: Array, target: Array) -> None:
        for group in source.groups:
            if group.source is None and group.targeted:
                copy = self._copy(source, target, group)
                if copy is None and group.destroyed is None:
                    copy = Group(
                        f'{source.name}:{group.name}', source=source.name
                    )
                    target.groups.append(copy)
                source.known_allowed.discard(group)
                if copy and copy.destroyed is None and copy.allowed:
                    source.known_allowed.add(group)

    def _copy(
        self, source: Array, target: Array, group: Group
    ) -> Group | None:
        found: Group | None = find(
            target.groups, f'{source.name}:{group.name}'
        )
        return found

    def _send(
        self, source: Array, target: Array, whole: GroupSnapshot
    ) -> None:
        if whole.group not in source.known_allowed:
            return
        source.waiting.remove(whole)
        group = self._copy(source, target, whole.group)
        assert group is not None
        name = f'{group.name}.{whole.suffix}'
        if find(target.group_snapshots, name) is None:
            target.group_snapshots.append(
                GroupSnapshot(
                    group,
                    whole.suffix,
                    whole.created,
                    [
                        Part(None, part.name, part.size, part.content)
                        for part in whole.parts
                    ],
                    origin=whole,
                )
            )

    def advance(self, milliseconds: int) -> None:
        for one in self.arrays:
            one.advance(milliseconds)

    def stretch(self, side: int, name: str) -> None:
        one, other = self.arrays[side], self.arrays[1 - side]
        pod = living(one.pods, name)
        refuse_if(pod.stretched, 'already')
        refuse_if(find(other.pods, name))
        pod.stretched = True
        self.mirror(side)

    def mirror(self, side: int) -> None:
        """Let the other array have what this one has in stretched pods."""
        one, other = self.arrays[side], self.arrays[1 - side]
        if not any(pod.stretched for pod in (*one.pods, *other.pods)):
            return
        for kind in KINDS_IN_PODS:
            kept = [t for t in getattr(other, kind) if not _is_shared(t)]
            shared = [t for t in getattr(one, kind) if _is_shared(t)]
            setattr(other, kind, kept + shared)


KINDS_IN_PODS = ('pods', 'volumes', 'snapshots', 'groups', 'group_snapshots')


def _is_shared(
    thing: Pod | Volume | Snapshot | Group | GroupSnapshot,
) -> bool:
    pod = thing if isinstance(thing, Pod) else thing.pod
    return pod is not None and pod.stretched
