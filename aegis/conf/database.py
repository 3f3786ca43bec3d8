# SPDX-License-Identifier: Apache-2.0
"""The database; the options are those of oslo.db."""

from oslo_config import cfg
from oslo_db import options

DEFAULT_CONNECTION = 'sqlite:////var/lib/aegis/aegis.sqlite'

# A connection for each lane that an engine runs, and some for the rest: what
# is beyond the size is closed when it is given back, and to open one costs
# more than what it is opened for.
DEFAULT_POOL_SIZE = 40


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(options.database_opts, group='database')


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Nothing: oslo.db lists them itself under its own namespace."""
    return []
