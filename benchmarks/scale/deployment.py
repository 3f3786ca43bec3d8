# SPDX-License-Identifier: Apache-2.0
"""Aegis at the recovery site: a database, real engines, protected groups."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oslo_config import cfg
from oslo_utils import uuidutils

from aegis import conf as aegis_conf
from aegis import models
from aegis.catalog import capture, placement
from aegis.catalog import manifest as catalog
from aegis.common import clock
from aegis.common import context as aegis_context
from aegis.db import checkpoints, groups, members, migration, session
from aegis.db import services as db_services
from aegis.engine import services
from aegis.storage import opts
from benchmarks import configuration, databases, processes
from benchmarks.scale import estate

_LIMIT = 16


@dataclass(frozen=True)
class Deployment:
    """Where everything is; ``conf`` is that of an engine."""

    conf: cfg.ConfigOpts
    directory: Path
    database: databases.Database
    sections: configuration.Sections


@contextlib.contextmanager
def deployment(
    world: estate.Estate, kind: str, directory: Path
) -> Iterator[Deployment]:
    """Bring up a database for Aegis, its tables included."""
    with databases.database(kind, directory) as database:
        sections: configuration.Sections = {
            'DEFAULT': {
                'local_site': estate.RECOVERY,
                'sites': [estate.PROTECTED, estate.RECOVERY],
                'transport_url': 'fake://',
            },
            'database': {'connection': database.url},
            'engine': {},
            **world.sections(),
        }
        path = configuration.write(directory / 'aegis.conf', sections)
        conf = cfg.ConfigOpts()
        log = directory / 'aegis.log'
        arguments = ['--config-file', str(path), '--log-file', str(log)]
        aegis_conf.setup(arguments, conf, default_config_files=[])
        session.configure(conf)
        try:
            migration.sync()
            yield Deployment(conf, directory, database, sections)
        finally:
            session.dispose()


@contextlib.contextmanager
def engines(
    deployed: Deployment, count: int
) -> Iterator[list[processes.Running]]:
    """Run engines that share the lanes of an operation among them.

    They have begun to look for work and have logged in to the arrays, so that
    what their start costs is not part of what is measured.
    """
    wanted = {_name(count, number) for number in range(1, count + 1)}
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(_engine(deployed, count, number))
            for number in range(1, count + 1)
        ]

        def are_there() -> bool:
            for engine in started:
                engine.require()
            found = db_services.list_services(
                aegis_context.admin_context(),
                deployed.conf.engine.heartbeat_interval,
            )
            return wanted <= {each.host for each in found} and all(
                _knows_arrays(deployed, name) for name in wanted
            )

        processes.until(are_there, 'the engines')
        yield started


def _knows_arrays(deployed: Deployment, name: str) -> bool:
    said = _log(deployed, name).read_text()
    labels = opts.array_labels(deployed.conf)
    return all(f'Array {label} answers' in said for label in labels)


def _log(deployed: Deployment, name: str) -> Path:
    return deployed.directory / f'{name}.log'


def _name(count: int, number: int) -> str:
    return f'engine-{number}-of-{count}'


def _engine(
    deployed: Deployment, count: int, number: int
) -> contextlib.AbstractContextManager[processes.Running]:
    name = _name(count, number)
    sections: dict[str, dict[str, Any]] = {
        key: dict(value) for key, value in deployed.sections.items()
    }
    sections['DEFAULT']['host'] = name
    sections['DEFAULT']['log_file'] = str(_log(deployed, name))
    sections['engine']['max_concurrent_lanes_per_operation'] = _LIMIT
    if count > 1:
        # Else the first one takes all that one operation may have.
        sections['engine']['max_concurrent_lanes'] = -(-_LIMIT // count)
    path = configuration.write(deployed.directory / f'{name}.conf', sections)
    program = Path(sys.executable).parent / 'aegis-engine'
    return processes.running(
        [str(program), '--config-file', str(path)],
        deployed.directory / f'{name}.out',
    )


def lanes_at_once() -> int:
    """How many members of a group are worked on at the same time."""
    return _LIMIT


def context(project: str) -> aegis_context.RequestContext:
    return aegis_context.RequestContext(
        is_admin=True, project_id=project, user_id='9' * 32, overwrite=False
    )


def protect(
    deployed: Deployment, load: estate.Load, servers: Sequence[str]
) -> models.FailoverGroup:
    """Make a group of servers, all captured at once."""
    built = services.build(deployed.conf)
    cloud = built.clouds.cloud(estate.PROTECTED, load.project)
    found = capture.capture(
        cloud, [(uuidutils.generate_uuid(), server) for server in servers]
    )
    built.storage.close()
    admin = context(load.project)
    group = groups.create_group(
        admin,
        name=load.group,
        protected_site=estate.PROTECTED,
        recovery_site=estate.RECOVERY,
        protected_project_id=load.project,
    )
    for member in found.members:
        members.add_member(
            admin,
            group.id,
            models.Member(
                id=member.member_id,
                group_id=group.id,
                kind=models.MemberKind.SERVER,
                name=member.server.name,
                wave=1,
                created_at=clock.now(),
            ),
            placement.of(member, estate.PROTECTED),
        )
    checkpoints.save_checkpoint(
        admin, group.id, estate.PROTECTED, catalog.to_resources(found)
    )
    return groups.update_group(
        admin,
        group.id,
        {
            'replication_array': 'fa-east',
            'replication_group': load.group,
        },
    )
