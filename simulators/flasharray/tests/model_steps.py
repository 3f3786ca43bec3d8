# SPDX-License-Identifier: Apache-2.0
"""How calls are made to a pair of arrays and to the reference alike."""

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests import model_check, reference
from tests.local import Reply
from tests.model_strategies import UNKNOWN
from tests.reference_objects import Refusal, find
from tests.reference_pair import Pair

NAMES = ('fa-east', 'fa-west')


class Steps(RuleBasedStateMachine):
    """One step: a call, what it does, and what both arrays show then."""

    rig: Any
    pair: Pair
    digests: model_check.Digests
    steps = 0
    refusals = 0

    def teardown(self) -> None:
        if hasattr(self, 'rig'):
            self.rig.close()

    # How a call is made and what is looked at afterwards

    def attempt(
        self,
        side: int,
        predict: Callable[[reference.Array], object],
        method: str,
        path: str,
        body: Any = None,
        **query: str,
    ) -> Reply:
        """Make a call; it must be refused if, and only if, predicted."""
        type(self).steps += 1
        words = None
        try:
            predict(self.pair[side])
        except Refusal as refusal:
            words = str(refusal)
            type(self).refusals += 1
        self.pair.mirror(side)
        reply: Reply = self.rig[side].call(method, path, body, **query)
        what = f'{NAMES[side]}: {method} {path} {query} {body}: {reply.body}'
        if words is None:
            assert reply.status == 200, what
        else:
            assert reply.status == 400, f'not refused ({words}): {what}'
            assert words in reply.message, f'{words!r} is not in {what}'
        return reply

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, 'rig'):
            return
        self.tick(1000)
        self.pair.settle()
        self.rig.settle()
        self.rig.agree(self.compare)

    def tick(self, milliseconds: int) -> None:
        for side in (0, 1):
            self.rig[side].command('advance-clock', milliseconds=milliseconds)
        self.pair.advance(milliseconds)
        self.pair.mirror(0)

    def compare(self) -> None:
        for side in (0, 1):
            wanted = model_check.expected(self.pair[side])
            found = model_check.real(self.rig[side], self.digests)
            self._without_arriving(side, found)
            for kind, value in wanted.items():
                assert found[kind] == value, (
                    f'{NAMES[side]}: {kind}\nexpected {value}'
                    f'\nfound    {found[kind]}'
                )

    def _without_arriving(self, side: int, found: model_check.View) -> None:
        """Leave out what a cut link keeps from arriving completely."""
        source = self.pair[1 - side]
        for whole in source.waiting:
            name = f'{source.name}:{whole.name}'
            if self.pair.link or not found['group snapshots'].get(name):
                continue
            if find(self.pair[side].group_snapshots, name) is None:
                del found['group snapshots'][name]
                del found['space']['stored']
                found['space']['stored'] = self.pair[side].stored()

    def pick(
        self, things: Iterable[Any], number: int, unknown: str = 'nothing'
    ) -> str:
        names = [thing.name for thing in things]
        if not names or number == UNKNOWN:
            return unknown
        return str(names[number % len(names)])

    def volume(self, side: int, number: int) -> str:
        return self.pick(self.pair[side].volumes, number)

    def _fate(
        self, side: int, path: str, name: str, destroyed: bool, **query: str
    ) -> None:
        actions = _DESTROY if destroyed else _RECOVER
        self.attempt(
            side,
            lambda a: getattr(a, actions[path])(name),
            'PATCH',
            path,
            {'destroyed': destroyed},
            names=name,
            **query,
        )

    def _eradicate(self, side: int, path: str, name: str) -> None:
        self.attempt(
            side,
            lambda a: getattr(a, _ERADICATE[path])(name),
            'DELETE',
            path,
            names=name,
        )


_DESTROY = {
    'volumes': 'destroy',
    'volume-snapshots': 'destroy_snapshot',
    'protection-groups': 'destroy_group',
    'protection-group-snapshots': 'destroy_group_snapshot',
}
_RECOVER = {
    'volumes': 'recover',
    'volume-snapshots': 'recover_snapshot',
    'volume-groups': 'recover_volume_group',
    'pods': 'recover_pod',
    'protection-groups': 'recover_group',
    'protection-group-snapshots': 'recover_group_snapshot',
}
_ERADICATE = {
    'volumes': 'eradicate',
    'volume-snapshots': 'eradicate_snapshot',
    'protection-groups': 'eradicate_group',
    'protection-group-snapshots': 'eradicate_group_snapshot',
}
