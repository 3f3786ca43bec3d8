# SPDX-License-Identifier: Apache-2.0
"""What users, operators and bad luck do to a group, its sites and engines."""

import dataclasses
import enum
import signal
from collections.abc import Callable, Sequence
from typing import Any

from aegis import models
from aegis.common import exception, faults, states
from aegis.db import groups, members, operations
from aegis.engine import membership, services
from aegis.tests.fixtures import stalling, toy
from aegis.tests.matrix import (
    books,
    engines,
    faultcases,
    hurry,
    interruptions,
    laboratory,
    rows,
)

_WORK_SECONDS = 8.0
_END_SECONDS = 240.0
_SLOW_SECONDS = 0.03


class Wrong(AssertionError):
    """Something that must always hold does not."""


class Fate(enum.StrEnum):
    """What happens to an engine at a point of a step."""

    NONE = 'none'
    KILL = 'kill'
    STALL = 'stall'


@dataclasses.dataclass(frozen=True)
class Doom:
    """Where an engine meets its fate."""

    fate: Fate
    point: interruptions.Point

    def __str__(self) -> str:
        return (
            'well' if self.fate is Fate.NONE else f'{self.fate} {self.point}'
        )


class _Engine:
    """An engine process, and where it halts so that it can be stopped."""

    def __init__(
        self, room: laboratory.RealLaboratory, owner: str, doom: Doom
    ) -> None:
        self._halt = interruptions.Halt()
        self.process = engines.EngineProcess(
            room.conf, owner, self._hook(doom), hurry.SPEED
        )

    def _hook(self, doom: Doom) -> faults.Hook | None:
        acts: dict[Fate, Callable[[], None]] = {
            Fate.KILL: interruptions.kill_self,
            Fate.STALL: self._halt,
        }
        if doom.fate not in acts:
            return None
        return interruptions.Arrival(doom.point, acts[doom.fate])

    def tend(self) -> None:
        """Stop it when it has come to the point where it is to stall."""
        if not self._halt.arrived or self.process.stopped:
            return
        stalling.stall(rows.context(), self.process)
        self._halt.let_go()


class Actions:
    """Does them in a laboratory; what is not possible has to be refused."""

    def __init__(self, room: laboratory.RealLaboratory) -> None:
        self.room = room
        self._engines: dict[str, _Engine] = {}
        self._number = 0

    def books(self) -> books.Books:
        return books.read(self.room.group_id)

    def start(self, flow: models.OperationType) -> None:
        """Start an operation, which the state machine allows or not."""
        before = self.books()
        refused = self._refused(
            lambda: operations.create_operation(
                self.room.context(), self.room.group_id, flow, {}
            )
        )
        if before.active is None and refused is _allows(before, flow):
            raise Wrong(f'{flow} of a {before.group.state} group: {refused=}')

    def cancel(self) -> None:
        """Cancel the newest operation."""
        self._newest(operations.request_cancel)

    def retry(self) -> None:
        """Retry the newest operation."""
        self._newest(operations.retry_operation)

    def keep_busy(self, flow: models.OperationType) -> None:
        """Have an operation that can be disturbed, and who runs it."""
        if self._is_idle():
            before = self.books()
            self.retry()
            if self._is_idle() and _allows(before, flow):
                self.start(flow)
        if not self._anybody():
            self.start_engine('spare', WELL)

    def _newest(self, ask: Callable[[Any, str], object]) -> None:
        accounts = self.books().accounts
        if accounts:
            newest = accounts[-1].operation.id
            self._refused(lambda: ask(self.room.context(), newest))

    def add_member(self, server: str) -> None:
        """Make a server of the protected site a member."""
        engines.in_child(
            self.room.conf,
            lambda: self._refused(lambda: self._add_member(server)),
        )

    def _add_member(self, server: str) -> None:
        built = services.build(self.room.conf)
        try:
            membership.add_member(
                built,
                self.room.context(),
                groups.get_group(self.room.context(), self.room.group_id),
                server,
                1,
            )
        finally:
            built.storage.close()

    def remove_member(self, server: str) -> None:
        """Have a server be no member any more."""

        def remove() -> None:
            context = self.room.context()
            found = members.find_member(context, self.room.group_id, server)
            members.remove_member(context, self.room.group_id, found.id)

        self._refused(remove)

    def set_policy(self, policy: models.MemberFailurePolicy) -> None:
        """Say what the failure of one member means for the others."""
        groups.update_group(
            self.room.context(),
            self.room.group_id,
            {'on_member_failure': policy},
        )

    def lose_site(self) -> None:
        """Lose the protected site."""
        self.room.world.call('lose')

    def find_site(self) -> None:
        """Have the protected site back."""
        self.room.world.call('find_again')

    def spoil(
        self,
        request: faultcases.Request,
        effect: faultcases.Effect,
        times: faultcases.Times,
    ) -> None:
        """Have a call fail, so many times or until all is mended."""
        self.room.spoil_call(request, effect, times)

    def slow(self, place: str) -> None:
        """Have all calls to a place last longer."""
        self.room.world.call('slow', place, _SLOW_SECONDS)

    def mend(self) -> None:
        """Let no call fail or last any more."""
        self.room.release()

    def start_engine(self, name: str, doom: Doom) -> None:
        """Start an engine unless it is there."""
        engine = self._engines.get(name)
        if engine is None or not engine.process.alive:
            self._number += 1
            owner = f'{name}:{self._number}'
            self._engines[name] = _Engine(self.room, owner, doom)

    def kill_engine(self, name: str) -> None:
        """``kill -9``."""
        engine = self._engines.pop(name, None)
        if engine is not None:
            engine.process.kill()

    def wake_engine(self, name: str) -> None:
        """Continue an engine that has stalled.

        It may write nothing of what has ended meanwhile.
        """
        engine = self._engines.get(name)
        if engine is None or not engine.process.stopped:
            return
        before = self.books()
        engine.process.signal(signal.SIGCONT)
        if before.active is None:
            toy.wait_until(lambda: engine.process.running() == 0, 'waking')
            if self.books() != before:
                raise Wrong('an engine that had stalled wrote to the journal')

    def work(self, amount: int) -> None:
        """Wait until there is so much progress, if there is any."""
        start = self._progress()
        self._wait(
            lambda: self._progress() >= start + amount or self._is_idle(),
            _WORK_SECONDS if amount else 0,
        )

    def finish(self) -> None:
        """Mend everything and have the engines run to the end."""
        self.mend()
        self.find_site()
        for name in tuple(self._engines):
            self.wake_engine(name)
        self.start_engine('rescue', WELL)
        if not self._wait(self._is_idle, _END_SECONDS):
            raise Wrong(f'it never ends: {self._unfinished()}')

    def succeed(self) -> None:
        """Retry what has left the group in disorder; now it has to work."""
        before = self.books()
        if before.group.state not in _DISORDER:
            return
        newest = [
            account.operation
            for account in before.accounts
            if states.changes_group(account.operation.type)
        ][-1]
        if self._refused(
            lambda: operations.retry_operation(self.room.context(), newest.id)
        ):
            raise Wrong(f'a {newest.state} {newest.type} cannot be retried')
        self.finish()
        after = operations.get_operation(self.room.context(), newest.id)
        if after.state is not models.OperationState.SUCCEEDED:
            raise Wrong(
                f'with all mended the retry is {after.state}: '
                f'{after.error_code} {after.state_reason}'
            )

    def end(self) -> None:
        """End all engines. Idempotent."""
        for engine in self._engines.values():
            engine.process.kill()
        self._engines.clear()
        self.room.release()

    def _is_idle(self) -> bool:
        return not operations.list_active(rows.context())

    def _unfinished(self) -> str:
        active = self.books().active
        return rows.unfinished(active.operation) if active else 'it has'

    def _progress(self) -> int:
        return sum(account.progress() for account in self.books().accounts)

    def _wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait as long as there is an engine; whether it came to be."""

        def look() -> bool:
            for engine in self._engines.values():
                engine.tend()
            return done() or not self._anybody()

        try:
            toy.wait_until(look, 'patience', seconds)
        except AssertionError:
            return False
        return done()

    def _anybody(self) -> bool:
        return any(
            engine.process.alive and not engine.process.stopped
            for engine in self._engines.values()
        )

    def _refused(self, ask: Callable[[], object]) -> bool:
        """Whether something was refused, which has to be done well."""
        try:
            ask()
        except exception.AegisError as error:
            if error.code == exception.AegisError.code or not error.remedy:
                raise Wrong(f'no remedy: {error.code} {error}') from error
            return True
        return False


WELL = Doom(Fate.NONE, interruptions.Point('', ''))
_DISORDER = frozenset(
    {models.GroupState.ERROR, models.GroupState.PARTIALLY_FAILED_OVER}
)


def dooms(points: Sequence[interruptions.Point]) -> list[Doom]:
    """Every fate at every point."""
    return [
        Doom(fate, point)
        for point in points
        for fate in (Fate.KILL, Fate.STALL)
    ]


def _allows(before: books.Books, flow: models.OperationType) -> bool:
    if not before.members:
        return False
    return not states.changes_group(flow) or (
        before.group.state in states.group_states_before(f'{flow}.start')
    )
