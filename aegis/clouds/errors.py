# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with a cloud, in our words and theirs.

The one place where failed calls become :mod:`aegis.common.exception` errors.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import requests
from keystoneauth1 import exceptions as keystone

from aegis.common import exception

_MAXIMUM_REASON = 500
_QUOTA_STATUSES = frozenset({400, 403, 409, 413})
_BUSY_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
_BROKEN_STATUS = 500
_NO_SUCH_VERSION = 406
_NO_STATUS = 'nothing'


def _shorten(text: str) -> str:
    text = ' '.join(text.split())
    if len(text) <= _MAXIMUM_REASON:
        return text
    return f'{text[:_MAXIMUM_REASON]}...'


def _words(value: Any) -> str | None:
    """What a service says, out of any of the forms the services use.

    Nova and Cinder: ``{"badRequest": {"message": ...}}``, Neutron:
    ``{"NeutronError": {"message": ..., "type": ...}}``, Keystone:
    ``{"error": {"message": ...}}``, version errors: ``{"errors":
    [{"detail": ...}]}``, paste: ``{"message": ...}``.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return next(filter(None, map(_words, value)), None)
    if not isinstance(value, dict):
        return None
    for key in ('message', 'detail'):
        if isinstance(value.get(key), str) and value[key]:
            return str(value[key])
    return next(filter(None, map(_words, value.values())), None)


def _reason(response: requests.Response) -> str:
    try:
        words = _words(response.json())
    except ValueError:
        words = None
    return _shorten(words or response.reason or 'no reason given')


def _is_quota(response: requests.Response, reason: str) -> bool:
    if response.status_code == 413:
        return True
    text = f'{reason} {response.text[:_MAXIMUM_REASON]}'.lower()
    return response.status_code in _QUOTA_STATUSES and (
        'quota' in text or 'limitexceeded' in text
    )


def _error_class(
    response: requests.Response, reason: str
) -> type[exception.CloudError]:
    status = response.status_code
    if _is_quota(response, reason):
        return exception.CloudQuotaExceeded
    if status in _BUSY_STATUSES:
        return exception.CloudUnavailable
    return {
        403: exception.CloudForbidden,
        404: exception.CloudNotFound,
        409: exception.CloudConflict,
        _BROKEN_STATUS: exception.CloudFailed,
    }.get(status, exception.CloudError)


def make(
    kind: type[exception.CloudError],
    site: str,
    service: str,
    reason: str,
    http_status: int | None = None,
    request_id: str | None = None,
    remedy: str | None = None,
    asked: str = '',
) -> exception.CloudError:
    """An error with its facts both in words and as ``details``.

    :param asked: the method and path of the call.
    """
    details = {
        'service': service,
        'site': site,
        'call': asked or None,
        'http_status': http_status,
        'service_request_id': request_id,
    }
    return kind(
        service=service,
        site=site,
        http_status=_NO_STATUS if http_status is None else http_status,
        reason=reason,
        remedy=remedy,
        details=[details],
        asked=asked,
    )


def not_found(
    site: str, service: str, resource: str, name: str, asked: str = ''
) -> exception.CloudError:
    """The error for what a service has not, or not in this project.

    :param asked: the method and path of the call.
    """
    return make(
        exception.CloudNotFound,
        site,
        service,
        f'there is no {resource} {name} in the project',
        404,
        asked=asked,
    )


def _check_content(
    site: str, service: str, response: requests.Response, asked: str
) -> None:
    kind = response.headers.get('content-type', '')
    if response.content and kind and 'json' not in kind:
        raise make(
            exception.CloudError,
            site,
            service,
            f'its answer is not JSON but {kind}',
            response.status_code,
            remedy='See what else answers at the address of the service.',
            asked=asked,
        )


def check(
    site: str, service: str, response: requests.Response, asked: str = ''
) -> None:
    """Turn an answer that is an error into a raised one.

    :param asked: the method and path of the call.
    :raises aegis.common.exception.SiteAuthenticationFailed: when even a
        fresh token is refused.
    :raises aegis.common.exception.CloudError: for any other error.
    """
    if response.status_code < 400:
        _check_content(site, service, response, asked)
        return
    reason = _reason(response)
    if response.status_code == 401:
        raise _refused(site, f'{service} says: {reason}')
    remedy = None
    if response.status_code == _NO_SUCH_VERSION:
        remedy = (
            f'{service} is older than Aegis needs: upgrade it or see the '
            f'API version options in section [site:{site}] of aegis.conf.'
        )
    raise make(
        _error_class(response, reason),
        site,
        service,
        reason,
        response.status_code,
        response.headers.get('x-openstack-request-id'),
        remedy,
        asked,
    )


def _refused(site: str, reason: str) -> exception.SiteAuthenticationFailed:
    return exception.SiteAuthenticationFailed(
        site=site,
        reason=reason,
    )


_CREDENTIALS = (
    keystone.Unauthorized,
    keystone.AuthorizationFailure,
    keystone.AuthPluginException,
)


def _translate(
    site: str, service: str, error: Exception, asked: str
) -> exception.AegisError:
    reason = _shorten(str(error))
    if isinstance(error, _CREDENTIALS):
        return _refused(site, reason)
    if isinstance(error, keystone.SSLError):
        return make(
            exception.CloudError,
            site,
            service,
            reason,
            remedy=f'Check cafile in section [site:{site}] of aegis.conf.',
        )
    if isinstance(error, keystone.CatalogException):
        return make(
            exception.CloudError,
            site,
            service,
            f'not in the service catalogue: {reason}',
            remedy=(
                'Check region_name and interface in section '
                f'[site:{site}] of aegis.conf.'
            ),
        )
    if isinstance(error, keystone.HttpError) and error.http_status < 500:
        # Only Keystone's answers get here: the others are checked after.
        return make(
            exception.CloudError, site, 'keystone', reason, error.http_status
        )
    return make(exception.CloudUnavailable, site, service, reason, asked=asked)


@contextlib.contextmanager
def translated(site: str, service: str, asked: str = '') -> Iterator[None]:
    """Turn what keystoneauth raises in the block into our errors.

    :param asked: the method and path of the call.
    """
    try:
        yield
    except (
        keystone.ClientException,
        requests.exceptions.RequestException,
    ) as error:
        raise _translate(site, service, error, asked) from error


@contextlib.contextmanager
def reaching(site: str) -> Iterator[None]:
    """Turn what fails to reach a site's Keystone into site errors.

    :raises aegis.common.exception.SiteUnreachable: when it does not answer.
    :raises aegis.common.exception.SiteAuthenticationFailed: when it refuses.
    """
    try:
        with translated(site, 'keystone'):
            yield
    except exception.CloudError as error:
        silent = isinstance(error, exception.CloudUnavailable)
        raise exception.SiteUnreachable(
            site=site,
            service='keystone',
            reason=error.detail,
            remedy=None if silent else error.remedy,
            details=error.details,
        ) from error
