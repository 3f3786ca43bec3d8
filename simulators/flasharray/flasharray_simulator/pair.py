# SPDX-License-Identifier: Apache-2.0
"""Two connected arrays as two processes."""

import argparse
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from flasharray_simulator import options as shared_options
from flasharray_simulator import switches
from flasharray_simulator.certificates import CERTIFICATE
from flasharray_simulator.door import Door
from flasharray_simulator.simulator import token_of

_POLL = 0.5


@dataclass(frozen=True)
class Side:
    name: str
    address: str
    directory: Path
    token: str


def add_parser(
    commands: 'argparse._SubParsersAction[argparse.ArgumentParser]',
    description: str,
) -> None:
    parser = commands.add_parser(
        'pair', help='run two connected arrays', description=description
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add('--data-dir', required=True, type=Path, metavar='DIR')
    add('--names', nargs=2, default=['fa-east', 'fa-west'], metavar='NAME')
    add(
        '--addresses',
        nargs=2,
        default=['127.0.61.10', '127.0.61.20'],
        metavar='ADDRESS',
        help='two different addresses; the ports are the same on both',
    )
    add('--port', type=int, default=8443)
    add('--door-port', type=int, default=9443)
    add('--replication-port', type=int, default=7443)
    shared_options.add_profile(parser)
    shared_options.add_switch(parser)
    shared_options.add_protocols(parser)


def run(options: argparse.Namespace) -> int:
    """Run both arrays until told to end; 1 if one of them ends itself."""
    if len(set(options.names)) < 2 or len(set(options.addresses)) < 2:
        raise ValueError('two arrays need two names and two addresses')
    switches.parse(options.switch)
    sides = [
        Side(
            name,
            address,
            options.data_dir / name,
            token_of(options.data_dir / name, None),
        )
        for name, address in zip(options.names, options.addresses, strict=True)
    ]
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    # What one array says when it is ready is said here, with its token.
    processes = [
        subprocess.Popen(
            _command(options, side, other), stdout=subprocess.DEVNULL
        )
        for side, other in (sides, sides[::-1])
    ]
    try:
        for side, other in (sides, sides[::-1]):
            door = f'http://{side.address}:{options.door_port}'
            Door(door).wait_ready(peers=(other.name,))
            _announce(options, side, door)
        while not ended.wait(_POLL):
            if any(process.poll() is not None for process in processes):
                return 1
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _announce(options: argparse.Namespace, side: Side, door: str) -> None:
    print(
        f'{side.name}\n'
        f'  REST API    https://{side.address}:{options.port}\n'
        f'  API token   {side.token}\n'
        f'  certificate {side.directory / CERTIFICATE}\n'
        f'  side door   {door}',
        flush=True,
    )


def _command(
    options: argparse.Namespace, side: Side, other: Side
) -> list[str]:
    return [
        sys.executable,
        '-m',
        'flasharray_simulator.cli',
        'array',
        *('--name', side.name),
        *('--address', side.address),
        *('--port', str(options.port)),
        *('--door-port', str(options.door_port)),
        *('--replication-port', str(options.replication_port)),
        *('--data-dir', str(side.directory)),
        *('--profile', options.profile),
        *(f'--switch={text}' for text in options.switch),
        *('--protocols', ','.join(options.protocols)),
        *('--mediator', str(options.data_dir / 'mediator')),
        '--connect',
        f'{other.name}={other.address}:{options.replication_port}',
    ]
