# SPDX-License-Identifier: Apache-2.0
"""Purity filter expressions, cut to lengths that fit a request line."""

import collections.abc
import re
import urllib.parse

MAXIMUM_TERMS = 100
# A request line also holds the path and other parameters; web servers
# commonly accept 8 KiB of it.
MAXIMUM_ENCODED_LENGTH = 6000

_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.:/-]*\Z')


def is_name(text: str | None) -> bool:
    """Tell whether an object of the array can have this (full) name.

    Others are never put into a filter, where ``*`` would match anything.
    """
    return text is not None and _NAME.match(text) is not None


def quote(value: str) -> str:
    """Quote a string constant."""
    escaped = value.replace('\\', '\\\\').replace("'", "\\'")
    return f"'{escaped}'"


def one_of(field: str, values: collections.abc.Iterable[str]) -> list[str]:
    """Give filters for a field that equals any of the values."""
    return [
        f'{field}={chunk[0]}'
        if len(chunk) == 1
        else f'{field}=({",".join(chunk)})'
        for chunk in _chunks(quote(value) for value in values)
    ]


def any_of(terms: collections.abc.Iterable[str]) -> list[str]:
    """Give filters that hold when any of the terms does."""
    return [' or '.join(chunk) for chunk in _chunks(terms)]


def like(field: str, pattern: str) -> str:
    """Give a term for a name with ``*`` in it as a wildcard."""
    return f'{field}={quote(pattern)}'


def chunks(
    values: collections.abc.Iterable[str],
) -> list[list[str]]:
    """Cut a list of names to pieces that fit a ``names`` parameter."""
    return list(_chunks(values))


def _chunks(
    terms: collections.abc.Iterable[str],
) -> collections.abc.Iterator[list[str]]:
    chunk: list[str] = []
    length = 0
    for term in dict.fromkeys(terms):
        # Joined by at most " or ", encoded as "+or+".
        encoded = len(urllib.parse.quote_plus(term)) + 4
        full = length + encoded > MAXIMUM_ENCODED_LENGTH
        if chunk and (full or len(chunk) == MAXIMUM_TERMS):
            yield chunk
            chunk, length = [], 0
        chunk.append(term)
        length += encoded
    if chunk:
        yield chunk
