# SPDX-License-Identifier: Apache-2.0
"""The command line: one array, or a connected pair of them."""

import argparse
import logging
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from flasharray_simulator import memory, pair, profiles, switches
from flasharray_simulator import options as shared_options
from flasharray_simulator.array import Setup
from flasharray_simulator.domain import access
from flasharray_simulator.model import SwitchSetting
from flasharray_simulator.sessions import User
from flasharray_simulator.simulator import Simulator, token_of, with_user

_DESCRIPTION = """
A simulated FlashArray: the Purity REST 2 API over TLS, volumes that hold
data, and asynchronous replication between arrays.
"""
_ARRAY = """
Runs one array in the foreground until SIGTERM or Ctrl-C. Its whole state
is in DIR and survives even a kill. DIR/certificate.pem is its self-signed
certificate (usable as CA file), DIR/api-token the API token if none was
given.
"""
_PAIR = """
Runs two arrays, connected to each other, as two processes, and prints
their addresses and tokens. Ends both on SIGTERM or Ctrl-C.
"""


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0, or 1 with a message on bad input."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=options.log_level.upper(),
        format='%(asctime)s %(levelname)s %(name)s: %(message)s',
    )
    try:
        return int(options.run(options))
    except (OSError, ValueError) as error:
        print(f'flasharray-simulator: {error}', file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='flasharray-simulator', description=_DESCRIPTION
    )
    parser.add_argument(
        '--log-level',
        default='warning',
        choices=['debug', 'info', 'warning', 'error'],
    )
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    _add_array(commands)
    pair.add_parser(commands, _PAIR)
    return parser


def _add_array(
    commands: 'argparse._SubParsersAction[argparse.ArgumentParser]',
) -> None:
    parser = commands.add_parser(
        'array', help='run one array', description=_ARRAY
    )
    parser.set_defaults(run=run_array)
    add = parser.add_argument
    add('--name', required=True, help='name of the array')
    add('--address', default='127.0.0.1', help='address of all its ports')
    add('--port', type=int, default=8443, help='REST API (HTTPS)')
    add(
        '--door-port',
        type=int,
        default=9443,
        help='side door for tests (plain HTTP, no authentication)',
    )
    add(
        '--replication-port',
        type=int,
        default=7443,
        help='private channel between simulators',
    )
    add('--data-dir', required=True, type=Path, metavar='DIR')
    add('--api-token', help='default: the one in DIR, made at first start')
    add('--api-user', default='pureuser')
    add('--readonly-token', help='token of a user who may only read')
    add(
        '--user',
        action='append',
        default=[],
        metavar='NAME:ROLE:TOKEN',
        help='another user; may be repeated',
    )
    shared_options.add_profile(parser)
    add('--capacity', type=int, metavar='BYTES')
    shared_options.add_protocols(parser)
    add(
        '--connect',
        action='append',
        default=[],
        metavar='NAME=ADDRESS:REPLICATION_PORT',
        help='array to replicate to; may be repeated',
    )
    add(
        '--mediator',
        type=Path,
        metavar='DIR',
        help='directory that stands for the mediator of stretched pods;'
        ' arrays that stretch pods share it (default: one of the user)',
    )
    shared_options.add_switch(parser)


def run_array(options: argparse.Namespace) -> int:
    token = token_of(options.data_dir, options.api_token)
    setup = Setup(
        name=options.name,
        address=options.address,
        port=options.port,
        replication_port=options.replication_port,
        capacity=options.capacity,
        profile=profiles.PROFILES[options.profile],
        protocols=options.protocols,
        mediator=options.mediator,
        switches=tuple(
            SwitchSetting(name, value)
            for name, value in switches.parse(options.switch).items()
        ),
    )
    setup = with_user(setup, options.api_user, token, options.readonly_token)
    others = tuple(_user(text) for text in options.user)
    with memory.loading():
        simulator = Simulator(
            replace(setup, users=(*setup.users, *others)),
            options.data_dir,
            options.door_port,
            dict(_connection(text) for text in options.connect),
        )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    simulator.start()
    print(
        f'{setup.name} ready: https://{setup.address}:{setup.port}'
        f' door http://{setup.address}:{options.door_port}',
        flush=True,
    )
    while not ended.wait(memory.SETTLE_EVERY):
        memory.settle()
    simulator.stop()
    return 0


def _user(text: str) -> User:
    name, _, rest = text.partition(':')
    role, _, token = rest.partition(':')
    if not (name and token) or role not in access.ROLES:
        raise ValueError(
            '--user: expected NAME:ROLE:TOKEN with a role of'
            f' {", ".join(access.ROLES)}'
        )
    return User(name, token, role)


def _connection(text: str) -> tuple[str, str]:
    name, separator, address = text.partition('=')
    host, colon, port = address.rpartition(':')
    if not (name and separator and host and colon and port.isdecimal()):
        raise ValueError(
            f'--connect {text}: expected NAME=ADDRESS:REPLICATION_PORT'
        )
    return name, address


if __name__ == '__main__':
    sys.exit(main())
