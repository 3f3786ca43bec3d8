# SPDX-License-Identifier: Apache-2.0
"""The simulated arrays, one for each site, replicating to each other."""

import socket

from sites import commands, context, layout, plan, processes, virtualenv

NAME = 'array'
_SET_POWER = (
    'import sys; from flasharray_simulator.door import Door; '
    'Door(sys.argv[1]).set_power(sys.argv[2] == "on")'
)


def token(here: context.Context, site: plan.Site) -> str:
    """Return the API token of a site's array."""
    return here.passwords.token(f'array {site.name}')


def program(here: context.Context) -> processes.Program:
    """Return how to run the array of a site."""
    array = here.site.array
    peer = plan.peer_of(here.site).array
    return processes.Program(
        here.site.name,
        NAME,
        (
            here.environment.program('flasharray-simulator'),
            'array',
            '--name',
            array.name,
            '--address',
            array.address,
            '--port',
            str(array.port),
            '--door-port',
            str(array.door_port),
            '--replication-port',
            str(array.replication_port),
            '--data-dir',
            str(here.paths.array(here.site.name)),
            '--api-token',
            token(here, here.site),
            '--connect',
            f'{peer.name}={peer.replication}',
        ),
        (),
        here.log(NAME),
        version=virtualenv.source_digest(layout.SIMULATOR),
        address=array.management,
    )


def is_ready(here: context.Context) -> bool:
    """Tell whether the array's management and side door take calls."""
    array = here.site.array
    return (
        here.paths.array_certificate(here.site.name).exists()
        and accepts(array.address, array.port)
        and accepts(array.address, array.door_port)
    )


def write_certificates(paths: layout.Layout) -> None:
    """Put the certificates of all arrays into one file of trusted ones."""
    paths.array_certificates.write_text(
        ''.join(
            paths.array_certificate(site.name).read_text()
            for site in plan.SITES
        )
    )


def set_power(here: context.Context, on: bool) -> None:
    """Switch the array off (it refuses everything) or on again."""
    commands.run(
        [
            here.environment.program('python'),
            '-c',
            _SET_POWER,
            here.site.array.door,
            'on' if on else 'off',
        ],
        what=f'switch {here.site.array.name} {"on" if on else "off"}',
        environment=commands.clean_environment(here.paths.home),
    )


def accepts(address: str, port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        with socket.create_connection((address, port), 1):
            return True
    except OSError:
        return False
