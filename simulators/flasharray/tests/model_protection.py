# SPDX-License-Identifier: Apache-2.0
"""Random calls for protection groups and hosts, and what befalls arrays."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests import model_check
from tests.model_steps import NAMES
from tests.model_strategies import (
    HOUR,
    bases,
    flags,
    group_names,
    picks,
    sides,
    suffixes,
)
from tests.model_volumes import VolumeSteps
from tests.reference_objects import find


class ProtectionSteps(VolumeSteps):
    # Protection groups

    @rule(side=sides, name=group_names)
    def create_group(self, side: int, name: str) -> None:
        self.attempt(
            side,
            lambda a: a.create_group(name),
            'POST',
            'protection-groups',
            names=name,
        )

    def group(self, side: int, number: int) -> str:
        return self.pick(self.pair[side].groups, number)

    @rule(side=sides, group=picks, volume=picks)
    def join(self, side: int, group: int, volume: int) -> None:
        name, member = self.group(side, group), self.volume(side, volume)
        self.attempt(
            side,
            lambda a: a.join(name, member),
            'POST',
            'protection-groups/volumes',
            group_names=name,
            member_names=member,
        )

    @rule(side=sides, group=picks, volume=picks)
    def leave(self, side: int, group: int, volume: int) -> None:
        name, member = self.group(side, group), self.volume(side, volume)
        self.attempt(
            side,
            lambda a: a.leave(name, member),
            'DELETE',
            'protection-groups/volumes',
            group_names=name,
            member_names=member,
        )

    @rule(side=sides, number=picks)
    def destroy_group(self, side: int, number: int) -> None:
        name = self.group(side, number)
        self._fate(side, 'protection-groups', name, True)

    @rule(side=sides, number=picks)
    def recover_group(self, side: int, number: int) -> None:
        name = self.group(side, number)
        self._fate(side, 'protection-groups', name, False)

    @rule(side=sides, number=picks)
    def eradicate_group(self, side: int, number: int) -> None:
        name = self.group(side, number)
        self._eradicate(side, 'protection-groups', name)

    @rule(side=sides, number=picks)
    def target(self, side: int, number: int) -> None:
        """Groups of pods replicate under other names: not looked at here."""
        groups = [g for g in self.pair[side].groups if g.pod is None]
        self.call_target(side, self.pick(groups, number))

    def call_target(self, side: int, name: str) -> None:
        self.attempt(
            side,
            lambda a: a.target(name),
            'POST',
            'protection-groups/targets',
            group_names=name,
            member_names=NAMES[1 - side],
        )

    @rule(side=sides, number=picks, allowed=flags)
    def allow(self, side: int, number: int, allowed: bool) -> None:
        copies = [g for g in self.pair[side].groups if g.source]
        self.call_allow(side, self.pick(copies, number), allowed)

    def call_allow(self, side: int, name: str, allowed: bool) -> None:
        self.attempt(
            side,
            lambda a: a.allow(name, allowed),
            'PATCH',
            'protection-groups/targets',
            {'allowed': allowed},
            group_names=name,
        )

    # Snapshots of protection groups

    @rule(side=sides, number=picks, suffix=suffixes, send=flags)
    def group_snapshot(
        self, side: int, number: int, suffix: str | None, send: bool
    ) -> None:
        name = self.group(side, number)
        self._group_snapshot(side, name, suffix, send)

    def _group_snapshot(
        self, side: int, name: str, suffix: str | None, send: bool
    ) -> None:
        query = {'source_names': name, 'replicate_now': str(send).lower()}
        if suffix is not None:
            self.attempt(
                side,
                lambda a: a.group_snapshot(name, suffix, send),
                'POST',
                'protection-group-snapshots',
                {'suffix': suffix},
                **query,
            )
            return
        reply = self.attempt(
            side,
            lambda a: a.expect_target(name) if send else a.own(name),
            'POST',
            'protection-group-snapshots',
            **query,
        )
        if reply.status == 200:
            group = find(self.pair[side].groups, name)
            given = reply.items[0]['suffix']
            assert int(given) > group.highest, 'a suffix is used again'
            group.highest = int(given)
            self.pair[side].group_snapshot(name, given, send)

    def whole(self, side: int, number: int) -> str:
        wholes = self.pair[side].group_snapshots
        return self.pick(wholes, number, 'pg.nothing')

    @rule(side=sides, number=picks)
    def destroy_group_snapshot(self, side: int, number: int) -> None:
        name = self.whole(side, number)
        self._fate(side, 'protection-group-snapshots', name, True)

    @rule(side=sides, number=picks)
    def recover_group_snapshot(self, side: int, number: int) -> None:
        name = self.whole(side, number)
        self._fate(side, 'protection-group-snapshots', name, False)

    @rule(side=sides, number=picks)
    def eradicate_group_snapshot(self, side: int, number: int) -> None:
        name = self.whole(side, number)
        self._eradicate(side, 'protection-group-snapshots', name)

    # Hosts

    @rule(side=sides, name=st.sampled_from(('h', 'i')), iqn=bases)
    def create_host(self, side: int, name: str, iqn: str) -> None:
        iqn = f'iqn.2026-01.org.example:{iqn.lower()}'
        self.attempt(
            side,
            lambda a: a.create_host(name, iqn),
            'POST',
            'hosts',
            {'iqns': [iqn]},
            names=name,
        )

    @rule(side=sides, host=picks, volume=picks)
    def connect(self, side: int, host: int, volume: int) -> None:
        """Only what is on one array: each has hosts of its own."""
        name = self.pick(self.pair[side].hosts, host)
        volumes = self.pair[side].volumes
        own = [v for v in volumes if not (v.pod and v.pod.stretched)]
        member = self.pick(own, volume)
        self.attempt(
            side,
            lambda a: a.connect(name, member),
            'POST',
            'connections',
            host_names=name,
            volume_names=member,
        )

    @rule(side=sides, host=picks, volume=picks)
    def disconnect(self, side: int, host: int, volume: int) -> None:
        name = self.pick(self.pair[side].hosts, host)
        member = self.volume(side, volume)
        self.attempt(
            side,
            lambda a: a.disconnect(name, member),
            'DELETE',
            'connections',
            host_names=name,
            volume_names=member,
        )

    @rule(side=sides, host=picks)
    def delete_host(self, side: int, host: int) -> None:
        name = self.pick(self.pair[side].hosts, host)
        self.attempt(
            side, lambda a: a.delete_host(name), 'DELETE', 'hosts', names=name
        )

    # The world around

    @precondition(lambda self: not any(p.stretched for p in self.pair[0].pods))
    @rule(up=flags)
    def set_link(self, up: bool) -> None:
        self.rig.set_link(up)
        self.pair.set_link(up)

    @rule(side=sides)
    def restart(self, side: int) -> None:
        self.rig.restart(side)
        self.digests = model_check.Digests()

    @rule(milliseconds=st.sampled_from((HOUR, 13 * HOUR, 25 * HOUR)))
    def let_time_pass(self, milliseconds: int) -> None:
        self.tick(milliseconds)

    @precondition(lambda self: self.pair.link)
    @rule(side=sides, number=picks, turns=st.integers(0, 9), other=flags)
    def restart_while_sending(
        self, side: int, number: int, turns: int, other: bool
    ) -> None:
        known = sorted(g.name for g in self.pair[side].known_allowed)
        live = [
            name
            for name in known
            if find(self.pair[side].groups, name).destroyed is None
        ]
        if live:
            name = live[number % len(live)]
            self._group_snapshot(side, name, None, True)
            self.rig.turns(turns)
            self.rig.restart(1 - side if other else side)
            self.digests = model_check.Digests()
