# SPDX-License-Identifier: Apache-2.0
"""Filtered, sorted pages of a table, one query each."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from oslo_db.sqlalchemy import utils
from sqlalchemy import orm

from aegis.common import exception
from aegis.db import models

Row = TypeVar('Row', bound=models.Base)
Filters = Mapping[str, Any]
Sort = Sequence[tuple[str, str]]

NEWEST_FIRST: Sort = (('created_at', 'desc'),)


def page(
    session: orm.Session,
    statement: sa.Select[Any],
    model: type[Row],
    *,
    filters: Filters | None = None,
    sort: Sort | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> Sequence[Row]:
    """One page of the rows that a statement selects.

    The names of columns in ``filters`` and ``sort`` come from code or from
    a whitelist, never from a user as they are.

    :param statement: selects ``model``, narrowed to what the caller may see.
    :param filters: column to value, or to a list of which one has to match.
    :param sort: columns with ``asc`` or ``desc``; the id is added last.
        They must not be nullable.
    :param marker: id of the last row of the page before. It need not match
        the filters any more, but the caller has to be able to see it.
    :raises BadRequest: when there is no such row.
    """
    last = _marker_row(session, statement, model, marker)
    for column, value in (filters or {}).items():
        statement = statement.where(_matches(getattr(model, column), value))
    keys = _unique_order(sort or NEWEST_FIRST)
    statement = utils.paginate_query(
        statement,
        model,
        limit,
        [key for key, _ in keys],
        marker=last,
        sort_dirs=[direction for _, direction in keys],
    )
    return session.scalars(statement).all()


def _matches(column: Any, value: Any) -> sa.ColumnElement[bool]:
    if isinstance(value, list | tuple | set | frozenset):
        return column.in_(list(value))
    return column == value


def _unique_order(sort: Sort) -> Sort:
    if any(key == 'id' for key, _ in sort):
        return sort
    return (*sort, ('id', sort[-1][1]))


def _marker_row(
    session: orm.Session,
    statement: sa.Select[Any],
    model: type[Row],
    marker: str | None,
) -> Row | None:
    if marker is None:
        return None
    row = session.scalars(
        statement.where(getattr(model, 'id') == marker)  # noqa: B009
    ).one_or_none()
    if row is None:
        raise unknown_marker(marker)
    return row


def unknown_marker(marker: str) -> exception.BadRequest:
    """The refusal of a marker that the caller cannot see."""
    return exception.BadRequest(
        reason=f'the marker {marker} is not in the list.',
        remedy='Start again without a marker.',
    )
