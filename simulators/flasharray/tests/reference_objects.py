# SPDX-License-Identifier: Apache-2.0
"""The things of the reference: who refers to whom, and their bytes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

BLOCK = 32_768
DAY = 86_400_000
EXISTS = 'already exists'
MISSING = 'does not exist'
DESTROYED = 'has been destroyed'


class Refusal(Exception):
    """The array must answer 400, with these words in its message."""


def refuse_if(condition: object, words: str = '') -> None:
    if condition:
        raise Refusal(words)


@dataclass(frozen=True)
class Bytes:
    """The content of a volume: its blocks that are not all zeros."""

    blocks: tuple[tuple[int, bytes], ...] = ()

    def written(self, offset: int, data: bytes) -> 'Bytes':
        blocks = dict(self.blocks)
        while data:
            number, place = divmod(offset, BLOCK)
            piece = data[: BLOCK - place]
            block = bytearray(blocks.get(number, bytes(BLOCK)))
            block[place : place + len(piece)] = piece
            blocks[number] = bytes(block)
            offset += len(piece)
            data = data[len(piece) :]
        return _bytes(blocks)

    def cut(self, size: int) -> 'Bytes':
        """Return the content with zeros from size on."""
        blocks = {}
        for number, block in self.blocks:
            kept = max(0, min(BLOCK, size - number * BLOCK))
            blocks[number] = block[:kept] + bytes(BLOCK - kept)
        return _bytes(blocks)

    def digest(self, size: int) -> str:
        state = hashlib.sha256(size.to_bytes(8, 'big'))
        for number, block in self.blocks:
            state.update(number.to_bytes(8, 'big') + block)
        return state.hexdigest()


def _bytes(blocks: dict[int, bytes]) -> Bytes:
    return Bytes(
        tuple((n, b) for n, b in sorted(blocks.items()) if b.strip(b'\0'))
    )


@dataclass(eq=False)
class Pod:
    """``stretched``: both arrays have it, and all that is inside."""

    name: str
    destroyed: int | None = None
    stretched: bool = False


@dataclass(eq=False)
class VolumeGroup:
    name: str
    destroyed: int | None = None


@dataclass(eq=False)
class Volume:
    base: str
    size: int
    content: Bytes = Bytes()
    group: VolumeGroup | None = None
    destroyed: int | None = None
    suffixes: int = 0
    tags: dict[str, tuple[str, bool]] = field(default_factory=dict)
    pod: Pod | None = None

    @property
    def name(self) -> str:
        return placed(self.base, self.pod, self.group)


def placed(
    base: str, pod: Pod | None, group: VolumeGroup | None = None
) -> str:
    """Return the full name of what is in a pod or a volume group."""
    name = f'{group.name}/{base}' if group else base
    return f'{pod.name}::{name}' if pod else name


@dataclass(eq=False)
class Snapshot:
    volume: Volume
    suffix: str
    size: int
    content: Bytes
    destroyed: int | None = None

    @property
    def name(self) -> str:
        return f'{self.volume.name}.{self.suffix}'

    @property
    def pod(self) -> Pod | None:
        return self.volume.pod


@dataclass(eq=False)
class Group:
    """A protection group; ``source`` is set for the copy of a peer's."""

    base: str
    source: str | None = None
    members: list[Volume] = field(default_factory=list)
    targeted: bool = False
    allowed: bool = False
    destroyed: int | None = None
    highest: int = 0
    pod: Pod | None = None

    @property
    def name(self) -> str:
        return placed(self.base, self.pod)


@dataclass(eq=False)
class Part:
    """A volume in a group snapshot; ``volume`` is None at a target."""

    volume: Volume | None
    name: str
    size: int
    content: Bytes
    pod: Pod | None = None


@dataclass(eq=False)
class GroupSnapshot:
    group: Group
    suffix: str
    created: int
    parts: list[Part]
    destroyed: int | None = None
    origin: 'GroupSnapshot | None' = None

    @property
    def name(self) -> str:
        return f'{self.group.name}.{self.suffix}'

    @property
    def pod(self) -> Pod | None:
        return self.group.pod

    def follow(self, volume: Volume) -> None:
        """Let the part of a renamed volume have its name, if it is free."""
        name = volume.name.rpartition('::')[2]
        for part in self.parts:
            if part.volume is volume and find(self.parts, name) is None:
                part.name = name


@dataclass(eq=False)
class Host:
    name: str
    iqn: str | None = None
    luns: dict[int, Volume] = field(default_factory=dict)


def find(things: Iterable, name: str):  # type: ignore[no-untyped-def, type-arg]
    """Return the thing of that name, whatever its case, or None."""
    for thing in things:
        if thing.name.lower() == name.lower():
            return thing
    return None


def existing(things: Iterable, name: str):  # type: ignore[no-untyped-def, type-arg]
    found = find(things, name)
    refuse_if(found is None, MISSING)
    return found


def living(things: Iterable, name: str):  # type: ignore[no-untyped-def, type-arg]
    found = existing(things, name)
    refuse_if(found.destroyed is not None, DESTROYED)
    return found


def refuse_taken(things: Iterable, name: str) -> None:  # type: ignore[type-arg]
    found = find(things, name)
    if found is not None:
        refuse_if(getattr(found, 'destroyed', None) is None, EXISTS)
        raise Refusal('pending eradication')
