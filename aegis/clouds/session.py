# SPDX-License-Identifier: Apache-2.0
"""The one gate through which every call to a cloud goes.

Whatever client library makes a call, here it gets its time limits and its
request id, here its time is measured, and here its failure becomes one of
our errors. The clients' own error classes are never reached.
"""

from typing import Any

import keystoneauth1.session
import requests
from keystoneauth1 import exceptions
from oslo_context import context

from aegis.clouds import errors
from aegis.common import permits, stopwatch

SERVICES = {
    'compute': 'nova',
    'volumev3': 'cinder',
    'block-storage': 'cinder',
    'network': 'neutron',
    'image': 'glance',
    'identity': 'keystone',
}
"""Service types of the catalogue and the names users know."""

_KEYSTONE = SERVICES['identity']
_HARMLESS = frozenset({'GET', 'HEAD'})


def _request_id() -> str:
    current = context.get_current()
    if current is None:
        return str(context.generate_request_id())
    return str(current.global_request_id or current.request_id)


def connection_pool(
    maximum: int,
    tls_ciphers: str | None = None,
    tls_min_version: Any = None,
) -> requests.Session:
    """Connections for all projects of one site, ``maximum`` per service."""
    adapter = keystoneauth1.session.TCPKeepAliveAdapter(
        pool_maxsize=maximum,
        tls_ciphers=tls_ciphers,
        tls_min_version=tls_min_version,
    )
    pool = requests.Session()
    pool.mount('http://', adapter)
    pool.mount('https://', adapter)
    return pool


class SiteSession(keystoneauth1.session.Session):
    """A keystoneauth session that knows its site.

    :param timeouts: seconds to connect, and seconds of silence.
    """

    def __init__(
        self, site: str, timeouts: tuple[float, float], **values: Any
    ) -> None:
        super().__init__(**values)
        self.site = site
        self._timeouts = timeouts

    def request(  # type: ignore[override]
        self,
        url: str,
        method: str,
        *,
        endpoint_filter: dict[str, Any] | None = None,
        raise_exc: bool = True,
        **values: Any,
    ) -> requests.Response:
        """Make one call.

        Calls without an endpoint filter are keystoneauth's own, to
        authenticate or to discover versions. It looks at their errors
        itself, so these stay as they are until they leave the outer call.

        :raises aegis.common.exception.CloudError: or one of its kinds,
            whatever ``raise_exc`` says, for every answer of 400 and above.
        :raises aegis.common.exception.FenceLost: see
            :mod:`aegis.common.permits`.
        """
        values.setdefault('timeout', self._timeouts)
        # A client may have remembered the id of an earlier request.
        values['global_request_id'] = _request_id()
        if endpoint_filter is None:
            with stopwatch.measure(_KEYSTONE):
                return super().request(
                    url, method, raise_exc=raise_exc, **values
                )
        service = SERVICES[str(endpoint_filter['service_type'])]
        # Without the query, which may name what tenants are not told.
        asked = f'{method} {url.partition("?")[0]}'
        if method not in _HARMLESS:
            permits.require()
        with (
            stopwatch.measure(service),
            errors.translated(self.site, service, asked),
        ):
            response = super().request(
                url,
                method,
                endpoint_filter=endpoint_filter,
                raise_exc=False,
                **values,
            )
        errors.check(self.site, service, response, asked)
        return response

    def get_auth_headers(self, auth: Any = None) -> dict[str, str] | None:
        """A token, for which Keystone alone is to blame if there is none.

        :raises aegis.common.exception.AegisError: that names it, and not the
            service for whose sake it was asked.
        """
        with errors.translated(self.site, _KEYSTONE):
            return super().get_auth_headers(auth)

    def get_endpoint(self, auth: Any = None, **values: Any) -> str | None:
        """Where a service is, in the version that is asked for.

        :raises keystoneauth1.exceptions.DiscoveryFailure: when the service
            does not say. keystoneauth itself then takes the address of the
            catalogue, below which everything is missing: what a failed
            delete would have left would seem to be gone.
        """
        # The catalogue comes with the token.
        self.get_auth_headers(auth)
        if not values.get('min_version'):
            return super().get_endpoint(auth, **values)
        found = self.get_endpoint_data(auth, discover_versions=False, **values)
        if found is None:
            return None
        if found.api_version is None:
            raise exceptions.DiscoveryFailure(
                f'the service at {found.url} does not say its versions'
            )
        return found.url
