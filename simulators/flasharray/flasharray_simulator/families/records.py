# SPDX-License-Identifier: Apache-2.0
"""Families of objects that are only configured and shown.

Nothing else on the array depends on them: a family is a table of fields,
and its objects are records with a JSON body.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name, live
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.collections import Collection
from flasharray_simulator.listing import Listing
from flasharray_simulator.secrecy import HIDDEN

Check = Callable[[Any], bool]
Computed = Callable[[FlashArray, model.Record, Item], Item]


def text(value: Any) -> bool:
    return isinstance(value, str)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(text(one) for one in value)


def structure(value: Any) -> bool:
    return isinstance(value, dict)


def structures(value: Any) -> bool:
    return isinstance(value, list) and all(structure(one) for one in value)


def one_of(*allowed: str) -> Check:
    return lambda value: value in allowed


def no_reference() -> Item:
    return {'name': None, 'id': None, 'resource_type': None}


@dataclass(frozen=True)
class Field:
    """``accepts`` is None for a field that a client cannot write.

    A secret is kept but never shown.
    """

    name: str
    default: Any = None
    accepts: Check | None = text
    secret: bool = False


@dataclass(frozen=True)
class Family:
    """One family: where it is, what it has, what can be done with it.

    ``initial`` are the names of objects that are always there; a
    ``single`` one needs no name in a call. ``extra`` are parameters of
    the list that select nothing here, as an empty family has nothing.
    """

    path: str
    label: str
    fields: tuple[Field, ...] = ()
    methods: tuple[str, ...] = ('POST', 'PATCH', 'DELETE')
    initial: tuple[tuple[str, Item], ...] = ()
    single: bool = False
    named: bool = True
    identified: bool = False
    destroyable: bool = False
    required: tuple[str, ...] = ()
    well_formed: Callable[[str], bool] = names.well_formed
    extra: tuple[str, ...] = ()
    creating: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()
    deleting: tuple[str, ...] = ()
    computed: Computed = lambda array, record, item: item

    def routes(self) -> tuple[Route, ...]:
        destroyed = ('destroyed',) if self.destroyable else ()
        handlers = {
            'POST': (self.post, self.creating),
            'PATCH': (self.patch, self.changing),
            'DELETE': (self.delete, self.deleting),
        }
        return (
            Route('GET', self.path, self.get, (*destroyed, *self.extra)),
            *(
                Route(method, self.path, *handlers[method])
                for method in self.methods
            ),
        )

    def collection(self, array: FlashArray) -> Collection[model.Record]:
        """Return the objects, after the initial ones were made."""
        found = array.records_of(self.path)
        if self.initial and next(iter(found), None) is None:
            for name, body in self.initial:
                self._put(array, name, body)
        return found

    def find(self, array: FlashArray, name: str) -> model.Record:
        """Return the live object; raise ApiError if there is none."""
        return live(self.label, self.collection(array), name)

    def render(self, array: FlashArray, record: model.Record) -> Item:
        body = json.loads(record.body)
        item: Item = {}
        if self.named:
            item['name'] = record.name
        if self.identified:
            item['id'] = record.id
        for field in self.fields:
            value = body.get(field.name, field.default)
            if field.secret and value:
                value = HIDDEN
            item[field.name] = value
        if self.destroyable:
            item['destroyed'] = record.destroyed is not None
            item['time_remaining'] = array.time_remaining(record.destroyed)
        return self.computed(array, record, item)

    def get(self, call: Call) -> Answer:
        array = call.array
        return Listing(
            label=self.label,
            collection=self.collection(array),
            render=lambda record: self.render(array, record),
            destroyed=(lambda record: record.destroyed is not None)
            if self.destroyable
            else None,
        ).answer(call)

    def post(self, call: Call) -> Answer:
        body = self._read(call, {})
        for name in self.required:
            if body.get(name) in (None, '', []):
                raise errors.missing_parameter(name)
        made = errors.for_each(
            call.query.required('names'),
            lambda name: self._create(call.array, name, body),
        )
        return Answer([self.render(call.array, record) for record in made])

    def _create(
        self, array: FlashArray, name: str, body: Item
    ) -> model.Record:
        if not self.well_formed(name):
            raise errors.refused(f'Invalid {self.label.lower()} name.', name)
        free_name(self.label, self.collection(array), name)
        return self._put(array, name, body)

    def _put(self, array: FlashArray, name: str, body: Item) -> model.Record:
        return array.records_of(self.path).put(
            model.Record(
                id=array.new_id(),
                name=name,
                created=array.now(),
                body=json.dumps(body),
            )
        )

    def patch(self, call: Call) -> Answer:
        changed = errors.for_each(
            self._wanted(call), lambda name: self._change(call, name)
        )
        return Answer([self.render(call.array, record) for record in changed])

    def _wanted(self, call: Call) -> list[str]:
        if self.single and not call.query.many('names'):
            return [record.name for record in self.collection(call.array)][:1]
        return call.query.required('names')

    def _change(self, call: Call, name: str) -> model.Record:
        array = call.array
        found = self.collection(array)
        record = any_state(self.label, found, name)
        body = self._read(call, json.loads(record.body))
        record = self._destroy(array, record, call.body or {})
        new_name = (call.body or {}).get('name')
        if self.named and new_name and new_name != record.name:
            if not self.well_formed(new_name):
                raise errors.refused(
                    f'Invalid {self.label.lower()} name.', new_name
                )
            if new_name.casefold() != record.name.casefold():
                free_name(self.label, found, new_name)
            record = replace(record, name=new_name)
        return found.put(
            replace(record, body=json.dumps(body), changed=array.now())
        )

    def _destroy(
        self, array: FlashArray, record: model.Record, body: Item
    ) -> model.Record:
        wanted = body.get('destroyed') if self.destroyable else None
        if wanted is None:
            if record.destroyed is not None:
                raise errors.has_been_destroyed(self.label, record.name)
            return record
        if wanted and record.destroyed is not None:
            raise errors.has_been_destroyed(self.label, record.name)
        return replace(record, destroyed=array.now() if wanted else None)

    def delete(self, call: Call) -> Answer:
        found = self.collection(call.array)
        kept = {name for name, _ in self.initial}

        def remove(name: str) -> None:
            record = any_state(self.label, found, name)
            if record.name in kept:
                raise errors.refused(
                    f'{self.label} cannot be deleted.', record.name
                )
            if self.destroyable and record.destroyed is None:
                raise errors.not_destroyed(self.label, record.name)
            found.remove(record.id)

        errors.for_each(call.query.required('names'), remove)
        return Answer()

    def _read(self, call: Call, present: Item) -> Item:
        """Return the body's fields on top of the present ones."""
        written = {f.name: f for f in self.fields if f.accepts is not None}
        also = ('name', 'destroyed', 'context')
        given = call.fields(*written, *also)
        body = dict(present)
        for name, value in given.items():
            field = written.get(name)
            if field is None:
                continue
            accepts = field.accepts
            if value is not None and accepts and not accepts(value):
                raise errors.invalid_parameter(f'{name}.', call.path)
            if isinstance(value, dict) and isinstance(field.default, dict):
                old = body.get(name) or field.default
                value = {**old, **value}
            body[name] = value
        return body


def empty(path: str, label: str, *parameters: str) -> Family:
    """Return a family that has no objects and cannot be given one."""
    return Family(path, label, methods=(), extra=parameters)
