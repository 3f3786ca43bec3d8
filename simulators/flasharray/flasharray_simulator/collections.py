# SPDX-License-Identifier: Apache-2.0
"""Objects of one kind in memory, indexed, written through to the disk."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Generic, Protocol, TypeVar

from sortedcontainers import SortedDict, SortedList

from flasharray_simulator import errors
from flasharray_simulator.database import Database

Key = tuple[Any, ...]

_LAST = chr(0x10FFFF)


class Stored(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar('T', bound=Stored)


Change = tuple[str, Any, Any]


class Journal:
    """The changes of the running transaction, to undo them on failure.

    ``changes`` has (kind, old, new) of every stored object that changed,
    in order; None for one that was not there, or is not any more.
    """

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self.changes: list[Change] = []

    def add(self, undo: Callable[[], None]) -> None:
        self._undo.append(undo)

    def forget(self) -> bool:
        """Drop the record; return whether anything had changed."""
        changed = bool(self._undo)
        self._undo.clear()
        self.changes.clear()
        return changed

    def undo(self) -> None:
        self.changes.clear()
        while self._undo:
            self._undo.pop()()


class Collection(Generic[T]):
    """All objects of one kind.

    Kept in the order of ``order`` (by name when there is a name, else by
    id), with a case-blind name index and with the given indexes. Every
    change goes to the database at once, inside the caller's transaction.
    ``on_change(old, new)`` runs inside it too. ``changes`` grows with
    every change, so that a reader sees whether there was one.
    ``deadlines`` are times (None for never) by which ``until`` and
    ``earliest`` find objects without looking at the others.
    """

    def __init__(
        self,
        kind: str,
        type_: type[T],
        database: Database,
        journal: Journal,
        indexes: Mapping[str, Callable[[T], tuple[Hashable, ...]]]
        | None = None,
        order: Callable[[T], Key] | None = None,
        on_change: Callable[[T | None, T | None], None] | None = None,
        deadlines: Mapping[str, Callable[[T], int | None]] | None = None,
    ) -> None:
        self.kind = kind
        self.limit: int | None = None
        self.named = 'name' in {field.name for field in fields(type_)}  # type: ignore[arg-type]
        self._database = database
        self._journal = journal
        self._objects: dict[str, T] = {}
        self._names: SortedDict = SortedDict()
        self._order: SortedDict = SortedDict()
        self._order_key = order or _default_order
        self._index_keys = dict(indexes or {})
        self._indexes: dict[str, dict[Hashable, dict[str, None]]] = {
            name: {} for name in self._index_keys
        }
        self._on_change = on_change
        self.changes = 0
        self._deadline_keys = dict(deadlines or {})
        self._deadlines: dict[str, SortedList] = {
            name: SortedList() for name in self._deadline_keys
        }
        self._load(database.load(kind, type_))

    def _load(self, found: Iterator[T]) -> None:
        """Take objects all at once, which sorts them only once."""
        self._objects.update((stored.id, stored) for stored in found)
        self._order.update(
            (self._order_key(s), s.id) for s in self._objects.values()
        )
        self._names.update(
            (name.casefold(), stored.id)
            for stored in self._objects.values()
            if (name := getattr(stored, 'name', None)) is not None
        )
        for stored in self._objects.values():
            self._index(stored)

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._objects.values()))

    def get(self, identifier: str | None) -> T | None:
        return None if identifier is None else self._objects.get(identifier)

    def __getitem__(self, identifier: str) -> T:
        return self._objects[identifier]

    def find(self, name: str) -> T | None:
        """Return the object of that name, whatever its case, or None."""
        identifier = self._names.get(name.casefold())
        return None if identifier is None else self._objects[identifier]

    def by(self, index: str, key: Hashable) -> list[T]:
        """Return the objects with that key in a declared index."""
        identifiers = self._indexes[index].get(key, ())
        return [self._objects[identifier] for identifier in identifiers]

    def until(self, deadline: str, limit: int) -> list[T]:
        """Return the objects whose deadline is not after limit, in order."""
        times = self._deadlines[deadline]
        due = times.irange(maximum=(limit, _LAST))
        return [self._objects[identifier] for _, identifier in due]

    def earliest(self, deadline: str) -> int | None:
        """Return the first of all deadlines of that name, or None."""
        times = self._deadlines[deadline]
        return times[0][0] if times else None

    def count(self, index: str, key: Hashable) -> int:
        return len(self._indexes[index].get(key, ()))

    def key_of(self, stored: T) -> Key:
        return self._order_key(stored)

    def ordered(self, after: Key | None = None, skip: int = 0) -> Iterator[T]:
        """Yield all objects in order, behind a key or a count of them.

        Lazily: the caller changes nothing before it has finished.
        """
        if after is not None:
            keys = self._order.irange(after, inclusive=(False, True))
        elif skip:
            keys = self._order.islice(skip)
        else:
            keys = iter(self._order)
        for key in keys:
            yield self._objects[self._order[key]]

    def with_prefix(self, prefix: str) -> list[T]:
        """Return the objects whose names start with prefix, by name."""
        start = prefix.casefold()
        found = []
        for name in self._names.irange(start):
            if not name.startswith(start):
                break
            found.append(self._objects[self._names[name]])
        return found

    def put(self, stored: T) -> T:
        """Add or replace an object by its id; return it.

        Raises ApiError if there are as many as ``limit`` allows.
        """
        old = self._objects.get(stored.id)
        if old is None and self.limit is not None:
            self._expect_room(stored)
        self._change(old, stored)
        self._database.put(self.kind, stored.id, stored)
        return stored

    def _expect_room(self, stored: T) -> None:
        if self.limit is not None and len(self._objects) >= self.limit:
            label = self.kind.replace('_', ' ').capitalize()
            name = getattr(stored, 'name', stored.id)
            raise errors.limit_reached(label, name)

    def remove(self, identifier: str) -> None:
        old = self._objects.get(identifier)
        if old is not None:
            self._change(old, None)
            self._database.delete(self.kind, identifier)

    def _change(self, old: T | None, new: T | None) -> None:
        self._place(old, new)
        self._journal.add(lambda: self._place(new, old))
        self._journal.changes.append((self.kind, old, new))
        if self._on_change:
            self._on_change(old, new)

    def _place(self, old: T | None, new: T | None) -> None:
        self.changes += 1
        if old is not None:
            self._unlink(old)
        if new is None:
            if old is not None:
                del self._objects[old.id]
            return
        self._objects[new.id] = new
        self._order[self._order_key(new)] = new.id
        name = getattr(new, 'name', None)
        if name is not None:
            self._names[name.casefold()] = new.id
        self._index(new)

    def _index(self, new: T) -> None:
        for index, key_of in self._index_keys.items():
            for key in key_of(new):
                self._indexes[index].setdefault(key, {})[new.id] = None
        for name, deadline_of in self._deadline_keys.items():
            moment = deadline_of(new)
            if moment is not None:
                self._deadlines[name].add((moment, new.id))

    def _unlink(self, old: T) -> None:
        self._order.pop(self._order_key(old), None)
        name = getattr(old, 'name', None)
        if name is not None and self._names.get(name.casefold()) == old.id:
            del self._names[name.casefold()]
        for index, key_of in self._index_keys.items():
            for key in key_of(old):
                members = self._indexes[index].get(key, {})
                members.pop(old.id, None)
                if not members:
                    self._indexes[index].pop(key, None)
        for name, deadline_of in self._deadline_keys.items():
            moment = deadline_of(old)
            if moment is not None:
                self._deadlines[name].discard((moment, old.id))


def _default_order(stored: Any) -> Key:
    name = getattr(stored, 'name', None)
    return (stored.id,) if name is None else (name.casefold(), stored.id)
