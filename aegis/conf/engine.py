# SPDX-License-Identifier: Apache-2.0
"""Options of the engine."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    'engine',
    title='Engine',
    help='How aegis-engine runs operations.',
)

OPTS = [
    cfg.IntOpt(
        'max_concurrent_lanes',
        default=32,
        min=1,
        help="""
Number of lanes (members, mostly) that one engine works on at the same time.

A lane spends nearly all its time waiting for other services; the number is
bounded by what they can take, not by this host.
""",
    ),
    cfg.IntOpt(
        'max_concurrent_lanes_per_operation',
        default=16,
        min=1,
        help="""
Number of lanes of one operation that all engines together work on.

It keeps a large failover from holding up a small one. Engines that claim at
the same moment may exceed it for a short time.
""",
    ),
    cfg.FloatOpt(
        'lease_seconds',
        default=30,
        min=0.1,
        help="""
Seconds after which the work of an engine that gave no sign of life is taken
over by another one.

Leases are renewed three times as often. The clocks of all engines have to
agree to a small part of it; if they do not, work may change hands more often
than needed, but is never recorded twice.
""",
    ),
    cfg.FloatOpt(
        'scan_interval',
        default=5,
        min=0.05,
        help="""
Seconds between two looks for work nobody was told of: lost messages and the
lanes of engines that died.
""",
    ),
    cfg.FloatOpt(
        'poll_interval',
        default=2,
        min=0.01,
        help="""
Most seconds between two looks of a step at what it waits for.

What is done soon is looked at sooner: the pauses grow with the time that was
waited already.
""",
    ),
    cfg.FloatOpt(
        'probe_interval',
        default=30,
        min=0.05,
        help="""
Seconds between two looks at whether each site and each array answers.
""",
    ),
    cfg.FloatOpt(
        'heartbeat_interval',
        default=10,
        min=0.05,
        help="""
Seconds between two signs of life of this service.

A service that gave none for three intervals is shown as down.
""",
    ),
    cfg.FloatOpt(
        'shutdown_timeout',
        default=45,
        min=0,
        help="""
Longest time, in seconds, to wait for running steps when the engine is asked
to stop.

A step that is still inside a call then goes on at another engine when its
lease has run out.

Related options:

* ``[DEFAULT] graceful_shutdown_timeout`` has to be longer.
""",
    ),
    cfg.FloatOpt(
        'rpc_timeout',
        default=60,
        min=1,
        help="""
Longest time, in seconds, that the API waits for an answer of an engine.
""",
    ),
    cfg.StrOpt(
        'test_hooks',
        advanced=True,
        help="""
Directory in which tests of Aegis itself ask an engine to stop at a point.

Leave it unset.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    return [(GROUP, OPTS)]
