# SPDX-License-Identifier: Apache-2.0
"""Errors of the service and of the way to it, as a user should read them."""

import contextlib
from collections.abc import Iterator

from keystoneauth1 import exceptions as keystone_exceptions
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions as osc_exceptions

_TRANSLATED = (
    keystone_exceptions.ClientException,
    sdk_exceptions.SDKException,
)


@contextlib.contextmanager
def clear_errors() -> Iterator[None]:
    """Turn errors of the SDK into command errors with a clear text.

    :raises osc_lib.exceptions.CommandError: instead of those.
    """
    try:
        yield
    except _TRANSLATED as error:
        raise osc_exceptions.CommandError(describe(error)) from error


def describe(error: Exception) -> str:
    """What went wrong and what to do about it."""
    match error:
        case (
            keystone_exceptions.EndpointNotFound()
            | sdk_exceptions.ServiceDisabledException()
        ):
            missing = str(error).rpartition(': ')[2]
            return (
                f'This cloud offers no disaster recovery: {missing}.\n'
                f'Check the region (--os-region-name) and the interface '
                f'(--os-interface), or ask whether Aegis runs at this site.'
            )
        case keystone_exceptions.ConnectionError():
            failure = str(error).partition(': HTTP')[0]
            return (
                f'The disaster recovery service does not answer: {failure}.\n'
                f'If this site is lost, use the service at the other site.'
            )
        case _:
            return str(error)
