# SPDX-License-Identifier: Apache-2.0
"""The filter language of list calls: a tokenizer, a parser, a matcher.

Grammar (words are case-blind)::

    either     = both { "or" both }
    both       = negation { "and" negation }
    negation   = "not" negation | primary
    primary    = "(" either ")" | function | comparison | property
    function   = "contains" "(" property "," value ")"
               | "tags" "(" value "," value ")"
    comparison = property operator ( value | "(" value { "," value } ")" )
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">="
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from flasharray_simulator import errors, names

Item = Mapping[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    |(?P<word>[A-Za-z_][\w.]*)
    |(?P<operator><=|>=|!=|=|<|>)
    |(?P<mark>[(),])
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r'\\(.)', re.DOTALL)
_NUMBER = re.compile(r'\s*-?\d+(?:\.\d+)?\s*\Z')


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    position: int


class Expression:
    """A parsed filter."""

    def matches(self, item: Item) -> bool:
        raise NotImplementedError

    def equal_to(self) -> dict[str, tuple[str, ...]]:
        """Return, by property, the values one of which every match has.

        Only those that are evident; values may hold wildcards. They let
        a caller look in an index before it asks ``matches``.
        """
        return {}


@dataclass(frozen=True)
class Comparison(Expression):
    field: str
    operator: str
    values: tuple[str | float | bool, ...]

    @cached_property
    def _texts(self) -> frozenset[str]:
        """Return the values that are no patterns, to look up in one step."""
        return frozenset(
            str(value).casefold()
            for value in self.values
            if not names.is_pattern(str(value))
        )

    @cached_property
    def _patterns(self) -> tuple[str, ...]:
        return tuple(
            str(value) for value in self.values if names.is_pattern(str(value))
        )

    def matches(self, item: Item) -> bool:
        found = values_at(item, self.field)
        if self.operator in ('=', '!='):
            hit = any(self._equals(value) for value in found)
            return hit != (self.operator == '!=')
        return any(
            _compare(value, self.operator, wanted)
            for value in found
            for wanted in self.values
        )

    def _equals(self, value: Any) -> bool:
        if isinstance(value, str):
            return value.casefold() in self._texts or any(
                names.matches(pattern, value) for pattern in self._patterns
            )
        return any(_compare(value, '=', wanted) for wanted in self.values)

    def equal_to(self) -> dict[str, tuple[str, ...]]:
        if self.operator != '=':
            return {}
        return {self.field: tuple(str(value) for value in self.values)}


@dataclass(frozen=True)
class Property(Expression):
    field: str

    def matches(self, item: Item) -> bool:
        return any(bool(value) for value in values_at(item, self.field))


@dataclass(frozen=True)
class Contains(Expression):
    field: str
    text: str

    def matches(self, item: Item) -> bool:
        return any(
            self.text.casefold() in str(value).casefold()
            for value in values_at(item, self.field)
            if value is not None
        )


@dataclass(frozen=True)
class Tagged(Expression):
    """``tags('key','value')``; the item lists its tags as ``.tags``."""

    key: str
    value: str

    def matches(self, item: Item) -> bool:
        return any(
            names.matches(self.key, tag['key'])
            and names.matches(self.value, tag['value'] or '')
            for tag in item.get('.tags', ())
        )


@dataclass(frozen=True)
class Not(Expression):
    inner: Expression

    def matches(self, item: Item) -> bool:
        return not self.inner.matches(item)


@dataclass(frozen=True)
class And(Expression):
    parts: tuple[Expression, ...]

    def matches(self, item: Item) -> bool:
        return all(part.matches(item) for part in self.parts)

    def equal_to(self) -> dict[str, tuple[str, ...]]:
        pairs: dict[str, tuple[str, ...]] = {}
        for part in self.parts:
            pairs.update(part.equal_to())
        return pairs


@dataclass(frozen=True)
class Or(Expression):
    parts: tuple[Expression, ...]

    def matches(self, item: Item) -> bool:
        return any(part.matches(item) for part in self.parts)

    def equal_to(self) -> dict[str, tuple[str, ...]]:
        first, *others = [part.equal_to() for part in self.parts]
        common = [f for f in first if all(f in other for other in others)]
        return {
            field: sum((other[field] for other in others), first[field])
            for field in common
        }


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """Return the expression; raise ApiError (400) for a bad filter."""
    return _Parser(text).parse()


def values_at(item: Item, path: str) -> tuple[Any, ...]:
    """Return what a dotted path leads to; lists give all their elements."""
    if '.' not in path:
        return tuple(_elements(item.get(path)))
    found: list[Any] = [item]
    for part in path.split('.'):
        found = [
            inner.get(part) if isinstance(inner, Mapping) else None
            for value in found
            for inner in _elements(value)
        ]
    return tuple(inner for value in found for inner in _elements(value))


def _elements(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _compare(value: Any, operator: str, wanted: str | float | bool) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return operator == '=' and value == _as_boolean(wanted)
    if isinstance(value, int | float):
        number = _as_number(wanted)
        return number is not None and _order(value, operator, number)
    text = str(value)
    if operator == '=':
        return names.matches(str(wanted), text)
    return _order(text.casefold(), operator, str(wanted).casefold())


def _order(value: Any, operator: str, wanted: Any) -> bool:
    if operator == '=':
        return bool(value == wanted)
    if operator == '<':
        return bool(value < wanted)
    if operator == '<=':
        return bool(value <= wanted)
    if operator == '>':
        return bool(value > wanted)
    return bool(value >= wanted)


def _as_boolean(wanted: str | float | bool) -> bool | None:
    if isinstance(wanted, bool):
        return wanted
    return {'true': True, 'false': False}.get(str(wanted).casefold())


def _as_number(wanted: str | float | bool) -> float | None:
    if isinstance(wanted, str):
        return float(wanted) if _NUMBER.match(wanted) else None
    return None if isinstance(wanted, bool) else wanted


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._at = 0
        self._depth = 0

    def parse(self) -> Expression:
        expression = self._either()
        if self._at < len(self._tokens):
            raise self._bad()
        return expression

    def _split(self) -> list[Token]:
        tokens: list[Token] = []
        position = 0
        end = len(self._text.rstrip())
        while position < end:
            match = _TOKEN.match(self._text, position)
            if match is None or match.lastgroup is None:
                raise self._bad(position)
            kind = match.lastgroup
            tokens.append(Token(kind, match[kind], match.start(kind)))
            position = match.end()
        return tokens

    def _bad(self, position: int | None = None) -> errors.ApiError:
        if position is None:
            token = self._peek()
            position = token.position if token else len(self._text)
        return errors.refused(
            f'Invalid filter at position {position}.', self._text
        )

    def _peek(self) -> Token | None:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return None

    def _next(self, kind: str) -> Token:
        token = self._peek()
        if token is None or token.kind != kind:
            raise self._bad()
        self._at += 1
        return token

    def _mark(self, mark: str) -> bool:
        token = self._peek()
        if token is None or token.kind != 'mark' or token.text != mark:
            return False
        self._at += 1
        return True

    def _require(self, mark: str) -> None:
        if not self._mark(mark):
            raise self._bad()

    def _word(self, word: str) -> bool:
        token = self._peek()
        if token is None or token.kind != 'word':
            return False
        if token.text.casefold() != word:
            return False
        self._at += 1
        return True

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._word('or'):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self) -> Expression:
        parts = [self._negation()]
        while self._word('and'):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Expression:
        self._depth += 1
        if self._depth > 100:
            raise self._bad()
        try:
            if self._word('not'):
                return Not(self._negation())
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Expression:
        if self._mark('('):
            inner = self._either()
            self._require(')')
            return inner
        field = self._next('word').text
        if field.casefold() in ('and', 'or'):
            self._at -= 1
            raise self._bad()
        if self._mark('('):
            return self._function(field.casefold())
        token = self._peek()
        if token is None or token.kind != 'operator':
            return Property(field)
        self._at += 1
        return Comparison(field, token.text, self._values())

    def _function(self, name: str) -> Expression:
        if name == 'contains':
            field = self._next('word').text
            self._require(',')
            text = str(self._value())
            self._require(')')
            return Contains(field, text)
        if name == 'tags':
            key = str(self._value())
            self._require(',')
            value = str(self._value())
            self._require(')')
            return Tagged(key, value)
        raise self._bad()

    def _values(self) -> tuple[str | float | bool, ...]:
        if not self._mark('('):
            return (self._value(),)
        values = [self._value()]
        while self._mark(','):
            values.append(self._value())
        self._require(')')
        return tuple(values)

    def _value(self) -> str | float | bool:
        token = self._peek()
        if token is None:
            raise self._bad()
        self._at += 1
        if token.kind == 'string':
            return _ESCAPE.sub(r'\1', token.text[1:-1])
        if token.kind == 'number':
            return float(token.text)
        if token.kind == 'word' and token.text.casefold() == 'true':
            return True
        if token.kind == 'word' and token.text.casefold() == 'false':
            return False
        self._at -= 1
        raise self._bad()
