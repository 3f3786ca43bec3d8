# SPDX-License-Identifier: Apache-2.0
"""A database that does not work, in our own words.

oslo.db wraps lost connections and leaves other operational errors as they
are, a full disk among them. Here all of them become one kind of error, which
tells callers that nothing is wrong with what they asked.
"""

import contextlib
from collections.abc import Iterator

from oslo_db import exception as db_exception
from oslo_log import log as logging
from sqlalchemy import exc

from aegis.common import exception

LOG = logging.getLogger(__name__)

# SQLite: "Result and Error Codes" says of both that the file system may have
# no room. MariaDB: ER_DISK_FULL, ER_ERROR_ON_WRITE, ER_GET_ERRNO
# (of the storage engine; 28 is ENOSPC) and ER_RECORD_FILE_FULL. PostgreSQL:
# SQLSTATE 53100, disk_full.
_FULL_SQLITE = frozenset(('SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'))
_FULL_MARIADB = frozenset((1021, 1026, 1030, 1114))
_FULL_POSTGRESQL = '53100'


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise and log what a failing database means.

    :raises aegis.common.exception.DatabaseFull: when it has no room left.
    :raises aegis.common.exception.DatabaseUnavailable: when it does not
        answer, or cannot work for another reason of its own.
    """
    try:
        yield
    except (db_exception.DBConnectionError, exc.OperationalError) as error:
        driver = _of_driver(error)
        meaning = (
            exception.DatabaseFull()
            if _is_full(driver)
            else exception.DatabaseUnavailable()
        )
        # The driver's own words hold no statement and so no data.
        LOG.error('%s %s (%s)', meaning.detail, meaning.remedy, driver)
        raise meaning from error


def _of_driver(error: BaseException) -> BaseException:
    """What the driver raised, below what wraps it."""
    inner = getattr(error, 'inner_exception', None) or error
    return getattr(inner, 'orig', None) or inner


def _is_full(error: BaseException) -> bool:
    return (
        getattr(error, 'sqlite_errorname', None) in _FULL_SQLITE
        or getattr(error, 'pgcode', None) == _FULL_POSTGRESQL
        or (bool(error.args) and error.args[0] in _FULL_MARIADB)
    )
