# SPDX-License-Identifier: Apache-2.0
"""The SQLite file behind an array: its objects and its content nodes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from flasharray_simulator import codec

T = TypeVar('T')

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes (
    hash BLOB PRIMARY KEY,
    level INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    body BLOB NOT NULL
);
"""


_PUT = (
    'INSERT INTO objects VALUES (?, ?, ?)'
    ' ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body'
)
_DELETE = 'DELETE FROM objects WHERE kind = ? AND id = ?'

Key = tuple[str, str]


class Database:
    """One connection, used by one thread at a time (the array's lock).

    Write-ahead logging: what is committed survives a kill of the process.
    Objects are written when the transaction is committed, each once
    however often it was put.
    """

    def __init__(self, path: Path | str) -> None:
        self.connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        self.connection.execute('PRAGMA journal_mode=WAL')
        self.connection.execute('PRAGMA synchronous=NORMAL')
        self.connection.execute('PRAGMA cache_size=-65536')
        self.connection.executescript(_SCHEMA)
        self._waiting: dict[Key, str | None] = {}

    def begin(self) -> None:
        """Open a transaction unless one is open already."""
        if not self.connection.in_transaction:
            self.connection.execute('BEGIN IMMEDIATE')

    def commit(self) -> None:
        self._write()
        if self.connection.in_transaction:
            self.connection.execute('COMMIT')

    def rollback(self) -> None:
        self._waiting.clear()
        if self.connection.in_transaction:
            self.connection.execute('ROLLBACK')

    def close(self) -> None:
        self.connection.close()

    def load(self, kind: str, type_: type[T]) -> Iterator[T]:
        self._write()
        rows = self.connection.execute(
            'SELECT body FROM objects WHERE kind = ?', (kind,)
        )
        for (body,) in rows:
            yield codec.decode(type_, body)

    def put(self, kind: str, identifier: str, value: Any) -> None:
        self._waiting[kind, identifier] = codec.encode(value)

    def delete(self, kind: str, identifier: str) -> None:
        self._waiting[kind, identifier] = None

    def _write(self) -> None:
        if not self._waiting:
            return
        self.begin()
        waiting = self._waiting.items()
        self.connection.executemany(
            _PUT, ((*key, body) for key, body in waiting if body is not None)
        )
        self.connection.executemany(
            _DELETE, (key for key, body in waiting if body is None)
        )
        self._waiting.clear()
