# SPDX-License-Identifier: Apache-2.0
"""Options of failover operations."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    'failover',
    title='Failover',
    help='How long the steps of a failover may take and what they check.',
)

OPTS = [
    cfg.IntOpt(
        'recovery_timeout',
        default=1800,
        min=1,
        help="""
Longest time, in seconds, that a step of a failover may take.

It bounds every step that has no limit of its own, so that a cloud that
stops in the middle becomes an error a person can read.
""",
    ),
    cfg.IntOpt(
        'manage_timeout',
        default=600,
        min=1,
        help="""
Longest time, in seconds, for Cinder to take a member's volumes over.
""",
    ),
    cfg.IntOpt(
        'server_timeout',
        default=900,
        min=1,
        help="""
Longest time, in seconds, for Nova to bring a server to ACTIVE.

Raise it for sites that start many servers at once: what a server waits in
Nova's own queue counts.
""",
    ),
    cfg.IntOpt(
        'removal_timeout',
        default=300,
        min=1,
        help="""
Longest time, in seconds, to wait for an object to go while a step is undone.

What is still there afterwards is listed as a leftover of the operation.
""",
    ),
    cfg.IntOpt(
        'fence_timeout',
        default=180,
        min=1,
        help="""
Longest time, in seconds, to wait for the servers of the protected site to stop.

A failover goes on afterwards all the same: its report names the servers that
may still run. Nova gives a guest 60 seconds to shut down unless told otherwise.
""",
    ),
    cfg.IntOpt(
        'validation_retries',
        default=5,
        min=1,
        help="""
How often a recovered member is looked at before it counts as failed.
""",
    ),
    cfg.IntOpt(
        'recovery_point_search',
        default=50,
        min=1,
        help="""
How many of the newest recovery points are searched for a chosen one.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    return [(GROUP, OPTS)]
