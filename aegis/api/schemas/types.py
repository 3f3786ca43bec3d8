# SPDX-License-Identifier: Apache-2.0
"""The parts that schemas are made of."""

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

UUID: Schema = {'type': 'string', 'format': 'uuid'}
# Keystone's identifiers are no UUIDs.
IDENTIFIER: Schema = {'type': 'string', 'minLength': 1, 'maxLength': 255}
TEXT: Schema = {'type': 'string'}
BOOLEAN: Schema = {'type': 'boolean'}
COUNT: Schema = {'type': 'integer', 'minimum': 0}
SECONDS: Schema = {'type': 'number'}
TIME: Schema = {
    'type': 'string',
    'format': 'date-time',
    'pattern': 'Z$',
    'description': 'ISO 8601, UTC',
}
NAME: Schema = {
    'type': 'string',
    'minLength': 1,
    'maxLength': 255,
    'not': {'pattern': r'^\s|\s$|[\x00-\x1f\x7f]'},
    'description': ('has neither control characters nor spaces at its ends'),
}
WAVE: Schema = {
    'type': 'integer',
    'minimum': 1,
    'maximum': 1000,
    'description': 'Members of a lower wave start first',
}
LINKS: Schema = {
    'type': 'array',
    'items': {
        'type': 'object',
        'properties': {
            'rel': {'enum': ['self', 'next']},
            'href': {'type': 'string', 'format': 'uri'},
        },
        'required': ['rel', 'href'],
        'additionalProperties': False,
    },
}


def closed(properties: Schema, optional: Iterable[str] = ()) -> Schema:
    """An object with these properties and no others.

    All of them are required but the ``optional`` ones.
    """
    return {
        'type': 'object',
        'properties': properties,
        'required': sorted(set(properties) - set(optional)),
        'additionalProperties': False,
    }


def request(name: str, properties: Schema, *required: str) -> Schema:
    """The body of a request about one thing."""
    thing = closed(properties, optional=set(properties) - set(required))
    return closed({name: thing})


def nullable(schema: Schema) -> Schema:
    """The same or null."""
    both = {**schema, 'type': [schema['type'], 'null']}
    if 'enum' in schema:
        both['enum'] = [*schema['enum'], None]
    return both


def array(items: Schema) -> Schema:
    """A list."""
    return {'type': 'array', 'items': items}


def collection(name: str, item: Schema) -> Schema:
    """The response of a list in pages."""
    return closed({name: array(item), f'{name}_links': LINKS})


def one_of(values: Iterable[str]) -> Schema:
    """One of some words."""
    return {'type': 'string', 'enum': sorted(values)}


def query(properties: Schema) -> Schema:
    """The query of a request; everything in it may be left out."""
    return closed(properties, optional=properties)


PAGE: Schema = {
    'limit': {'type': 'integer', 'minimum': 1, 'maximum': 2**31 - 1},
    'marker': UUID,
}


def page_query(sort_keys: Iterable[str], filters: Schema) -> Schema:
    """The query of a list in pages.

    :param sort_keys: columns that may be sorted by, none of them nullable.
    """
    keys = '|'.join(sorted(sort_keys))
    key = f'({keys})(:(asc|desc))?'
    return query(
        {
            **PAGE,
            'sort': {
                'type': 'string',
                'pattern': f'^{key}(,{key})*$',
                'description': 'key:direction, several with commas between',
            },
            **filters,
        }
    )


NO_QUERY = query({})
