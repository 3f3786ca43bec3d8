# SPDX-License-Identifier: Apache-2.0
"""Options of the HTTP API."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    'api',
    title='HTTP API',
    help='How the HTTP API answers.',
)

OPTS = [
    cfg.IntOpt(
        'max_limit',
        default=1000,
        min=1,
        help="""
Largest number of items in one page of a list, and the size of a page when
the client asks for none.
""",
    ),
    cfg.StrOpt(
        'public_endpoint',
        help="""
URL under which clients reach the API, used in links.

By default links repeat the host and scheme of the request, which is right
behind a proxy that sets the ``Forwarded`` or ``X-Forwarded-*`` headers when
``[oslo_middleware] enable_proxy_headers_parsing`` is on.

Possible values:

* A URL, for example ``https://dr.example.org``
""",
    ),
    cfg.StrOpt(
        'response_validation',
        default='warn',
        choices=[
            ('error', 'answer 500 when a response breaks its own schema'),
            ('warn', 'log a warning and send the response'),
            ('ignore', 'do not check responses'),
        ],
        help="""
What to do when a response does not match the schema it is published with.

A mismatch is a bug of Aegis, never of the client.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    return [(GROUP, OPTS)]
