# SPDX-License-Identifier: Apache-2.0
"""List calls: selection by name, filter, sort and pages, for all kinds."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flasharray_simulator import errors, filters, names
from flasharray_simulator.call import Answer, Call, Item
from flasharray_simulator.collections import Collection, Key, Stored

T = TypeVar('T', bound=Stored)

PAGE = 1000

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


@dataclass(frozen=True)
class Listing(Generic[T]):
    """How one kind of object is listed.

    ``indexed`` maps filter properties to index look-ups; ``by_group``
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
        rows = (
            (stored, item)
            for stored in wanted
            for item in (self.render(stored),)
            if expression is None or expression.matches(item)
        )
        return self._page(call, rows)

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

    def _from_index(self, pairs: dict[str, str]) -> Iterable[T] | None:
        for field_name, value in pairs.items():
            if field_name == 'name' and (
                self.with_prefix is not None or self.collection.named
            ):
                return self._matching(value)
            lookup = self.indexed.get(field_name)
            if lookup is not None and not names.is_pattern(value):
                return lookup(value)
        return None

    def _page(self, call: Call, rows: Iterator[tuple[T, Item]]) -> Answer:
        query = call.query
        limit = query.integer('limit')
        total_only = bool(query.boolean('total_only'))
        size = PAGE if limit is None else min(limit, PAGE)
        sort = query.text('sort')
        counting = bool(query.boolean('total_item_count'))
        if sort or counting or total_only or limit == 0:
            rows = iter(_sorted(list(rows), sort))
        everything: list[tuple[T, Item]] | None = None
        if counting or total_only or limit == 0:
            everything = list(rows)
            rows = iter(everything)
        offset = query.integer('offset') or 0
        page: list[tuple[T, Item]] = []
        more = False
        if not total_only and limit != 0:
            for position, row in enumerate(rows):
                if position < offset:
                    continue
                if len(page) == size:
                    more = True
                    break
                page.append(row)
        token = None
        if more and not sort:
            token = _encode_token(self.collection.key_of(page[-1][0]))
        count = None
        total = None
        if everything is not None:
            count = len(everything)
            if total_only and self.totals is not None:
                total = [_total([item for _, item in everything], self.totals)]
        return Answer(
            items=[_public(item) for _, item in page],
            more=more,
            continuation_token=token,
            total_item_count=count,
            total=total,
        )


def _behind(
    collection: Collection[T], found: Iterable[T], after: Key | None
) -> Iterable[T]:
    if after is None:
        return found
    return (stored for stored in found if collection.key_of(stored) > after)


def _public(item: Item) -> Item:
    return {key: v for key, v in item.items() if not key.startswith('.')}


def _sorted(
    rows: list[tuple[T, Item]], sort: str | None
) -> list[tuple[T, Item]]:
    if not sort:
        return rows
    for part in reversed(sort.split(',')):
        path = part.rstrip('-+')
        if rows and not _known(rows[0][1], path):
            raise errors.invalid_parameter(f'cannot sort by {path}.')
        rows = _sorted_by(rows, path, part.endswith('-'))
    return rows


def _sorted_by(
    rows: list[tuple[T, Item]], path: str, descending: bool
) -> list[tuple[T, Item]]:
    def value(row: tuple[T, Item]) -> Any:
        return _sort_value(row[1], path)

    empty = [row for row in rows if value(row) is None]
    full = [row for row in rows if value(row) is not None]
    return sorted(full, key=value, reverse=descending) + empty


def _known(item: Item, path: str) -> bool:
    return path.partition('.')[0] in item


def _sort_value(item: Item, path: str) -> Any:
    values = filters.values_at(item, path)
    value = values[0] if values else None
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


class _Computed:
    """The part of Collection that Listing needs, over a list of items."""

    named = True

    def __init__(self, items: list[Item]) -> None:
        self._items = [
            _ComputedItem(
                str(item.get('id') or position),
                str(item.get('name') or ''),
                item,
            )
            for position, item in enumerate(items)
        ]
        self._position = {s.id: n for n, s in enumerate(self._items)}

    def key_of(self, stored: _ComputedItem) -> Key:
        return (self._position[stored.id],)

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
