# SPDX-License-Identifier: Apache-2.0
"""One logged-in session with an array for all threads of the process.

py-pure-client could log in again and retry by itself, but it does so for
each thread on its own, where one thread ends the session another has just
got, and it repeats requests that may have been carried out. So it is told
not to, and this module does it.
"""

import collections.abc
import dataclasses
import random
import threading
import time
import typing

import urllib3
from oslo_log import log as logging
from pypureclient import flasharray
from pypureclient.configuration import Configuration

from aegis.common import permits
from aegis.storage import errors
from aegis.storage.flasharray import faults, names, opts

LOG = logging.getLogger(__name__)

FIRST_BUSY_WAIT = 0.5
LONGEST_BUSY_WAIT = 8.0

Connect = collections.abc.Callable[[opts.Settings], typing.Any]
Wait = collections.abc.Callable[[float], object]


def connect(settings: opts.Settings) -> typing.Any:
    """Log in to the array; returns a client of py-pure-client."""
    configuration: typing.Any = Configuration()
    configuration.verify_ssl = settings.ssl_verify
    configuration.ssl_ca_cert = settings.ca_file
    configuration.connection_pool_maxsize = settings.max_connections
    # A read may be sent again when an idle connection turns out dead.
    configuration.retries = urllib3.Retry(
        total=1, connect=0, read=1, other=0, allowed_methods=['GET']
    )
    return flasharray.Client(
        target=settings.management_address,
        api_token=settings.api_token,
        configuration=configuration,
        timeout=(settings.connect_timeout, settings.read_timeout),
        retries=0,
        user_agent='aegis',
    )


@dataclasses.dataclass(frozen=True)
class _Login:
    """The outcome of the latest login; one of both is None."""

    number: int
    client: typing.Any = None
    error: errors.StorageError | None = None


class Session:
    """Makes calls of py-pure-client, each at most once more than needed.

    ``wait`` is called with seconds while the array is busy; ``clock`` tells
    monotonic seconds.
    """

    def __init__(
        self,
        settings: opts.Settings,
        connect: Connect = connect,
        wait: Wait | None = None,
        clock: collections.abc.Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._connect = connect
        self._closing = threading.Event()
        self._wait = wait or self._closing.wait
        self._clock = clock
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(settings.max_connections)
        self._login = _Login(0)
        self._faults = faults.Interpreter(
            settings.array_name,
            settings.management_address,
            settings.api_token,
        )

    def read(self, method: str, **arguments: typing.Any) -> list[typing.Any]:
        """Call a listing method; returns the items of all its pages.

        Raises :class:`~aegis.storage.errors.StorageError`.
        """
        return self._persistently(method, arguments, write=False)

    def write(self, method: str, **arguments: typing.Any) -> list[typing.Any]:
        """Call a changing method; returns its items.

        Raises :class:`~aegis.storage.flasharray.faults.OutcomeUnknown` when
        the change may have happened, and any other
        :class:`~aegis.storage.errors.StorageError` when it has not;
        :class:`~aegis.common.exception.FenceLost` as
        :mod:`aegis.common.permits` says.
        """
        return self._persistently(method, arguments, write=True)

    def rest_version(self) -> tuple[int, ...]:
        """Tell the version of the REST interface in use."""
        version = self._current().client.get_rest_version()
        return tuple(int(part) for part in version.split('.'))

    def last_response_date(self) -> str | None:
        """Tell the Date header of a recent answer of the array."""
        # The public response object keeps only a few headers.
        transport = getattr(self._current().client, '_api_client', None)
        response = getattr(transport, 'last_response', None)
        return response.getheader('Date') if response is not None else None

    def close(self) -> None:
        """Log out. A later call logs in again. Idempotent."""
        self._closing.set()
        with self._lock:
            login, self._login = self._login, _Login(self._login.number + 1)
        log_out(login.client)

    def _persistently(
        self, method: str, arguments: dict[str, typing.Any], write: bool
    ) -> list[typing.Any]:
        deadline = self._clock() + self._settings.busy_timeout
        pause = FIRST_BUSY_WAIT
        while True:
            try:
                return self._logged_in(method, arguments, write)
            except errors.ArrayBusy:
                if self._clock() + pause > deadline:
                    raise
            LOG.info(
                'The array %s is busy; trying again.',
                self._settings.array_name,
            )
            self._wait(pause * random.SystemRandom().uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_BUSY_WAIT)

    def _logged_in(
        self, method: str, arguments: dict[str, typing.Any], write: bool
    ) -> list[typing.Any]:
        login = self._current()
        try:
            return self._once(login.client, method, arguments, write)
        except faults.SessionExpired:
            # Refused before anything was done, so it may be sent again.
            self._forget(login)
        try:
            return self._once(self._current().client, method, arguments, write)
        except faults.SessionExpired as error:
            raise errors.ArrayAuthenticationFailed(str(error)) from None

    def _once(
        self,
        client: typing.Any,
        method: str,
        arguments: dict[str, typing.Any],
        write: bool,
    ) -> list[typing.Any]:
        with self._slots:
            if write:
                permits.require()
            started = self._clock()
            try:
                response = getattr(client, method)(**arguments)
                if isinstance(response, flasharray.ErrorResponse):
                    raise self._faults.refusal(
                        response.status_code,
                        [
                            faults.Complaint(error.message, error.context)
                            for error in response.errors
                            if error.message
                        ],
                        write,
                    )
                # Iterating fetches the further pages.
                items = list(response.items or ())
            except Exception as error:
                # Whatever escapes the client (it lets transport, parsing
                # and validation errors through) is a failure of this call.
                raise self._faults.exception(error, write) from None
        LOG.debug(
            'The array %s answered %s with %d items in %.3f s.',
            self._settings.array_name,
            method,
            len(items),
            self._clock() - started,
        )
        return items

    def _current(self) -> _Login:
        seen = self._login
        if seen.client is not None:
            return seen
        with self._lock:
            # Whoever waited here shares what the first one found out:
            # with a dead array nobody waits for a second timeout.
            if self._login.number == seen.number:
                self._login = self._log_in(seen.number + 1)
            login = self._login
        if login.error is not None:
            raise type(login.error)(str(login.error))
        if login.client is None:
            return self._current()
        return login

    def _log_in(self, number: int) -> _Login:
        self._closing.clear()
        try:
            client = self._connect(self._settings)
        except Exception as error:
            return _Login(number, error=self._faults.login(error))
        try:
            self._verify(client)
        except errors.StorageError as error:
            log_out(client)
            return _Login(number, error=self._faults.login(error))
        return _Login(number, client=client)

    def _verify(self, client: typing.Any) -> None:
        """Refuse an array that is not the one that was configured."""
        found = self._once(client, 'get_arrays', {}, write=False)
        name = found[0].name if found else None
        if not names.same(name, self._settings.array_name):
            raise errors.WrongArray(
                f'The array at {self._settings.management_address} is '
                f'{name}, not {self._settings.array_name}.'
            )

    def _forget(self, login: _Login) -> None:
        with self._lock:
            if self._login is not login:
                return
            self._login = _Login(login.number + 1)
        log_out(login.client)


def log_out(client: typing.Any) -> None:
    """End a session; the array ends it by itself where this fails."""
    # The client has no public way to log out before the process ends.
    tokens = getattr(client, '_token_man', None)
    if tokens is None:
        return
    try:
        tokens.close_session()
    except Exception as error:
        LOG.debug('Could not log out: %s', type(error).__name__)
