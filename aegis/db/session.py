# SPDX-License-Identifier: Apache-2.0
"""Transactions.

A database function takes the context first and is decorated with
:func:`reader` or :func:`writer`; inside, ``context.session`` is an ORM
session. A function called within another's transaction joins it. All raise
what :mod:`~aegis.db.outages` says when the database does not work.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import api as oslo_db_api
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import event, orm

from aegis.common import context as aegis_context
from aegis.db import outages

P = ParamSpec('P')
T = TypeVar('T')
Context = aegis_context.RequestContext

_SQLITE_BUSY_MILLISECONDS = 60_000

# A frozen host keeps its connections and with them the locks of a
# transaction it was in the middle of. The server ends such a transaction, so
# that others can take over the work. Ours last for milliseconds.
_IDLE_TRANSACTION_SECONDS = 10

_managers: dict[str, Any] = {}
_intent = threading.local()

_retry = oslo_db_api.wrap_db_retry(
    max_retries=10,
    retry_interval=0.05,
    max_retry_interval=2,
    inc_retry_interval=True,
    jitter=True,
    retry_on_deadlock=True,
)


def configure(conf: cfg.ConfigOpts) -> None:
    """Use the database of a configuration from now on.

    Connections are opened on first use.
    """
    manager = enginefacade.transaction_context()
    settings = dict(conf.database)
    settings['connection'] = _connection_url(settings['connection'])
    # A thread that gives a connection back need not let others run: that is
    # for green threads.
    manager.configure(sqlite_fk=True, thread_checkin=False, **settings)
    manager.append_on_engine_create(_prepare_engine)
    _managers['main'] = manager


def dispose() -> None:
    """Close all connections and forget the configuration."""
    manager = _managers.pop('main', None)
    if manager is not None:
        manager.dispose_pool()


def engine() -> sa.Engine:
    """The engine, for what needs no session: migrations and checks."""
    return _manager().writer.get_engine()


def reader(
    function: Callable[Concatenate[Context, P], T],
) -> Callable[Concatenate[Context, P], T]:
    """Run a function in a transaction that only reads."""

    @functools.wraps(function)
    def read(context: Context, *args: P.args, **kwargs: P.kwargs) -> T:
        with outages.translated(), _manager().reader.using(context):
            return function(context, *args, **kwargs)

    return cast(Callable[Concatenate[Context, P], T], read)


def writer(
    function: Callable[Concatenate[Context, P], T],
) -> Callable[Concatenate[Context, P], T]:
    """Run a function in a transaction that writes.

    The outermost one is repeated after a deadlock, so the function must
    have no effect outside the database.
    """

    @functools.wraps(function)
    def write(context: Context, *args: P.args, **kwargs: P.kwargs) -> T:
        with transaction(context):
            return function(context, *args, **kwargs)

    retried = _retry(write)

    @functools.wraps(function)
    def choose(context: Context, *args: P.args, **kwargs: P.kwargs) -> T:
        if _in_transaction(context):
            return write(context, *args, **kwargs)
        return retried(context, *args, **kwargs)

    return cast(Callable[Concatenate[Context, P], T], choose)


@contextlib.contextmanager
def transaction(context: Context) -> Iterator[orm.Session]:
    """A writing transaction for several functions; not repeated by itself."""
    outermost = not _in_transaction(context)
    if outermost:
        _intent.writes = True
    try:
        with outages.translated(), _manager().writer.using(context) as session:
            yield session
    finally:
        if outermost:
            _intent.writes = False


def _manager() -> Any:
    try:
        return _managers['main']
    except KeyError:
        raise RuntimeError(
            'aegis.db.session.configure() comes first'
        ) from None


def _in_transaction(context: Context) -> bool:
    try:
        return context.session is not None
    except (
        db_exception.NoEngineContextEstablished,
        db_exception.ContextNotRequestedError,
    ):
        return False


def _connection_url(connection: str) -> str:
    url = sa.make_url(connection)
    if url.get_backend_name() == 'mysql' and 'charset' not in url.query:
        # The library's default cannot hold every character.
        url = url.update_query_dict({'charset': 'utf8mb4'})
    return url.render_as_string(hide_password=False)


def _prepare_engine(created: sa.Engine) -> None:
    if created.dialect.name == 'sqlite':
        event.listen(created, 'connect', _prepare_sqlite_connection)
        event.listen(created, 'checkout', _begin_sqlite_write)
    elif created.dialect.name == 'mysql':
        event.listen(created, 'connect', _prepare_mysql_connection)
    elif created.dialect.name == 'postgresql':
        event.listen(created, 'connect', _prepare_postgresql_connection)


def _prepare_mysql_connection(connection: Any, _record: Any) -> None:
    # MySQL itself has no such setting.
    if 'MariaDB' in connection.get_server_info():
        with connection.cursor() as cursor:
            cursor.execute(
                'SET SESSION idle_transaction_timeout = '
                f'{_IDLE_TRANSACTION_SECONDS}'
            )


def _prepare_postgresql_connection(connection: Any, _record: Any) -> None:
    # Outside a transaction, or the first rollback would take it back.
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            'SET idle_in_transaction_session_timeout = '
            f"'{_IDLE_TRANSACTION_SECONDS}s'"
        )
    connection.autocommit = False


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.execute(f'PRAGMA busy_timeout={_SQLITE_BUSY_MILLISECONDS}')
    connection.execute('PRAGMA journal_mode=WAL')


def _begin_sqlite_write(connection: Any, record: Any, _proxy: Any) -> None:
    # A deferred transaction that reads first and writes later fails at once
    # when somebody else wrote in between; taking the write lock at the
    # start waits instead. The mark keeps oslo.db from beginning a second
    # transaction; each one has a connection of its own.
    if getattr(_intent, 'writes', False):
        connection.execute('BEGIN IMMEDIATE')
        record.info['in_transaction'] = True
