# SPDX-License-Identifier: Apache-2.0
"""Random sequences of everything that can happen, after each of which the
invariants hold.

Hypothesis chooses the sequences and shortens those that went wrong.
"""

import argparse
import dataclasses
import re
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

import hypothesis
from hypothesis import errors, stateful
from hypothesis import strategies as st

from aegis import models
from aegis.tests.matrix import actions, faultcases, playground, world

_BLOB = re.compile(r"@reproduce_failure\('[^']*', (b'[^']*'|b\"[^\"]*\")\)")
_ENGINES = ('engine-a', 'engine-b')
# Of more than that Hypothesis begins with many that are as short and dull as
# can be.
_BATCH = 6


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A sequence; right when there is no problem.

    :param blob: what has Hypothesis run the shortest such sequence again.
    """

    sequence: tuple[str, ...]
    problem: str = ''
    blob: str = ''


class Arena:
    """Where sequences are run, one after the other.

    What went wrong may have spoilt the playground for the next one.
    """

    def __init__(self) -> None:
        self._ground: playground.Playground | None = None
        self.catalogue = self.ground.catalogue
        self.sequence: list[str] = []
        self.outcomes: list[Outcome] = []

    @property
    def ground(self) -> playground.Playground:
        if self._ground is None:
            self._ground = playground.Playground()
        return self._ground

    def close(self) -> None:
        if self._ground is not None:
            self._ground.close()
            self._ground = None

    def begin(self) -> None:
        self.sequence = []
        self.ground.begin()

    def end(self, error: BaseException | None) -> None:
        """Note what came of a sequence."""
        if isinstance(error, Exception):
            problem = f'{error}' or type(error).__name__
            self.outcomes.append(Outcome(tuple(self.sequence), problem))
            self.close()
            return
        self.ground.actions.end()
        if error is None:
            self.outcomes.append(Outcome(tuple(self.sequence)))


def _catalogued(kind: str) -> Any:
    return st.runner().flatmap(
        lambda machine: st.sampled_from(getattr(machine.arena.catalogue, kind))
    )


_names = st.sampled_from(_ENGINES)
# The last is more than any operation has: its end.
_after = st.sampled_from((0, 1, 2, 4, 7, 11, 16, 24, 36, 1000))
_flows = _catalogued('flows')
_dooms = st.one_of(st.just(actions.WELL), _catalogued('dooms'))
_servers = st.sampled_from(world.SERVERS)


class Sequence(stateful.RuleBasedStateMachine):
    """What may happen; each rule first lets the engines work a while."""

    arena: ClassVar[Arena]

    def __init__(self) -> None:
        super().__init__()
        self.arena.begin()

    def _do(
        self, act: str, *arguments: Any, after: int = 0, look: bool = False
    ) -> None:
        words = ', '.join(str(each) for each in arguments)
        then = f' after {after}' if after else ''
        self.arena.sequence.append(f'{act}({words}){then}')
        ground = self.arena.ground
        ground.actions.work(after)
        if look:
            ground.check()
        getattr(ground.actions, act)(*arguments)
        ground.check()

    @stateful.initialize(
        policy=st.sampled_from(models.MemberFailurePolicy),
        flow=_flows,
        doom=_dooms,
    )
    def begin(
        self,
        policy: models.MemberFailurePolicy,
        flow: models.OperationType,
        doom: actions.Doom,
    ) -> None:
        self._do('set_policy', policy)
        self._do('start', flow)
        self._do('start_engine', _ENGINES[0], doom)

    @stateful.rule(flow=_flows, after=_after)
    def start(self, flow: models.OperationType, after: int) -> None:
        self._do('start', flow, after=after)

    @stateful.rule(flow=_flows, after=_after)
    def cancel(self, flow: models.OperationType, after: int) -> None:
        self._do('keep_busy', flow)
        self._do('cancel', after=after)

    @stateful.rule(after=_after)
    def retry(self, after: int) -> None:
        self._do('retry', after=after)

    @stateful.rule(server=_servers, after=_after)
    def add_member(self, server: str, after: int) -> None:
        self._do('add_member', server, after=after)

    @stateful.rule(server=_servers, after=_after)
    def remove_member(self, server: str, after: int) -> None:
        # What a member owns is as it was when it was last looked at; an
        # operation may have changed it back since.
        self._do('remove_member', server, after=after, look=True)

    @stateful.rule(flow=_flows, after=_after)
    def lose_site(self, flow: models.OperationType, after: int) -> None:
        self._do('keep_busy', flow)
        self._do('lose_site', after=after)

    @stateful.rule(after=_after)
    def find_site(self, after: int) -> None:
        self._do('find_site', after=after)

    @stateful.rule(
        flow=_flows,
        request=_catalogued('requests'),
        effect=st.sampled_from(faultcases.Effect),
        times=st.sampled_from(faultcases.Times),
        after=_after,
    )
    def spoil(
        self,
        flow: models.OperationType,
        request: faultcases.Request,
        effect: faultcases.Effect,
        times: faultcases.Times,
        after: int,
    ) -> None:
        self._do('keep_busy', flow)
        self._do('spoil', request, effect, times, after=after)

    @stateful.rule(flow=_flows, place=_catalogued('places'), after=_after)
    def slow(self, flow: models.OperationType, place: str, after: int) -> None:
        self._do('keep_busy', flow)
        self._do('slow', place, after=after)

    @stateful.rule(after=_after)
    def mend(self, after: int) -> None:
        self._do('mend', after=after)

    @stateful.rule(name=_names, doom=_dooms, after=_after)
    def start_engine(self, name: str, doom: actions.Doom, after: int) -> None:
        self._do('start_engine', name, doom, after=after)

    @stateful.rule(flow=_flows, name=_names, after=_after)
    def kill_engine(
        self, flow: models.OperationType, name: str, after: int
    ) -> None:
        self._do('keep_busy', flow)
        self._do('kill_engine', name, after=after)

    @stateful.rule(name=_names, after=_after)
    def wake_engine(self, name: str, after: int) -> None:
        self._do('wake_engine', name, after=after)

    def teardown(self) -> None:
        error = sys.exc_info()[1]
        try:
            if error is None:
                self._do('finish')
                self._do('succeed')
                self.arena.ground.actions.end()
                self.arena.ground.check_secrets()
        except Exception as found:
            error = found
            raise
        finally:
            self.arena.end(error)


@dataclasses.dataclass(frozen=True)
class Batch:
    """How many sequences of how many actions, and which.

    :param blob: the only one, as Hypothesis has told it.
    """

    runs: int
    steps: int
    seed: int
    blob: str = ''


def plans(options: argparse.Namespace) -> list[list[Batch]]:
    """What each job does; the same each time."""
    if options.blob:
        return [[Batch(1, options.steps, options.seed, options.blob)]]
    batches = [
        Batch(
            min(_BATCH, options.runs - first),
            options.steps,
            options.seed * options.runs + first,
        )
        for first in range(0, options.runs, _BATCH)
    ]
    return [
        batches[job :: options.jobs]
        for job in range(min(options.jobs, len(batches)))
    ]


def examine(batches: list[Batch]) -> Iterator[Outcome]:
    """Run sequences; those that went wrong are told by the shortest."""
    arena = Arena()
    try:
        for batch in batches:
            arena.outcomes = []
            blob = _run(arena, batch)
            wrong = [each for each in arena.outcomes if each.problem]
            yield from (each for each in arena.outcomes if not each.problem)
            if wrong:
                shortest = min(wrong, key=lambda each: len(each.sequence))
                yield dataclasses.replace(shortest, blob=blob)
    finally:
        arena.close()


def _run(arena: Arena, batch: Batch) -> str:
    """Have Hypothesis run them; how it runs a wrong one again."""
    machine = type('Sequences', (Sequence,), {'arena': arena})
    machine = hypothesis.seed(batch.seed)(machine)
    if batch.blob:
        machine = hypothesis.reproduce_failure(
            hypothesis.__version__, batch.blob.encode()
        )(machine)
    try:
        stateful.run_state_machine_as_test(machine, settings=_settings(batch))
    except errors.DidNotReproduce:
        return ''
    except Exception as error:
        if not any(each.problem for each in arena.outcomes):
            raise
        found = _BLOB.search('\n'.join(getattr(error, '__notes__', ())))
        return found.group(1)[2:-1] if found else ''
    return ''


def _settings(batch: Batch) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=batch.runs,
        stateful_step_count=batch.steps,
        deadline=None,
        # Explaining a failure would take as long as finding it.
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
