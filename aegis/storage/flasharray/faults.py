# SPDX-License-Identifier: Apache-2.0
"""Turn what py-pure-client raises or answers into errors of ours.

The texts are those the array gives, without the API token.
"""

import collections.abc
import dataclasses
import json
import socket
import typing

import urllib3.exceptions

from aegis.storage import errors


class OutcomeUnknown(errors.ArrayUnreachable):
    """A change was sent and no usable answer came: it may have happened."""


class AlreadyExists(errors.ArrayRefused):
    """What was to be made is there."""


class SessionExpired(errors.ArrayAuthenticationFailed):
    """The array does not know our session (any more)."""


@dataclasses.dataclass(frozen=True)
class Complaint:
    """An element of the array's list of errors."""

    message: str
    about: str | None = None

    def __str__(self) -> str:
        return f'{self.about}: {self.message}' if self.about else self.message


# Purity has one status for all refusals, so that only the texts tell;
# the Cinder driver of the vendor relies on the same ones.
_REFUSALS: tuple[tuple[str, type[errors.StorageError]], ...] = (
    ('already exists', AlreadyExists),
    ('already belongs', AlreadyExists),
    ('limit reached', errors.ArrayLimitReached),
    ('pending eradication', errors.NameTaken),
    ('does not exist', errors.NotFound),
    ('no such volume or snapshot', errors.NotFound),
    ('could not be found', errors.NotFound),
    ('has been destroyed', errors.NotFound),
    ('is connected', errors.VolumeInUse),
    ('existing connections', errors.VolumeInUse),
)

_NOT_SENT = (
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.ProxyError,
)


class Interpreter:
    """Names the array in each message and keeps the API token out."""

    def __init__(self, array: str, address: str, secret: str) -> None:
        self._array = array
        self._address = address
        self._secret = secret

    def refusal(
        self,
        status: int | None,
        complaints: collections.abc.Sequence[Complaint],
        write: bool,
    ) -> errors.StorageError:
        """Give the error for an answer with an HTTP status of 300 or more.

        ``write`` tells whether the request was to change something.
        """
        why = '; '.join(map(str, complaints)) or f'HTTP status {status}'
        kind = _kind(status, [c.message for c in complaints], write)
        if kind is SessionExpired:
            return kind(
                f'The array {self._array} does not accept our session.'
            )
        verb = 'refused' if status in (400, 403, 404) else 'could not do'
        return kind(self._clean(f'The array {self._array} {verb} it: {why}'))

    def exception(self, error: Exception, write: bool) -> errors.StorageError:
        """Give the error for an exception of a call that was made."""
        if isinstance(error, errors.StorageError):
            return error
        answer = _answer(error)
        if answer is not None:
            return self.refusal(answer[0], answer[1], write)
        cause = _root(error)
        if _is_certificate_problem(cause):
            return errors.ArrayCertificateInvalid(
                self._clean(
                    f'The certificate of the array {self._array} at '
                    f'{self._address} was not accepted: {cause}'
                )
            )
        if not _is_transport_problem(cause):
            return errors.ArrayFailed(
                self._clean(
                    f'What answered at {self._address} for the array '
                    f'{self._array} was not understood '
                    f'({type(error).__name__}: {error})'
                )
            )
        sent = not isinstance(cause, (*_NOT_SENT, socket.gaierror))
        kind = OutcomeUnknown if write and sent else errors.ArrayUnreachable
        return kind(
            self._clean(
                f'The array {self._array} did not answer at '
                f'{self._address}: {_text(cause)}'
            )
        )

    def login(self, error: Exception) -> errors.StorageError:
        """Give the error for an exception while logging in."""
        found = self.exception(error, write=False)
        if isinstance(found, SessionExpired):
            return errors.ArrayAuthenticationFailed(
                f'The array {self._array} does not accept the API token '
                f'of its section in aegis.conf.'
            )
        return found

    def _clean(self, text: str) -> str:
        return text.replace(self._secret, '***')


def _kind(
    status: int | None, messages: list[str], write: bool
) -> type[errors.StorageError]:
    why = '; '.join(messages).lower()
    if status == 401:
        return SessionExpired
    if status == 403:
        return errors.ArrayAccessDenied
    if status in (429, 503) or (status == 500 and 'busy' in why):
        return errors.ArrayBusy
    if status is not None and status >= 500:
        # A gateway that gave up does not know what the array went on to do.
        return OutcomeUnknown if write else errors.ArrayFailed
    for text, kind in _REFUSALS:
        if text in why:
            return kind
    return errors.ArrayRefused


def _answer(error: Exception) -> tuple[int, list[Complaint]] | None:
    """Find an HTTP answer among an exception and its causes."""
    for cause in _chain(error):
        status = getattr(cause, 'status', None)
        if isinstance(status, int) and status >= 300:
            return status, _complaints(getattr(cause, 'body', None))
    return None


def _complaints(body: typing.Any) -> list[Complaint]:
    try:
        parsed = json.loads(body)
        return [
            Complaint(str(error['message']), error.get('context'))
            for error in parsed.get('errors', [parsed])
        ]
    except (TypeError, ValueError, KeyError, AttributeError):
        return []


def _chain(
    error: BaseException | None,
) -> collections.abc.Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, 'reason', None)
        error = (
            reason
            if isinstance(reason, BaseException)
            else error.__cause__ or error.__context__
        )


def _root(error: Exception) -> BaseException:
    """Find the exception that tells most: the transport's own."""
    for cause in _chain(error):
        wrapper = isinstance(cause, urllib3.exceptions.MaxRetryError)
        if _is_transport_problem(cause) and not wrapper:
            return cause
    return error


def _is_transport_problem(error: BaseException) -> bool:
    # py-pure-client reports some TLS problems as an answer of status 0.
    return getattr(error, 'status', None) == 0 or isinstance(
        error, urllib3.exceptions.HTTPError | OSError
    )


def _is_certificate_problem(error: BaseException) -> bool:
    return _is_transport_problem(error) and 'certificate' in str(error).lower()


def _text(error: BaseException) -> str:
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return 'it took too long'
    return str(error) or type(error).__name__
