# SPDX-License-Identifier: Apache-2.0
"""Command line options that several commands share."""

import argparse

from flasharray_simulator.domain import network


def add_protocols(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--protocols',
        type=network.parse_protocols,
        default=network.DEFAULT_PROTOCOLS,
        metavar='PROTOCOL[,...]',
        help='what the ports speak, of'
        f' {", ".join(network.PROTOCOLS)}; default:'
        f' {",".join(network.DEFAULT_PROTOCOLS)}',
    )
