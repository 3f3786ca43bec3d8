# SPDX-License-Identifier: Apache-2.0
"""Options of the sites: one section ``[site:<name>]`` each."""

import contextlib

from keystoneauth1 import exceptions, loading
from oslo_config import cfg

OPTS = [
    cfg.StrOpt(
        'region_name',
        help="""
Region of the site in its Keystone's service catalogue.

Needed when the catalogue lists several regions.
""",
    ),
    cfg.ListOpt(
        'arrays',
        default=[],
        help="""
Labels of the storage arrays behind this site's Cinder.

Each label needs a section ``[array:<label>]``.
""",
    ),
    cfg.StrOpt(
        'interface',
        default='public',
        choices=['public', 'internal', 'admin'],
        help="""
Kind of endpoint that is taken from the service catalogue.
""",
    ),
    cfg.FloatOpt(
        'connect_timeout',
        default=5.0,
        min=0.1,
        help="""
Longest time, in seconds, for a connection to a service to come about.
""",
    ),
    cfg.FloatOpt(
        'read_timeout',
        default=60.0,
        min=0.1,
        help="""
Longest silence, in seconds, of a service that was asked something.

A site that has lost its power or its network in the middle of work often
still accepts connections; this is what ends the wait for its answer.
""",
    ),
    cfg.FloatOpt(
        'probe_timeout',
        default=10.0,
        min=0.1,
        help="""
Longest silence, in seconds, of a Keystone that is asked for a sign of life.
""",
    ),
    cfg.IntOpt(
        'max_connections',
        default=64,
        min=1,
        help="""
How many idle connections to each service are kept open.

Related options:

* ``[engine] max_concurrent_lanes``: fewer connections than lanes make the
  lanes connect anew for their calls.
""",
    ),
    cfg.FloatOpt(
        'watch_interval',
        default=2.0,
        min=0.05,
        help="""
Most seconds of rest between two looks at what a running operation waits for.

One look is one list call per project and kind of object, however many
objects are waited for. After it Aegis rests for as long as the service took
to answer, and at least for a millisecond per object that was listed, but no
longer than this.
""",
    ),
    cfg.IntOpt(
        'long_list',
        default=500,
        min=1,
        help="""
Most servers, volumes, ports or floating IPs of a project that are listed for
the members who wait for some of them.

A longer list takes the service and Aegis longer than the members gain by
sharing it. Where it was longer when it was last made, each member asks for its
own by id.

Related options:

* ``watch_interval``: how often shared lists are made.
""",
    ),
    cfg.StrOpt(
        'compute_api_version',
        default='2.96',
        regex=r'^2\.\d+$',
        help="""
Compute API microversion to use.

Possible values:

* ``2.90`` to ``2.96``. From 2.96 on Nova tells whether a server's
  availability zone was asked for or chosen by the scheduler; below that the
  zone a server is in counts as asked for. From 2.94 on host names may
  have dots.
""",
    ),
    cfg.StrOpt(
        'volume_api_version',
        default='3.64',
        regex=r'^3\.\d+$',
        help="""
Block Storage API microversion to use, ``3.21`` or higher.
""",
    ),
]


# Our own options take their place.
_REPLACED = frozenset({'timeout', 'collect_timing'})


def _session_options() -> list[cfg.Opt]:
    return [
        option
        for option in loading.get_session_conf_options()
        if option.dest not in _REPLACED
    ]


def group_name(site: str) -> str:
    """The section of a site."""
    return f'site:{site}'


def register_site_opts(conf: cfg.ConfigOpts, site: str) -> None:
    """Register the section of one site. Idempotent.

    The options of the configured ``auth_type`` are registered as well; an
    ``auth_type`` that does not exist is left to whoever uses it.
    """
    group = group_name(site)
    conf.register_opts([*OPTS, *_session_options()], group=group)
    loading.register_auth_conf_options(conf, group)
    if conf[group].auth_type is not None:
        with contextlib.suppress(exceptions.NoMatchingPlugin):
            conf.register_opts(
                loading.get_auth_plugin_conf_options(conf[group].auth_type),
                group=group,
            )


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register nothing: the sections depend on ``[DEFAULT] sites``."""


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    group = cfg.OptGroup(
        group_name('<name>'),
        title='A site',
        help='One section for each name in [DEFAULT] sites.',
    )
    return [
        (
            group,
            [
                *OPTS,
                *_session_options(),
                *loading.get_auth_common_conf_options(),
                *loading.get_auth_plugin_conf_options('password'),
            ],
        )
    ]
