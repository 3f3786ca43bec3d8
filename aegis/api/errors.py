# SPDX-License-Identifier: Apache-2.0
"""How errors look to clients, and those that only HTTP knows."""

import http
from typing import Any

from aegis.api import versions
from aegis.common import exception
from aegis.storage import errors as storage_errors


class PathNotFound(exception.NotFound):
    code = 'aegis.path.not_found'
    message = 'There is nothing at this path.'
    remedy = 'See /v1/openapi.json for what there is.'


class MethodNotAllowed(exception.AegisError):
    code = 'aegis.method.not_allowed'
    status = 405
    message = 'This path does not take that method.'
    remedy = 'See /v1/openapi.json for the methods it takes.'


class NotAcceptable(exception.AegisError):
    code = 'aegis.request.not_acceptable'
    status = 406
    message = 'Answers are JSON only.'
    remedy = 'Send "Accept: application/json" or no Accept header.'


class MicroversionUnsupported(exception.AegisError):
    code = 'aegis.microversion.unsupported'
    status = 406
    message = 'There is no API version {version}.'
    remedy = (
        f'Ask for a version from {versions.MIN_VERSION} to '
        f'{versions.MAX_VERSION}, or leave the header out.'
    )


class Unauthorized(exception.AegisError):
    code = 'aegis.unauthorized'
    status = 401
    message = 'The request carries no valid token.'
    remedy = 'Get a token from Keystone and send it as X-Auth-Token.'


class TooLarge(exception.AegisError):
    code = 'aegis.request.too_large'
    status = 413
    message = 'The body of the request is too large.'
    remedy = (
        'Send less, or have the operator raise [oslo_middleware] '
        'max_request_body_size.'
    )


class UnsupportedMediaType(exception.AegisError):
    code = 'aegis.request.media_type'
    status = 415
    message = 'The body of the request is not JSON by its content type.'
    remedy = 'Send "Content-Type: application/json".'


class Unavailable(exception.AegisError):
    code = 'aegis.unavailable'
    status = 503
    message = 'A service that Aegis needs does not answer.'
    remedy = 'Try again later; the operator finds the reason in the log.'


class StorageUnavailable(Unavailable):
    """An array failed; tenants are told neither which nor what it said."""

    code = storage_errors.StorageError.code
    message = 'The storage of a site could not do what was asked of it.'

    @classmethod
    def of(cls, error: storage_errors.StorageError) -> 'StorageUnavailable':
        """The same code and remedy."""
        return cls(code=error.code, remedy=error.remedy)


_BY_STATUS: dict[int, type[exception.AegisError]] = {
    error.status: error
    for error in (
        Unauthorized,
        exception.Forbidden,
        PathNotFound,
        MethodNotAllowed,
        NotAcceptable,
        TooLarge,
        UnsupportedMediaType,
        Unavailable,
    )
}


def from_status(status: int) -> exception.AegisError:
    """The error for a response that is not ours but of a library."""
    if status == http.HTTPStatus.FORBIDDEN:
        return exception.Forbidden(action='this')
    if status in _BY_STATUS:
        return _BY_STATUS[status]()
    if status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return exception.BadRequest(reason='it could not be read.')
    return exception.AegisError()


def document(error: exception.AegisError, request_id: str) -> dict[str, Any]:
    """The body of the response that an error becomes."""
    return {
        'errors': [
            {
                'status': error.status,
                'code': error.code,
                'title': http.HTTPStatus(error.status).phrase,
                'detail': error.detail,
                'remedy': error.remedy,
                'details': error.details,
                'request_id': request_id,
            }
        ]
    }
