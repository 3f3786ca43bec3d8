# SPDX-License-Identifier: Apache-2.0
"""Options of the API and engine in one process."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    'standalone',
    title='Standalone',
    help='How aegis-standalone serves the API.',
)

OPTS = [
    cfg.HostAddressOpt(
        'listen_address',
        default='127.0.0.1',
        help="""
Address on which the API answers.

It speaks plain HTTP; put a proxy that speaks TLS in front of it.
""",
    ),
    cfg.PortOpt(
        'listen_port',
        default=9811,
        help="""
Port on which the API answers.
""",
    ),
    cfg.IntOpt(
        'threads',
        default=8,
        min=1,
        help="""
Number of requests that are answered at the same time.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    return [(GROUP, OPTS)]
