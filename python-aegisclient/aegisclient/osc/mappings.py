# SPDX-License-Identifier: Apache-2.0
"""Mappings on the command line: ``TYPE:SOURCE=TARGET``."""

import argparse
from collections.abc import Iterable

from aegisclient.osc import options

RESOURCE_TYPES = (
    'network',
    'subnet',
    'flavor',
    'volume_type',
    'availability_zone',
    'keypair',
    'floating_ip_pool',
)

Mapping = dict[str, str]


def parse(text: str) -> Mapping:
    """A mapping from its text.

    :raises argparse.ArgumentTypeError: if the text is not such.
    """
    resource_type, colon, pair = text.partition(':')
    source, equals, target = pair.partition('=')
    resource_type = resource_type.strip().replace('-', '_')
    if not (colon and equals and source and target):
        raise argparse.ArgumentTypeError(
            f'"{text}" is not TYPE:SOURCE=TARGET, for instance '
            f'network:frontend=frontend-dr'
        )
    if resource_type not in RESOURCE_TYPES:
        raise argparse.ArgumentTypeError(
            f'"{resource_type}" cannot be mapped; TYPE is one of '
            f'{", ".join(RESOURCE_TYPES)}'
        )
    if '=' in target:
        raise argparse.ArgumentTypeError(
            f'"{text}" has more than one "="; give ids instead of names'
        )
    return {
        'resource_type': resource_type,
        'source': source,
        'target': target,
    }


def merge(
    present: Iterable[Mapping], given: Iterable[Mapping]
) -> list[Mapping]:
    """The present mappings with the given ones added or put in their place.

    There is one mapping per resource type and source.
    """
    merged = {
        (mapping['resource_type'], mapping['source']): mapping
        for mapping in (*present, *given)
    }
    return list(merged.values())


def add_option(parser: options.Parser) -> None:
    """Add ``--mapping`` to a parser."""
    parser.add_argument(
        '--mapping',
        metavar='TYPE:SOURCE=TARGET',
        type=parse,
        action='append',
        dest='mappings',
        default=[],
        help=(
            'What stands for a resource of the protected site at the '
            'recovery site, by name or id. TYPE is one of '
            f'{", ".join(RESOURCE_TYPES)} (repeat for more)'
        ),
    )
