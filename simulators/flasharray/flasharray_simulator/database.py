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


class Database:
    """One connection, used by one thread at a time (the array's lock).

    Write-ahead logging: what is committed survives a kill of the process.
    """

    def __init__(self, path: Path | str) -> None:
        self.connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        self.connection.execute('PRAGMA journal_mode=WAL')
        self.connection.execute('PRAGMA synchronous=NORMAL')
        self.connection.execute('PRAGMA cache_size=-65536')
        self.connection.executescript(_SCHEMA)

    def begin(self) -> None:
        """Open a transaction unless one is open already."""
        if not self.connection.in_transaction:
            self.connection.execute('BEGIN IMMEDIATE')

    def commit(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute('COMMIT')

    def rollback(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute('ROLLBACK')

    def close(self) -> None:
        self.connection.close()

    def load(self, kind: str, type_: type[T]) -> Iterator[T]:
        rows = self.connection.execute(
            'SELECT body FROM objects WHERE kind = ?', (kind,)
        )
        for (body,) in rows:
            yield codec.decode(type_, body)

    def put(self, kind: str, identifier: str, value: Any) -> None:
        self.begin()
        self.connection.execute(
            'INSERT INTO objects VALUES (?, ?, ?)'
            ' ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body',
            (kind, identifier, codec.encode(value)),
        )

    def delete(self, kind: str, identifier: str) -> None:
        self.begin()
        self.connection.execute(
            'DELETE FROM objects WHERE kind = ? AND id = ?',
            (kind, identifier),
        )
