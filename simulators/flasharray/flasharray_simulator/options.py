# SPDX-License-Identifier: Apache-2.0
"""Command line options that several commands share."""

import argparse

from flasharray_simulator import profiles, switches
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


def add_profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--profile',
        default=profiles.DEFAULT,
        choices=list(profiles.PROFILES),
        help='newest REST version, which stands for a Purity release',
    )


def add_switch(parser: argparse.ArgumentParser) -> None:
    known = ', '.join(switch.name for switch in switches.ALL)
    parser.add_argument(
        '--switch',
        action='append',
        default=[],
        metavar='NAME=VALUE',
        help=f'how to behave where nothing is published; {known}',
    )
