# SPDX-License-Identifier: Apache-2.0
"""The options of a FlashArray in its ``[array:<label>]`` section."""

import dataclasses
import os

from oslo_config import cfg

from aegis.storage import errors

OPTS = [
    cfg.StrOpt(
        'management_address',
        help="""
Host name or address of the management interface of the array. Required.

With a port where that is not 443, for instance ``192.0.2.10:8443``.
""",
    ),
    cfg.StrOpt(
        'api_token',
        secret=True,
        help="""
API token of a user of the array with the role ``storage_admin``. Required.

Give Aegis a user of its own, so that the audit log of the array tells its
changes from those of Cinder.
""",
    ),
    cfg.BoolOpt(
        'ssl_verify',
        default=True,
        help="""
Whether the certificate of the array must be valid.

Without it, whoever sits on the path to the array can read the API token.
""",
    ),
    cfg.StrOpt(
        'ca_file',
        help="""
File of certificates (PEM) that the one of the array is checked against.

By default those that the operating system trusts.
""",
    ),
    cfg.FloatOpt(
        'connect_timeout',
        default=5.0,
        min=0.1,
        help="""
Longest time, in seconds, for a connection to the array to come about.

A dead array is known after this time.
""",
    ),
    cfg.FloatOpt(
        'read_timeout',
        default=30.0,
        min=0.1,
        help="""
Longest silence, in seconds, of an array that was asked something.

After it, the outcome of a change counts as unknown and is looked up.
""",
    ),
    cfg.FloatOpt(
        'busy_timeout',
        default=30.0,
        min=0,
        help="""
How long, in seconds, an array that says it is busy is asked again.
""",
    ),
    cfg.IntOpt(
        'max_connections',
        default=8,
        min=1,
        max=64,
        help="""
How many requests to the array may be under way at once from one process.
""",
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
