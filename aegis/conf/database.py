# SPDX-License-Identifier: Apache-2.0
"""The database; the options are those of oslo.db."""

from oslo_config import cfg
from oslo_db import options

DEFAULT_CONNECTION = 'sqlite:////var/lib/aegis/aegis.sqlite'


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(options.database_opts, group='database')


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Nothing: oslo.db lists them itself under its own namespace."""
    return []
