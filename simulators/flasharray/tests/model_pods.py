# SPDX-License-Identifier: Apache-2.0
"""Random calls for pods."""

from hypothesis.stateful import rule

from tests.model_protection import ProtectionSteps
from tests.model_strategies import flags, picks, pod_names, sides


class PodSteps(ProtectionSteps):
    def pod(self, side: int, number: int) -> str:
        return self.pick(self.pair[side].pods, number)

    @rule(side=sides, name=pod_names)
    def create_pod(self, side: int, name: str) -> None:
        self.attempt(
            side, lambda a: a.create_pod(name), 'POST', 'pods', {}, names=name
        )

    @rule(side=sides, number=picks, new=pod_names)
    def rename_pod(self, side: int, number: int, new: str) -> None:
        pods = [pod for pod in self.pair[side].pods if not pod.stretched]
        name = self.pick(pods, number)
        self.attempt(
            side,
            lambda a: a.rename_pod(name, new),
            'PATCH',
            'pods',
            {'name': new},
            names=name,
        )

    @rule(side=sides, volume=picks, pod=picks, out=flags)
    def move_to_pod(self, side: int, volume: int, pod: int, out: bool) -> None:
        name = self.volume(side, volume)
        target = '' if out else self.pod(side, pod)
        self.attempt(
            side,
            lambda a: a.move_to_pod(name, target),
            'PATCH',
            'volumes',
            {'pod': {'name': target}},
            names=name,
        )

    @rule(side=sides, number=picks, contents=flags)
    def destroy_pod(self, side: int, number: int, contents: bool) -> None:
        name = self.pod(side, number)
        self.attempt(
            side,
            lambda a: a.destroy_pod(name, contents),
            'PATCH',
            'pods',
            {'destroyed': True},
            names=name,
            destroy_contents=str(contents).lower(),
        )

    @rule(side=sides, number=picks)
    def recover_pod(self, side: int, number: int) -> None:
        self._fate(side, 'pods', self.pod(side, number), False)

    @rule(side=sides, number=picks, contents=flags)
    def eradicate_pod(self, side: int, number: int, contents: bool) -> None:
        name = self.pod(side, number)
        self.attempt(
            side,
            lambda a: a.eradicate_pod(name, contents),
            'DELETE',
            'pods',
            names=name,
            eradicate_contents=str(contents).lower(),
        )
