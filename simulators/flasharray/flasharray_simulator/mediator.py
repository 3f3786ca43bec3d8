# SPDX-License-Identifier: Apache-2.0
"""The mediator: the third place that says which copy of a pod goes on.

It is a directory that both arrays reach, with one small file for each
pod: the last epoch that was asked for, and the array that came first.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


class MediatorLost(Exception):
    """The mediator does not answer."""


def default_directory() -> Path:
    """Return the place that all arrays of a user on a machine share."""
    return Path(tempfile.gettempdir()) / f'flasharray-mediator-{os.getuid()}'


@dataclass(frozen=True)
class Record:
    epoch: int
    winner: str


class Mediator:
    """Every method raises MediatorLost if the directory cannot be used."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def claim(self, pod_id: str, epoch: int, array_id: str) -> str:
        """Return the array that goes on alone in an epoch; idempotent.

        The first one to ask is; a later epoch replaces an earlier one.
        """
        with self._locked():
            path = self._directory / f'{pod_id}.json'
            record = _read(path)
            if record is None or record.epoch < epoch:
                record = Record(epoch, array_id)
                _write(path, record)
            return record.winner if record.epoch == epoch else ''

    def forget(self, pod_id: str) -> None:
        """Drop what is known of a pod that is stretched no longer."""
        with self._locked():
            (self._directory / f'{pod_id}.json').unlink(missing_ok=True)

    def check(self) -> None:
        """Raise MediatorLost unless it answers."""
        with self._locked():
            return

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._directory / 'lock').open('w') as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise MediatorLost(str(error)) from error


def _read(path: Path) -> Record | None:
    if not path.exists():
        return None
    return Record(**json.loads(path.read_text()))


def _write(path: Path, record: Record) -> None:
    new = path.with_suffix('.new')
    new.write_text(json.dumps(asdict(record)))
    new.replace(path)
