# SPDX-License-Identifier: Apache-2.0
"""Random calls for volumes, their snapshots, tags and groups."""

import copy

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model_steps import Steps
from tests.model_strategies import (
    bases,
    containers,
    flags,
    long_texts,
    offsets,
    picks,
    places,
    sides,
    sizes,
    suffixes,
    texts,
)
from tests.reference_objects import Refusal, find, living


class VolumeSteps(Steps):
    # Volumes

    @rule(side=sides, base=bases, place=places, size=sizes)
    def create(self, side: int, base: str, place: str, size: int) -> None:
        name = place + base
        self.attempt(
            side,
            lambda a: a.create(name, size),
            'POST',
            'volumes',
            {'provisioned': size},
            names=name,
        )

    @rule(side=sides, source=picks, base=bases, place=places, over=flags)
    def copy_volume(
        self, side: int, source: int, base: str, place: str, over: bool
    ) -> None:
        self._copy(side, self.volume(side, source), place + base, over)

    @rule(side=sides, source=picks, base=bases, place=places, over=flags)
    def copy_snapshot(
        self, side: int, source: int, base: str, place: str, over: bool
    ) -> None:
        names = [name for name, _, _ in self.pair[side].all_snapshots()]
        names.append('nothing.s')
        self._copy(side, names[source % len(names)], place + base, over)

    def _copy(
        self, side: int, source: str, name: str, overwrite: bool
    ) -> None:
        self.attempt(
            side,
            lambda a: a.copy(source, name, overwrite),
            'POST',
            'volumes',
            {'source': {'name': source}},
            names=name,
            overwrite=str(overwrite).lower(),
        )

    @rule(side=sides, number=picks, size=sizes, truncate=flags)
    def resize(
        self, side: int, number: int, size: int, truncate: bool
    ) -> None:
        name = self.volume(side, number)
        self.attempt(
            side,
            lambda a: a.resize(name, size, truncate),
            'PATCH',
            'volumes',
            {'provisioned': size},
            names=name,
            truncate=str(truncate).lower(),
        )

    @rule(side=sides, number=picks, new=bases)
    def rename(self, side: int, number: int, new: str) -> None:
        name = self.volume(side, number)
        self.attempt(
            side,
            lambda a: a.rename(name, new),
            'PATCH',
            'volumes',
            {'name': new},
            names=name,
        )

    @rule(side=sides, number=picks, container=containers)
    def move(self, side: int, number: int, container: str) -> None:
        name = self.volume(side, number)
        self.attempt(
            side,
            lambda a: a.move(name, container),
            'PATCH',
            'volumes',
            {'volume_group': {'name': container}},
            names=name,
        )

    @rule(side=sides, first=picks, second=picks, destroyed=flags)
    def destroy_or_recover_two(
        self, side: int, first: int, second: int, destroyed: bool
    ) -> None:
        """Two names at once: all or none, an error for each bad one."""
        names = [self.volume(side, first), self.volume(side, second)]
        before = copy.deepcopy(self.pair)
        bad = 0
        for name in names:
            try:
                array = self.pair[side]
                array.destroy(name) if destroyed else array.recover(name)
            except Refusal:
                bad += 1
        if bad:
            self.pair = before
        self.pair.mirror(side)
        reply = self.rig[side].call(
            'PATCH',
            'volumes',
            {'destroyed': destroyed},
            names=','.join(names),
        )
        assert reply.status == (400 if bad else 200), (names, reply.body)
        assert len(reply.body.get('errors', ())) == bad, (names, reply.body)

    @rule(side=sides, number=picks)
    def destroy(self, side: int, number: int) -> None:
        self._fate(side, 'volumes', self.volume(side, number), True)

    @rule(side=sides, number=picks)
    def recover(self, side: int, number: int) -> None:
        self._fate(side, 'volumes', self.volume(side, number), False)

    @rule(side=sides, number=picks)
    def eradicate(self, side: int, number: int) -> None:
        self._eradicate(side, 'volumes', self.volume(side, number))

    @rule(
        side=sides,
        number=picks,
        offset=offsets,
        data=st.one_of(texts, long_texts),
    )
    def write(self, side: int, number: int, offset: int, data: bytes) -> None:
        volumes = self.pair[side].volumes
        live = [v for v in volumes if v.destroyed is None]
        if live:
            volume = live[number % len(live)]
            data = data[: volume.size - offset]
            self.rig[side].write(volume.name, offset, data)
            self.pair[side].write(volume.name, offset, data)

    # Tags

    @rule(side=sides, number=picks, copyable=flags, value=bases)
    def tag(self, side: int, number: int, copyable: bool, value: str) -> None:
        name = self.volume(side, number)
        self.attempt(
            side,
            lambda a: a.tag(name, 'key', value, copyable),
            'PUT',
            'volumes/tags/batch',
            [{'key': 'key', 'value': value, 'copyable': copyable}],
            resource_names=name,
        )

    @rule(side=sides, number=picks)
    def untag(self, side: int, number: int) -> None:
        name = self.volume(side, number)
        self.attempt(
            side,
            lambda a: a.untag(name, 'key'),
            'DELETE',
            'volumes/tags',
            resource_names=name,
            keys='key',
        )

    # Snapshots of volumes

    @rule(side=sides, number=picks, suffix=suffixes)
    def snapshot(self, side: int, number: int, suffix: str | None) -> None:
        name = self.volume(side, number)
        if suffix is None:
            self._next_snapshot(side, name)
            return
        self.attempt(
            side,
            lambda a: a.snapshot(name, suffix),
            'POST',
            'volume-snapshots',
            {'suffix': suffix},
            source_names=name,
        )

    def _next_snapshot(self, side: int, name: str) -> None:
        reply = self.attempt(
            side,
            lambda a: living(a.volumes, name),
            'POST',
            'volume-snapshots',
            source_names=name,
        )
        if reply.status == 200:
            volume = find(self.pair[side].volumes, name)
            suffix = reply.items[0]['suffix']
            assert int(suffix) > volume.suffixes, 'a suffix is used again'
            volume.suffixes = int(suffix)
            self.pair[side].snapshot(name, suffix)

    def own_snapshot(self, side: int, number: int) -> str:
        return self.pick(self.pair[side].snapshots, number, 'nothing.s')

    @rule(side=sides, number=picks, suffix=st.sampled_from(('s', 'u')))
    def rename_snapshot(self, side: int, number: int, suffix: str) -> None:
        name = self.own_snapshot(side, number)
        self.attempt(
            side,
            lambda a: a.rename_snapshot(name, suffix),
            'PATCH',
            'volume-snapshots',
            {'name': suffix},
            names=name,
        )

    @rule(side=sides, number=picks)
    def destroy_snapshot(self, side: int, number: int) -> None:
        name = self.own_snapshot(side, number)
        self._fate(side, 'volume-snapshots', name, True)

    @rule(side=sides, number=picks)
    def recover_snapshot(self, side: int, number: int) -> None:
        name = self.own_snapshot(side, number)
        self._fate(side, 'volume-snapshots', name, False)

    @rule(side=sides, number=picks)
    def eradicate_snapshot(self, side: int, number: int) -> None:
        name = self.own_snapshot(side, number)
        self._eradicate(side, 'volume-snapshots', name)

    # Volume groups

    @rule(side=sides, name=st.sampled_from(('vg', 'vh')))
    def create_volume_group(self, side: int, name: str) -> None:
        self.attempt(
            side,
            lambda a: a.create_volume_group(name),
            'POST',
            'volume-groups',
            names=name,
        )

    def volume_group(self, side: int, number: int) -> str:
        return self.pick(self.pair[side].volume_groups, number)

    @rule(side=sides, number=picks, new=st.sampled_from(('vg', 'vi')))
    def rename_volume_group(self, side: int, number: int, new: str) -> None:
        name = self.volume_group(side, number)
        self.attempt(
            side,
            lambda a: a.rename_volume_group(name, new),
            'PATCH',
            'volume-groups',
            {'name': new},
            names=name,
        )

    @rule(side=sides, number=picks, contents=flags)
    def destroy_volume_group(
        self, side: int, number: int, contents: bool
    ) -> None:
        name = self.volume_group(side, number)
        self.attempt(
            side,
            lambda a: a.destroy_volume_group(name, contents),
            'PATCH',
            'volume-groups',
            {'destroyed': True},
            names=name,
            destroy_contents=str(contents).lower(),
        )

    @rule(side=sides, number=picks)
    def recover_volume_group(self, side: int, number: int) -> None:
        name = self.volume_group(side, number)
        self._fate(side, 'volume-groups', name, False)

    @rule(side=sides, number=picks, contents=flags)
    def eradicate_volume_group(
        self, side: int, number: int, contents: bool
    ) -> None:
        name = self.volume_group(side, number)
        self.attempt(
            side,
            lambda a: a.eradicate_volume_group(name, contents),
            'DELETE',
            'volume-groups',
            names=name,
            eradicate_contents=str(contents).lower(),
        )
