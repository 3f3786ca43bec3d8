# SPDX-License-Identifier: Apache-2.0
"""The command line of tools/clouds."""

import argparse
import json
import os
import pathlib
import sys
import time
from collections.abc import Sequence

from sites import (
    accounts,
    assembly,
    console,
    errors,
    isolation,
    mariadb,
    outage,
    plan,
    readiness,
    report,
    virtualenv,
)

DESCRIPTION = """\
Build and run two real OpenStack sites on this machine, each with Keystone,
Glance, Placement, Nova, Neutron and Cinder on a simulated FlashArray. The
arrays replicate to each other. Needs Debian (or a relative), Python 3.11,
git, gcc and pip; root or sudo only if Debian packages are missing.
"""
EPILOG = """\
examples:
  tools/clouds up east west          everything from nothing (minutes), or
                                     from a stopped state (seconds)
  tools/clouds up east west --fresh  as it was right after the first build
  eval "$(tools/clouds env east --user fiona)"; openstack volume list
  tools/clouds isolate east          the disaster; "restore east" ends it
  tools/clouds restart shared rabbitmq
                                     everybody loses the message bus
  tools/clouds stop west nova-api    a crash; "up west" starts it again
  tools/clouds logs west cinder-volume -f

All state lies in ${AEGIS_STATE_DIR:-~/.cache/aegis}: the virtual
environment of the services (named by the hash of
tools/constraints-clouds.txt, so that several clones share it) and, below
clouds/, databases, arrays, configurations, logs and process records.
"""
SITE_NAMES = tuple(site.name for site in plan.SITES)
SHARED = mariadb.GROUP


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    chosen = parser().parse_args(arguments)
    output = console.Console()
    try:
        clouds = assembly.Clouds.open(output)
        code: int = chosen.run(clouds, chosen)
        return code
    except errors.CloudsError as error:
        output.say(f'failed: {error}')
        return 1
    except KeyboardInterrupt:
        output.say(
            'interrupted; what was started still runs: '
            '"tools/clouds down" stops it'
        )
        return 130
    except BrokenPipeError:
        # The reader of our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser; each command sets ``run``."""
    top = argparse.ArgumentParser(
        prog='tools/clouds',
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar='COMMAND')

    up = commands.add_parser(
        'up', help='build or start sites and wait until they are ready'
    )
    up.add_argument(
        'sites',
        nargs='+',
        choices=SITE_NAMES,
        metavar='SITE',
        help=' or '.join(SITE_NAMES),
    )
    up.add_argument(
        '--fresh',
        action='store_true',
        help='go back to the state right after the first build; '
        'stops both sites, as they share a database server',
    )
    up.set_defaults(run=_up)

    status = commands.add_parser(
        'status', help='show every service; exit code 1 unless all run'
    )
    status.set_defaults(run=_status)

    down = commands.add_parser('down', help='stop everything')
    down.add_argument(
        '--purge',
        action='store_true',
        help='remove all state too, but not the virtual environment',
    )
    down.set_defaults(run=_down)

    logs = commands.add_parser('logs', help='show the end of logs')
    logs.add_argument(
        'site',
        choices=(*SITE_NAMES, SHARED),
        metavar='SITE',
        help='a site, or shared for MariaDB and RabbitMQ',
    )
    logs.add_argument(
        'service',
        nargs='?',
        metavar='SERVICE',
        help='a name from "status"; all if left out',
    )
    logs.add_argument(
        '-f',
        '--follow',
        action='store_true',
        help='go on showing what is written',
    )
    logs.add_argument(
        '-n',
        '--lines',
        type=int,
        default=20,
        help='how many lines of each log (20)',
    )
    logs.set_defaults(run=_logs)

    environment = commands.add_parser(
        'env', help='print OS_* variables for a shell'
    )
    environment.add_argument('site', choices=SITE_NAMES, metavar='SITE')
    environment.add_argument('--user', help=f'default: {plan.ADMIN_USER}')
    environment.add_argument('--project', help="default: the user's first")
    environment.set_defaults(run=_env)

    for name, run, text in (
        (
            'isolate',
            _isolate,
            'cut a site off: control plane and array '
            'stop answering, nothing is ended',
        ),
        (
            'restore',
            _restore,
            'end the isolation and wait until the site is ready again',
        ),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument('site', choices=SITE_NAMES, metavar='SITE')
        command.set_defaults(run=run)

    for name, run, text in (
        (
            'stop',
            _stop,
            'end services at once, as a crash does; "up" starts them again',
        ),
        (
            'restart',
            _restart,
            'end services at once, start them again and wait until they '
            'are ready',
        ),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            'site',
            choices=(*SITE_NAMES, SHARED),
            metavar='SITE',
            help='a site, or shared for MariaDB and RabbitMQ',
        )
        command.add_argument(
            'services',
            nargs='+',
            metavar='SERVICE',
            help='names from "status"',
        )
        command.set_defaults(run=run)

    info = commands.add_parser(
        'info', help='print everything a program needs, secrets too'
    )
    info.add_argument(
        '--json', action='store_true', required=True, help='the only format'
    )
    info.set_defaults(run=_info)
    return top


def _up(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    wanted = [site for site in plan.SITES if site.name in chosen.sites]
    began = time.monotonic()
    with clouds.lock():
        clouds.up(wanted, chosen.fresh)
    clouds.output.say(
        f'up: {" and ".join(site.name for site in wanted)} '
        f'in {time.monotonic() - began:.1f} s'
    )
    return 0


def _status(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    lines = report.rows(
        clouds.supervisor, [clouds.at(site) for site in plan.SITES]
    )
    if not lines:
        print('nothing runs; start with: tools/clouds up east west')
        return 1
    print(report.table(lines))
    return 0 if all(line.state == 'running' for line in lines) else 1


def _down(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    with clouds.lock():
        clouds.down(chosen.purge)
    return 0


def _logs(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    directory = (
        clouds.paths.clouds / 'log'
        if chosen.site == 'shared'
        else clouds.paths.logs(chosen.site)
    )
    known = {path.stem: path for path in sorted(directory.glob('*.log'))}
    wanted = [chosen.service] if chosen.service else list(known)
    if not wanted or wanted[0] not in known:
        raise errors.CloudsError(
            f'there is no log of {chosen.service or "anything"} in '
            f'{directory}; there is: {", ".join(known) or "nothing"}'
        )
    paths = [str(known[name]) for name in wanted]
    command = ['tail', '-n', str(chosen.lines)]
    if chosen.follow:
        command.append('-F')
    os.execvp('tail', [*command, *paths])  # noqa: S606, S607


def _env(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    here = clouds.at(plan.find_site(chosen.site))
    print(
        accounts.shell_lines(
            accounts.credentials(here, chosen.user, chosen.project)
        )
    )
    client = virtualenv.locate(clouds.paths).program('openstack')
    if pathlib.Path(client).exists():
        print(f'# the openstack command: {client}')
    return 0


def _isolate(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    here = clouds.at(plan.find_site(chosen.site))
    with clouds.lock():
        _require_running(clouds, chosen.site)
        with clouds.output.step(f'isolate {chosen.site}'):
            isolation.isolate(here, clouds.supervisor)
    return 0


def _restore(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    here = clouds.at(plan.find_site(chosen.site))
    with clouds.lock():
        _require_running(clouds, chosen.site)
        with clouds.output.step(f'restore {chosen.site}'):
            restored = time.time()
            isolation.restore(here, clouds.supervisor)
            clouds.waiter.until(
                f'{chosen.site} to be ready',
                lambda: readiness.is_ready(here, clouds.supervisor, restored),
                240,
                interval=1.0,
            )
    return 0


def _stop(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    with clouds.lock():
        _end_services(clouds, chosen)
    return 0


def _restart(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    with clouds.lock():
        _end_services(clouds, chosen)
        if chosen.site == SHARED:
            clouds.start_shared()
        else:
            clouds.start_site(clouds.at(plan.find_site(chosen.site)))
    return 0


def _end_services(clouds: assembly.Clouds, chosen: argparse.Namespace) -> None:
    with clouds.output.step(
        f'{chosen.site}: end {", ".join(chosen.services)}'
    ):
        outage.stop(clouds.supervisor, chosen.site, chosen.services)


def _info(clouds: assembly.Clouds, chosen: argparse.Namespace) -> int:
    print(
        json.dumps(
            report.facts([clouds.at(site) for site in plan.SITES]), indent=2
        )
    )
    return 0


def _require_running(clouds: assembly.Clouds, site: str) -> None:
    if not any(
        clouds.supervisor.is_running(site, record.name)
        for record in clouds.supervisor.all(site)
    ):
        raise errors.CloudsError(
            f'{site} does not run; start it with: tools/clouds up {site}'
        )
