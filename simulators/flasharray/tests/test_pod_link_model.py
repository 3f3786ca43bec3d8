# SPDX-License-Identifier: Apache-2.0
"""Random promotions, demotions, cuts, restarts and writes of linked pods.

A pod that is promoted has what was written into it, whatever comes over
the link; and when the dust has settled with one pod promoted, the other
one is the same.
"""

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from tests.local import LocalPair

_NAMES = ('fa-east', 'fa-west')
_PODS = ('here', 'there')
sides = st.sampled_from((0, 1))


class PodLinkMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._directory = Path(tempfile.mkdtemp(prefix='flasharray-'))
        self.pair = LocalPair(_NAMES, self._directory)
        self._values = itertools.count(1)
        self.is_cut = False
        self.expected: dict[int, bytes] = {}
        self.call(0, 'POST', 'pods', {}, names='here')
        self.call(1, 'POST', 'pods', {}, names='there')
        self.ask(1, 'demoted')
        self.call(
            0, 'POST', 'volumes', {'provisioned': 2**20}, names='here::v'
        )
        self.expected[0] = self.content(0)
        network = self.pair._network
        with mock.patch(
            'flasharray_simulator.replication.asking.Channel', network.open
        ):
            self.call(
                0,
                'POST',
                'pod-replica-links',
                {},
                local_pod_names='here',
                remote_names='fa-west',
                remote_pod_names='there',
            )
        self.settle()

    def teardown(self) -> None:
        self.pair.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def call(self, side: int, *arguments: Any, **query: str) -> Any:
        reply = self.pair[side].call(*arguments, **query)
        assert reply.status == 200, reply.message
        return reply

    def ask(self, side: int, state: str, **query: str) -> Any:
        return self.pair[side].call(
            'PATCH',
            'pods',
            {'requested_promotion_state': state},
            names=_PODS[side],
            **query,
        )

    def pod(self, side: int) -> dict[str, Any]:
        found = self.call(side, 'GET', 'pods', names=_PODS[side])
        return dict(found.items[0])

    def link(self, side: int) -> dict[str, Any]:
        return dict(self.call(side, 'GET', 'pod-replica-links').items[0])

    def is_promoted(self, side: int) -> bool:
        return bool(self.pod(side)['promotion_status'] == 'promoted')

    def is_quiescing(self, side: int) -> bool:
        return bool(self.link(side)['status'] == 'quiescing')

    def takes_writes(self, side: int) -> bool:
        pod = self.pod(side)
        return bool(
            pod['promotion_status'] == 'promoted'
            and pod['requested_promotion_state'] == 'promoted'
        )

    def content(self, side: int, pod: str = '') -> bytes:
        array = self.pair[side].array
        with array.lock:
            volume = array.volumes.find(f'{pod or _PODS[side]}::v')
            if volume is None:
                return b''
            return array.content.read(volume.content, 0, 8)

    def settle(self) -> None:
        """Let time pass, and everything happen that can."""
        for _ in range(3):
            for side in (0, 1):
                self.pair[side].command('advance-clock', milliseconds=2000)
            self.pair.settle()

    def note(self) -> None:
        """Remember what has just been promoted, or is not any more."""
        for side in (0, 1):
            if not self.is_promoted(side):
                self.expected.pop(side, None)
            elif side not in self.expected:
                self.expected[side] = self.content(side)

    @rule(side=sides)
    def write(self, side: int) -> None:
        data = next(self._values).to_bytes(8, 'big')
        if not self.content(side):
            return
        try:
            self.pair[side].write(f'{_PODS[side]}::v', 0, data)
        except AssertionError:
            assert not self.takes_writes(side)
            return
        assert self.takes_writes(side)
        self.expected[side] = data

    @rule(side=sides)
    def promote(self, side: int) -> None:
        self.ask(side, 'promoted')
        self.pair[side].keep_house()
        self.note()

    @rule(side=sides, how=st.sampled_from(('skip_quiesce', 'quiesce', '')))
    def demote(self, side: int, how: str) -> None:
        was = self.expected.get(side)
        undo = self.undo_pods(side)
        reply = self.ask(side, 'demoted', **({how: 'true'} if how else {}))
        if reply.status != 200:
            assert not how and self.is_promoted(side), reply.message
            return
        new = self.undo_pods(side) - undo
        if was is not None and not self.is_promoted(side):
            (name,) = new
            assert self.content(side, name) == was
        self.note()

    def undo_pods(self, side: int) -> set[str]:
        found = self.call(side, 'GET', 'pods', destroyed='true')
        return {pod['name'] for pod in found.items}

    @rule(side=sides)
    def abort(self, side: int) -> None:
        self.ask(side, 'promoted', abort_quiesce='true')

    @rule(side=sides)
    def undo(self, side: int) -> None:
        undo = sorted(self.undo_pods(side))
        if self.is_promoted(side) or not undo:
            return
        before = self.content(side, undo[0])
        reply = self.ask(side, 'promoted', promote_from=undo[0])
        self.pair[side].keep_house()
        if reply.status == 200:
            assert self.content(side) == before
            assert undo[0] not in self.undo_pods(side)
        self.note()

    @rule()
    def cut(self) -> None:
        self.is_cut = not self.is_cut
        self.pair.set_link(not self.is_cut)

    @rule(side=sides)
    def restart(self, side: int) -> None:
        self.pair.restart(side)

    @rule(count=st.integers(1, 4))
    def steps(self, count: int) -> None:
        self.pair.turns(count)
        self.note()

    @rule()
    def settled(self) -> None:
        self.settle()
        self.note()
        if self.is_cut:
            return
        promoted = [side for side in (0, 1) if self.is_promoted(side)]
        directions = {self.link(side)['direction'] for side in (0, 1)}
        assert directions == {'inbound', 'outbound'}
        if len(promoted) != 1:
            return
        (source,) = promoted
        link = self.link(source)
        assert link['direction'] == 'outbound'
        assert link['status'] == 'replicating', link
        assert link['lag'] <= 4000, link
        assert self.content(1 - source) == self.expected[source]

    @precondition(lambda self: self.expected)
    @invariant()
    def promoted_pods_have_their_own(self) -> None:
        for side, data in self.expected.items():
            if self.is_promoted(side):
                assert self.content(side) == data


PodLinkTest = PodLinkMachine.TestCase
PodLinkTest.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
