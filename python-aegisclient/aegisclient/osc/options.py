# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

import argparse
from typing import Any, Protocol


class Parser(Protocol):
    """A parser or an argument group."""

    def add_argument(self, *names: str, **options: Any) -> Any: ...


def positive_integer(text: str) -> int:
    """A whole number above 0.

    :raises argparse.ArgumentTypeError: if it is not.
    """
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f'"{text}" is not a whole number above 0'
        )
    return int(text)


def positive_seconds(text: str) -> float:
    """A number of seconds above 0.

    :raises argparse.ArgumentTypeError: if it is not.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float('inf'):
        raise argparse.ArgumentTypeError(
            f'"{text}" is not a number of seconds above 0'
        )
    return seconds


def add_paging(parser: Parser, sort: str) -> None:
    """Add the options that choose a part of a list and its order."""
    parser.add_argument(
        '--limit',
        metavar='<number>',
        type=positive_integer,
        help='Show at most so many (default: all)',
    )
    parser.add_argument(
        '--marker',
        metavar='<id>',
        help='Start behind this one, the last of an earlier list',
    )
    parser.add_argument(
        '--sort',
        metavar='<key>[:<direction>]',
        default=sort,
        help=(
            'Sort by these keys, comma-separated, direction asc or desc '
            f'(default: {sort})'
        ),
    )
    parser.add_argument(
        '--all-projects',
        action='store_true',
        help='Look into all projects (administrators only)',
    )


def paging(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """The arguments of the proxy's list methods for those options."""
    given = {
        'max_items': parsed_args.limit,
        'marker': parsed_args.marker,
        'sort': parsed_args.sort,
        'all_projects': 'true' if parsed_args.all_projects else None,
    }
    return present(given)


def present(values: dict[str, Any]) -> dict[str, Any]:
    """Only the values that were given."""
    return {key: value for key, value in values.items() if value is not None}


def add_wait(parser: Parser) -> None:
    """Add ``--wait`` and how often to look."""
    parser.add_argument(
        '--wait',
        action='store_true',
        help=(
            'Wait until the operation has ended, with its progress on '
            'standard error; exit with 0 if it succeeded, 2 if only partly, '
            '1 otherwise'
        ),
    )
    add_interval(parser)


def add_interval(parser: Parser) -> None:
    """Add how often to look at an operation."""
    parser.add_argument(
        '--interval',
        metavar='<seconds>',
        type=positive_seconds,
        default=2.0,
        help='Seconds between two looks at the operation (default: 2)',
    )
