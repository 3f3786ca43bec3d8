# SPDX-License-Identifier: Apache-2.0
"""Options that belong to no section: who and where this Aegis is."""

import socket

from oslo_config import cfg

OPTS = [
    cfg.StrOpt(
        'local_site',
        help="""
Name of the site this Aegis runs at.

It has to be one of ``sites``. Failover groups recover to it.

Related options:

* ``[DEFAULT] sites``
""",
    ),
    cfg.ListOpt(
        'sites',
        default=[],
        help="""
Names of all sites this Aegis works with, its own included.

Each name needs a section ``[site:<name>]`` with the region, the credentials
and the arrays of that site. A name is chosen once: failover groups refer to
it.

Possible values:

* A comma-separated list, for example ``east,west``
""",
    ),
    cfg.HostAddressOpt(
        'host',
        default=socket.gethostname(),
        sample_default='<name of this host>',
        help="""
Name of this node, unique among the nodes of one Aegis.

It names the owner of running work and the queue of an engine. Set it when
two engines run on one host or when host names change with restarts.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    return [('DEFAULT', OPTS)]
