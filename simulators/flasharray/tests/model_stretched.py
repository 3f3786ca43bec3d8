# SPDX-License-Identifier: Apache-2.0
"""Random calls to both sides of stretched pods; only with processes."""

from hypothesis.stateful import precondition, rule

from tests.model_machine import PairMachine
from tests.model_steps import NAMES
from tests.model_strategies import MIB, picks, sides
from tests.reference_objects import Refusal


class StretchedMachine(PairMachine):
    """The furniture has a pod that is stretched from the first array."""

    def furnish(self, side: int) -> None:
        super().furnish(side)
        if side == 0:
            reply = self.rig[0].call(
                'PATCH',
                'array-connections',
                {'type': 'sync-replication'},
                names=NAMES[1],
            )
            assert reply.status == 200, reply.body
            self.create_pod(side=0, name='q')
            self.create(side=0, base='a', place='q::', size=MIB)
            self.call_stretch(0, 'q')

    @precondition(lambda self: self.pair.link)
    @rule(side=sides, number=picks)
    def stretch(self, side: int, number: int) -> None:
        array = self.pair[side]
        pods = [
            pod
            for pod in array.pods
            if not any(
                array.connected(thing)
                for thing in array.inside(pod)
                if thing in array.volumes
            )
        ]
        self.call_stretch(side, self.pick(pods, number))

    def call_stretch(self, side: int, name: str) -> None:
        type(self).steps += 1
        words = None
        try:
            self.pair.stretch(side, name)
        except Refusal as refusal:
            words = str(refusal)
        reply = self.rig[side].call(
            'POST',
            'pods/members',
            pod_names=name,
            member_names=NAMES[1 - side],
        )
        assert reply.status == (200 if words is None else 400), (
            name,
            words,
            reply.body,
        )

    def compare(self) -> None:
        super().compare()
        for side in (0, 1):
            for pod in self.rig[side].call('GET', 'pods').items:
                for member in pod['arrays']:
                    assert member['status'] == 'online', pod
