# SPDX-License-Identifier: Apache-2.0
"""One form for every error, whoever caused it."""

import webob
import webob.dec
from keystoneauth1 import exceptions as keystone_exceptions
from oslo_log import log as logging
from oslo_middleware import request_id
from oslo_serialization import jsonutils

from aegis.api import errors
from aegis.common import exception
from aegis.storage import errors as storage_errors

LOG = logging.getLogger(__name__)

RESPONSE_HEADERS = 'aegis.response_headers'

_KEPT_HEADERS = ('Allow', 'WWW-Authenticate', 'Retry-After')


class Errors:
    """Turns errors into responses, and other error pages into ours.

    What is inside may put headers for every response, good or bad, into the
    environment under ``RESPONSE_HEADERS``.
    """

    def __init__(self, application: object) -> None:
        self._application = application

    @webob.dec.wsgify
    def __call__(self, request: webob.Request) -> webob.Response:
        response = self._respond(request)
        for name, value in request.environ.get(RESPONSE_HEADERS, ()):
            response.headers[name] = value
        return response

    def _respond(self, request: webob.Request) -> webob.Response:
        try:
            _require_text(request)
            response = request.get_response(self._application)
        except exception.AegisError as error:
            return _render(request, error)
        except storage_errors.StorageError as error:
            LOG.exception('An array failed')
            return _render(request, errors.StorageUnavailable.of(error))
        except keystone_exceptions.ClientException:
            LOG.exception('Keystone does not answer')
            return _render(request, errors.Unavailable())
        except Exception:
            LOG.exception('The request failed')
            return _render(request, exception.AegisError())
        if response.status_int < 400:
            return response
        return _rewrite(request, response)


def _require_text(request: webob.Request) -> None:
    try:
        _ = request.path_info
    except UnicodeDecodeError as error:
        raise errors.PathNotFound() from error


def _rewrite(
    request: webob.Request, response: webob.Response
) -> webob.Response:
    rewritten = _render(request, errors.from_status(response.status_int))
    for name in _KEPT_HEADERS:
        if name in response.headers:
            rewritten.headers[name] = response.headers[name]
    return rewritten


def _render(
    request: webob.Request, error: exception.AegisError
) -> webob.Response:
    LOG.info(
        'Answering with %s %s: %s',
        error.status,
        error.code,
        error.detail,
    )
    body = errors.document(error, request.environ[request_id.ENV_REQUEST_ID])
    return webob.Response(
        status=error.status,
        content_type='application/json',
        charset='UTF-8',
        body=jsonutils.dump_as_bytes(body),
    )
