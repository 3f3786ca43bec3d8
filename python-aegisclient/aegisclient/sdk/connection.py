# SPDX-License-Identifier: Apache-2.0
"""Connections that know the disaster recovery service."""

from typing import Any

import openstack
from openstack import connection

from aegisclient.sdk import service


def connect(**options: Any) -> connection.Connection:
    """Open a connection that has a ``disaster_recovery`` proxy.

    Takes what :func:`openstack.connect` takes. Nothing is sent before the
    first call.
    """
    opened = openstack.connect(**options)
    opened.add_service(service.DisasterRecoveryService())
    return opened
