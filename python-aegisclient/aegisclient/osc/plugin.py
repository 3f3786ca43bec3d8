# SPDX-License-Identifier: Apache-2.0
"""What python-openstackclient asks of a plugin."""

import argparse
from typing import Any

from osc_lib import utils

from aegisclient.sdk import service
from aegisclient.sdk.v1 import proxy

DEFAULT_API_VERSION = '1'
API_VERSION_OPTION = 'os_dr_api_version'
API_NAME = 'dr'
API_VERSIONS = (DEFAULT_API_VERSION, proxy.MICROVERSION)


def make_client(instance: Any) -> proxy.Proxy:
    """The disaster recovery proxy on the shell's own connection."""
    connection = instance.sdk_connection
    connection.add_service(service.DisasterRecoveryService())
    client = connection.disaster_recovery
    version = instance._api_version[API_NAME]
    if '.' in version:
        client.default_microversion = version
    return client


def build_option_parser(
    parser: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    """Add the option for the version of the API."""
    parser.add_argument(
        '--os-dr-api-version',
        metavar='<dr-api-version>',
        default=utils.env('OS_DR_API_VERSION', default=DEFAULT_API_VERSION),
        help=(
            'Disaster recovery API version, default=1 (Env: OS_DR_API_VERSION)'
        ),
    )
    return parser
