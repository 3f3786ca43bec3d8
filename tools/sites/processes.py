# SPDX-License-Identifier: Apache-2.0
"""Start, watch, freeze and stop processes by their pid, never by name.

Each program leads a session of its own, so all it ever starts is found
by the session's id. A record on disk carries pid and start time: a pid
that the kernel gave to somebody else is never touched.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sites import commands, errors

# The kernel takes as long as this to end forty processes at once when all
# processors are busy with others.
_KILLED_SECONDS = 60.0

STOPPED = 'stopped'
RUNNING = 'running'
FROZEN = 'frozen'


@dataclass(frozen=True)
class Program:
    """What to run; ``version`` changes when a restart is due."""

    group: str
    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    log: pathlib.Path
    version: str = ''
    address: str = ''

    @property
    def label(self) -> str:
        return f'{self.group}/{self.name}'

    def fingerprint(self) -> str:
        """Return what a running process must have been started with."""
        parts = (self.command, self.environment, self.version)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Record:
    """What is known on disk of a started program.

    ``started`` is the kernel's start time in clock ticks since boot.
    """

    group: str
    name: str
    pid: int
    started: int
    fingerprint: str
    log: str
    address: str

    @property
    def label(self) -> str:
        return f'{self.group}/{self.name}'


@dataclass(frozen=True)
class Status:
    """The kernel's view of one process."""

    state: str
    parent: int
    session: int
    threads: int
    started: int

    @property
    def is_alive(self) -> bool:
        # A process whose first thread has ended looks like a zombie while
        # its other threads still hold its sockets.
        return self.state not in 'ZX' or self.threads > 1


@dataclass(frozen=True)
class Member:
    """One process, never mistaken for a later one of the same pid."""

    pid: int
    started: int

    def lives(self) -> bool:
        status = read_status(self.pid)
        return (
            status is not None
            and status.is_alive
            and status.started == self.started
        )


def read_status(pid: int) -> Status | None:
    """Return the kernel's view of a pid, None when there is none."""
    try:
        text = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name is in parentheses and may hold any character.
    fields = text.rpartition(')')[2].split()
    return Status(
        fields[0],
        int(fields[1]),
        int(fields[3]),
        int(fields[17]),
        int(fields[19]),
    )


def started_at(record: Record) -> float:
    """Return when a program was started, in seconds since the epoch."""
    for line in pathlib.Path('/proc/stat').read_text().splitlines():
        if line.startswith('btime '):
            ticks = os.sysconf('SC_CLK_TCK')
            return int(line.split()[1]) + record.started / ticks
    raise errors.CloudsError('/proc/stat does not tell the boot time')


class Supervisor:
    """Keeps the records of one state directory."""

    def __init__(self, records: pathlib.Path, home: pathlib.Path) -> None:
        self._records = records
        self._home = home
        self._children: list[subprocess.Popen[bytes]] = []

    def ensure(self, program: Program) -> bool:
        """Start a program unless it runs as it should; say if it did.

        One that runs with an older command or configuration is restarted.
        """
        record = self.record(program.group, program.name)
        if record and self.state(record) != STOPPED:
            if record.fingerprint == program.fingerprint():
                return False
            self.stop([record])
        self._start(program)
        return True

    def record(self, group: str, name: str) -> Record | None:
        """Return what is known of a program, None when never started."""
        path = self._path(group, name)
        try:
            return Record(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None

    def all(self, group: str | None = None) -> list[Record]:
        """Return the records of a group, or of all groups."""
        found = [
            Record(**json.loads(path.read_text()))
            for path in sorted(self._records.glob('*.json'))
        ]
        return [
            record
            for record in found
            if group is None or record.group == group
        ]

    def state(self, record: Record) -> str:
        """Return running, frozen or stopped."""
        status = read_status(record.pid)
        if (
            status is None
            or status.started != record.started
            or not status.is_alive
        ):
            return STOPPED
        return FROZEN if status.state == 'T' else RUNNING

    def is_running(self, group: str, name: str) -> bool:
        """Tell whether a program is there, frozen or not."""
        record = self.record(group, name)
        return record is not None and self.state(record) != STOPPED

    def freeze(self, records: Iterable[Record]) -> None:
        """Stop all processes of the programs in place (SIGSTOP)."""
        _signal(self._members(records), signal.SIGSTOP)

    def thaw(self, records: Iterable[Record]) -> None:
        """Let frozen processes go on (SIGCONT)."""
        _signal(self._members(records), signal.SIGCONT)

    def stop(
        self,
        records: Iterable[Record],
        *,
        patience: float = 10.0,
    ) -> None:
        """End programs and everything they started; forget them.

        They get ``patience`` seconds to end by themselves; 0: none.
        """
        found = list(records)
        self.end(found, patience=patience)
        for record in found:
            self._path(record.group, record.name).unlink(missing_ok=True)

    def end(self, records: Iterable[Record], *, patience: float) -> None:
        """End programs as :meth:`stop` does; they count as stopped."""
        found = list(records)
        # Helpers that left the session (RabbitMQ's do) cannot be told from
        # strangers once their parent is gone: remember them now.
        victims = self._members(found)
        if patience:
            _signal(victims, signal.SIGTERM)
            # A frozen process sees its SIGTERM only once it goes on.
            _signal(victims, signal.SIGCONT)
            self._await_end(found, victims, patience)
        victims |= self._members(found)
        _signal(victims, signal.SIGKILL)
        if not self._await_end(found, victims, _KILLED_SECONDS):
            raise errors.CloudsError(
                'some processes did not end even when killed: '
                + ', '.join(str(victim.pid) for victim in victims)
            )
        for child in self._children:
            child.poll()

    def _start(self, program: Program) -> None:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with open(program.log, 'ab') as log:
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self._home,
                env=commands.clean_environment(
                    self._home,
                    dict(program.environment),
                    pathlib.Path(program.command[0]).parent,
                ),
            )
        self._children.append(process)
        status = read_status(process.pid)
        if status is None:
            raise errors.ServiceFailed(
                f'{program.label} ended at once; its log is {program.log}'
            )
        record = Record(
            program.group,
            program.name,
            process.pid,
            status.started,
            program.fingerprint(),
            str(program.log),
            program.address,
        )
        path = self._path(program.group, program.name)
        temporary = path.with_suffix('.new')
        temporary.write_text(json.dumps(dataclasses.asdict(record)))
        temporary.rename(path)

    def _path(self, group: str, name: str) -> pathlib.Path:
        return self._records / f'{group}.{name}.json'

    def _members(self, records: Iterable[Record]) -> set[Member]:
        """Return what lives of the programs: sessions and descendants."""
        sessions = {record.pid: record.started for record in records}
        everything = _all_statuses()
        found = {
            pid
            for pid, status in everything.items()
            if _belongs(status, sessions, everything)
        }
        grown = True
        while grown:
            children = {
                pid
                for pid, status in everything.items()
                if status.parent in found
            } - found
            found |= children
            grown = bool(children)
        return {Member(pid, everything[pid].started) for pid in found}

    def _await_end(
        self, records: list[Record], victims: set[Member], patience: float
    ) -> bool:
        deadline = time.monotonic() + patience
        while True:
            if not self._members(records) and not any(
                member.lives() for member in victims
            ):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def _all_statuses() -> dict[int, Status]:
    statuses = {
        int(entry): read_status(int(entry))
        for entry in os.listdir('/proc')
        if entry.isdigit()
    }
    return {
        pid: status
        for pid, status in statuses.items()
        if status is not None and status.is_alive
    }


def _belongs(
    status: Status, sessions: dict[int, int], everything: dict[int, Status]
) -> bool:
    """Tell whether a process is in the session of one of our leaders.

    A leader's pid is not given away while a member of its session lives.
    So if a process has that pid now, it must be the one we started.
    """
    started = sessions.get(status.session)
    if started is None or status.started < started:
        return False
    leader = everything.get(status.session)
    return leader is None or leader.started == started


def _signal(members: Iterable[Member], number: int) -> None:
    for member in members:
        if member.lives():
            try:
                os.kill(member.pid, number)
            except ProcessLookupError:
                continue
