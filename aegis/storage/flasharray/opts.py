# SPDX-License-Identifier: Apache-2.0
"""The options of a FlashArray in its ``[array:<label>]`` section."""

import dataclasses
import os

from oslo_config import cfg

from aegis.storage import errors

OPTS = [
    cfg.StrOpt(
        'management_address',
        help='Name or address of the management interface of the array, '
        'with a port if it is not 443, for instance '
        '"fa-east.example.org" or "192.0.2.10:8443". Required.',
    ),
    cfg.StrOpt(
        'api_token',
        secret=True,
        help='API token of a user of the array that has the role '
        'storage_admin. Use a user of its own for Aegis, so that the '
        "array's audit log tells its changes apart. Required.",
    ),
    cfg.BoolOpt(
        'ssl_verify',
        default=True,
        help='Whether the certificate of the array must be valid. Without '
        'it, anyone on the path to the array can read the API token.',
    ),
    cfg.StrOpt(
        'ca_file',
        help='File with the certificates (PEM) that the certificate of the '
        'array is checked against. The authorities of the operating system '
        'by default.',
    ),
    cfg.FloatOpt(
        'connect_timeout',
        default=5.0,
        min=0.1,
        help='Seconds to wait until the array accepts a connection. A dead '
        'array is known after this time.',
    ),
    cfg.FloatOpt(
        'read_timeout',
        default=30.0,
        min=0.1,
        help='Seconds to wait for the answer to a request that the array '
        'has accepted. Afterwards its outcome counts as unknown and is '
        'looked up.',
    ),
    cfg.FloatOpt(
        'busy_timeout',
        default=30.0,
        min=0,
        help='Seconds to go on trying in all while the array answers that '
        'it is too busy.',
    ),
    cfg.IntOpt(
        'max_connections',
        default=8,
        min=1,
        max=64,
        help='How many requests may be under way to the array at once from '
        'one process.',
    ),
]


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to reach one FlashArray. Times are seconds."""

    array_name: str
    management_address: str
    api_token: str = dataclasses.field(repr=False)
    ssl_verify: bool = True
    ca_file: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    busy_timeout: float = 30.0
    max_connections: int = 8


def settings(array_name: str, section: cfg.ConfigOpts.GroupAttr) -> Settings:
    """Read the section of an array.

    Raises :class:`~aegis.storage.errors.ArrayNotConfigured` when a required
    option is missing.
    """
    values = {option.dest: section[option.dest] for option in OPTS}
    missing = [
        name
        for name in ('management_address', 'api_token')
        if not values[name]
    ]
    if missing:
        raise errors.ArrayNotConfigured(
            f'The section of the array {array_name} lacks '
            f'{" and ".join(missing)}.'
        )
    if values['ca_file'] and not os.access(values['ca_file'], os.R_OK):
        raise errors.ArrayNotConfigured(
            f'The ca_file of the array {array_name}, {values["ca_file"]}, '
            f'cannot be read.'
        )
    return Settings(array_name=array_name, **values)
