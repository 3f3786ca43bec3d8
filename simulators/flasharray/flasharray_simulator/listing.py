# SPDX-License-Identifier: Apache-2.0
"""List calls: selection by name, filter, sort and pages, for all kinds."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from flasharray_simulator import errors, filters, names, switches
from flasharray_simulator.call import Answer, Call, Item
from flasharray_simulator.collections import Collection, Key, Stored

T = TypeVar('T', bound=Stored)

PARAMETERS = (
    'names',
    'ids',
    'filter',
    'sort',
    'limit',
    'offset',
    'continuation_token',
    'total_item_count',
    'total_only',
    'context_names',
    'allow_errors',
)

Render = Callable[[T], Item]
Lookup = Callable[[str], Iterable[T]]
Quick = Mapping[str, Callable[[T], Any]]


class Row(Mapping[str, Any], Generic[T]):
    """An object and its item, which is rendered when it is needed.

    A filter and a sort that look at quick properties only never need it.
    """

    __slots__ = ('stored', '_render', '_quick', '_item')

    def __init__(self, stored: T, render: Render[T], quick: Quick[T]) -> None:
        self.stored = stored
        self._render = render
        self._quick = quick
        self._item: Item | None = None

    @property
    def item(self) -> Item:
        if self._item is None:
            self._item = self._render(self.stored)
        return self._item

    def __getitem__(self, key: str) -> Any:
        quick = self._quick.get(key)
        return self.item[key] if quick is None else quick(self.stored)

    def __contains__(self, key: object) -> bool:
        return key in self._quick or key in self.item

    def __iter__(self) -> Iterator[str]:
        return iter(self.item)

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True)
class Listing(Generic[T]):
    """How one kind of object is listed.

    ``indexed`` maps filter properties to index look-ups; ``quick`` gives
    properties of the item without rendering all of it; ``by_group``
    returns the objects a name stands for that is not their own (the
    snapshots of a protection group), None if it stands for nothing;
    ``name_of`` and ``with_prefix`` serve objects that are known by the
    name of another one; ``totals`` are the summed fields.
    """

    label: str
    collection: Collection[T]
    render: Render[T]
    visible: Callable[[T], bool] = lambda stored: True
    destroyed: Callable[[T], bool] | None = None
    indexed: dict[str, Lookup[T]] = field(default_factory=dict)
    by_group: Callable[[str], Iterable[T] | None] | None = None
    name_of: Callable[[T], str] = lambda stored: getattr(stored, 'name', '')
    with_prefix: Lookup[T] | None = None
    totals: tuple[str, ...] | None = None
    quick: Quick[T] = field(default_factory=dict)

    def answer(
        self, call: Call, candidates: Iterable[T] | None = None
    ) -> Answer:
        """Return one page of what the call asks for.

        ``candidates`` narrows the choice (a relation's two sides, the
        sources of snapshots). Raises ApiError for unknown names and bad
        parameters.
        """
        query = call.query
        text = query.text('filter')
        expression = filters.parse(text) if text else None
        chosen = self._choose(call, candidates, expression)
        wanted = self._wanted(call, chosen)
        rows = (Row(stored, self.render, self.quick) for stored in wanted)
        if expression is not None:
            rows = (row for row in rows if expression.matches(row))
        return self._page(call, rows)

    def chosen(self, call: Call) -> Iterable[T]:
        """Return the objects that names, ids and destroyed choose.

        For lists with several items of an object, or with items of other
        objects. Raises ApiError for unknown names.
        """
        return self._wanted(call, self._choose(call, None, None))

    def _choose(
        self,
        call: Call,
        candidates: Iterable[T] | None,
        expression: filters.Expression | None,
    ) -> Iterable[T]:
        """Return the objects to look at, in the collection's order."""
        wanted_names = call.query.many('names')
        wanted_ids = call.query.many('ids')
        token = call.query.text('continuation_token')
        after = _decode_token(token) if token else None
        if wanted_names:
            candidates = self._named(wanted_names)
        elif wanted_ids:
            candidates = errors.for_each(wanted_ids, self._by_id)
        elif candidates is None and expression is not None:
            candidates = self._from_index(expression.equal_to())
        if candidates is None:
            return self.collection.ordered(after)
        chosen = sorted(candidates, key=self.collection.key_of)
        return _behind(self.collection, chosen, after)

    def _wanted(self, call: Call, chosen: Iterable[T]) -> Iterable[T]:
        seen = (stored for stored in chosen if self.visible(stored))
        destroyed = call.query.boolean('destroyed')
        if destroyed is None or self.destroyed is None:
            return seen
        is_destroyed = self.destroyed
        kept = (s for s in seen if is_destroyed(s) == destroyed)
        if not call.query.many('names'):
            return kept
        found = list(kept)
        if not found:
            raise errors.does_not_exist(
                self.label, call.query.many('names')[0]
            )
        return found

    def _named(self, wanted: list[str]) -> list[T]:
        found: dict[str, T] = {}
        for group in errors.for_each(wanted, self._by_name):
            for stored in group:
                found[stored.id] = stored
        return list(found.values())

    def _by_name(self, name: str) -> Iterable[T]:
        if names.is_pattern(name):
            return self._matching(name)
        stored = self.collection.find(name)
        if stored is not None and self.visible(stored):
            return [stored]
        group = self.by_group(name) if self.by_group else None
        if group is None:
            raise errors.does_not_exist(self.label, name)
        return group

    def _matching(self, pattern: str) -> list[T]:
        find = self.with_prefix or self.collection.with_prefix
        return [
            stored
            for stored in find(names.literal_prefix(pattern))
            if names.matches(pattern, self.name_of(stored))
        ]

    def _by_id(self, identifier: str) -> T:
        stored = self.collection.get(identifier)
        if stored is None or not self.visible(stored):
            raise errors.does_not_exist(self.label, identifier)
        return stored

    def _from_index(
        self, pairs: dict[str, tuple[str, ...]]
    ) -> Iterable[T] | None:
        for field_name, values in pairs.items():
            lookup = self.indexed.get(field_name)
            if field_name == 'name' and (
                self.with_prefix is not None or self.collection.named
            ):
                lookup = self._like
            elif any(names.is_pattern(value) for value in values):
                continue
            if lookup is not None:
                return _distinct(s for value in values for s in lookup(value))
        return None

    def _like(self, value: str) -> Iterable[T]:
        if names.is_pattern(value) or self.with_prefix is not None:
            return self._matching(value)
        stored = self.collection.find(value)
        return () if stored is None else (stored,)

    def _page(self, call: Call, rows: Iterator[Row[T]]) -> Answer:
        query = call.query
        limit = query.integer('limit')
        total_only = bool(query.boolean('total_only'))
        nothing = total_only or limit == 0
        sort = query.text('sort')
        everything: list[Row[T]] | None = None
        if sort or nothing or query.boolean('total_item_count'):
            everything = _sorted(list(rows), sort)
            rows = iter(everything)
        size = 0 if nothing else _page_size(call, limit)
        offset = query.integer('offset') or 0
        page = list(islice(rows, offset, offset + size))
        more = bool(page) and next(rows, None) is not None
        token = None
        if more and not sort:
            token = _encode_token(self.collection.key_of(page[-1].stored))
        count = None
        if everything is not None and (
            nothing or query.boolean('total_item_count')
        ):
            count = len(everything)
        total = None
        if total_only and everything is not None and self.totals is not None:
            total = [_total([row.item for row in everything], self.totals)]
        return Answer(
            items=[row.item for row in page],
            more=more,
            continuation_token=token,
            total_item_count=count,
            total=total,
        )


def _distinct(found: Iterable[T]) -> list[T]:
    return list({stored.id: stored for stored in found}.values())


def _page_size(call: Call, limit: int | None) -> int:
    if limit is None:
        return switches.PAGE_SIZE.of(call.array)
    return min(limit, switches.LARGEST_LIMIT.of(call.array))


def _behind(
    collection: Collection[T], found: Iterable[T], after: Key | None
) -> Iterable[T]:
    if after is None:
        return found
    return (stored for stored in found if collection.key_of(stored) > after)


def _sorted(rows: list[Row[T]], sort: str | None) -> list[Row[T]]:
    if not sort:
        return rows
    for part in reversed(sort.split(',')):
        path = part.rstrip('-+')
        if rows and path.partition('.')[0] not in rows[0]:
            raise errors.invalid_parameter(f'cannot sort by {path}.')
        rows = _sorted_by(rows, path, part.endswith('-'))
    return rows


def _sorted_by(
    rows: list[Row[T]], path: str, descending: bool
) -> list[Row[T]]:
    """Sort, keeping the order of equal rows; the empty ones come last."""
    values = [_sort_value(row, path) for row in rows]
    full = [at for at, value in enumerate(values) if value is not None]
    full.sort(key=values.__getitem__, reverse=descending)
    empty = [at for at, value in enumerate(values) if value is None]
    return [rows[at] for at in full + empty]


def _sort_value(row: Row[T], path: str) -> Any:
    value = row.get(path) if '.' not in path else None
    if value is None or isinstance(value, list | tuple):
        value = next(iter(filters.values_at(row, path)), None)
    return value.casefold() if isinstance(value, str) else value


def _total(items: list[Item], fields: tuple[str, ...]) -> Item:
    total: Item = {'name': None, 'id': None}
    for name in fields:
        total[name] = sum(item[name] or 0 for item in items)
    if items and 'space' in items[0]:
        space = dict(items[0]['space'])
        for key, value in space.items():
            if isinstance(value, int):
                space[key] = sum(item['space'][key] or 0 for item in items)
        total['space'] = space
    return total


def _encode_token(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _decode_token(token: str) -> Key:
    try:
        key = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise errors.invalid_parameter('continuation_token.') from None
    if not isinstance(key, list):
        raise errors.invalid_parameter('continuation_token.')
    return tuple(key)


def plain(call: Call, items: list[Item], label: str = 'Object') -> Answer:
    """List items that are computed, not stored (ports, controllers)."""
    collection = _Computed(items)
    return Listing(
        label=label,
        collection=collection,  # type: ignore[arg-type]
        render=lambda stored: stored.item,
    ).answer(call)


@dataclass(frozen=True)
class _ComputedItem:
    id: str
    name: str
    item: Item
    position: int


class _Computed:
    """The part of Collection that Listing needs, over a list of items."""

    named = True

    def __init__(self, items: list[Item]) -> None:
        self._items = [
            _ComputedItem(
                str(item.get('id') or position),
                str(item.get('name') or ''),
                item,
                position,
            )
            for position, item in enumerate(items)
        ]

    def key_of(self, stored: _ComputedItem) -> Key:
        return (stored.position,)

    def ordered(self, after: Key | None = None) -> Iterator[_ComputedItem]:
        for stored in self._items:
            if after is None or self.key_of(stored) > after:
                yield stored

    def with_prefix(self, prefix: str) -> list[_ComputedItem]:
        start = prefix.casefold()
        return [s for s in self._items if s.name.casefold().startswith(start)]

    def find(self, name: str) -> _ComputedItem | None:
        wanted = name.casefold()
        return next(
            (s for s in self._items if s.name.casefold() == wanted), None
        )

    def get(self, identifier: str) -> _ComputedItem | None:
        return next((s for s in self._items if s.id == identifier), None)
