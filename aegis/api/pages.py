# SPDX-License-Identifier: Apache-2.0
"""Lists in pages."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from oslo_config import cfg

from aegis.common import context as aegis_context
from aegis.common import exception
from aegis.db import pagination

Item = TypeVar('Item')


@dataclasses.dataclass(frozen=True)
class Request:
    """What a client wants to see of a list.

    ``limit`` is that of the page; one more is to be read from the database,
    to know whether another page follows.
    """

    limit: int
    marker: str | None
    sort: pagination.Sort | None
    filters: Mapping[str, Any]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of a function that lists rows."""
        return {
            'filters': self.filters,
            'sort': self.sort,
            'limit': self.limit + 1,
            'marker': self.marker,
        }


@dataclasses.dataclass(frozen=True)
class Page(Generic[Item]):
    """One page; ``marker`` is None when no other follows."""

    items: Sequence[Item]
    marker: str | None


def read(
    query: Mapping[str, Any],
    columns: Mapping[str, str],
    context: aegis_context.RequestContext,
    conf: cfg.ConfigOpts,
) -> Request:
    """Read what a checked query says about pages.

    :param columns: the filters of the list and the columns they look at.
    :raises BadRequest: when another project is named without all_projects.
    """
    wanted = query.get('limit', conf.api.max_limit)
    return Request(
        limit=min(wanted, conf.api.max_limit),
        marker=query.get('marker'),
        sort=_sort(query.get('sort')),
        filters={
            **_projects(query, context),
            **{
                column: query[name]
                for name, column in columns.items()
                if name in query
            },
        },
    )


def cut(items: Sequence[Any], request: Request) -> Page[Any]:
    """Make a page of what was read for a request."""
    if len(items) <= request.limit:
        return Page(items, None)
    shown = items[: request.limit]
    return Page(shown, shown[-1].id)


def _projects(
    query: Mapping[str, Any], context: aegis_context.RequestContext
) -> dict[str, str | None]:
    chosen = query.get('project_id')
    if query.get('all_projects'):
        return {'project_id': chosen} if chosen else {}
    if chosen not in (None, context.project_id):
        raise exception.BadRequest(
            reason='project_id of another project needs all_projects=true.'
        )
    return {'project_id': context.project_id}


def _sort(text: str | None) -> pagination.Sort | None:
    if text is None:
        return None
    keys = [part.partition(':') for part in text.split(',')]
    return tuple((key, direction or 'asc') for key, _, direction in keys)
