# SPDX-License-Identifier: Apache-2.0
"""Make the tables of a site: synchronised once, then copied.

The services' own tools fill the first site's databases; the dumps are
kept with the versions' digest in their names and fill every later one.
"""

import concurrent.futures
import pathlib
from collections.abc import Callable
from dataclasses import dataclass

from sites import (
    cinder,
    console,
    context,
    glance,
    keystone,
    neutron,
    nova,
    placement,
    virtualenv,
)


@dataclass(frozen=True)
class Schema:
    """The tables of one service and the databases that hold them."""

    name: str
    synchronise: Callable[[context.Context], None]
    databases: tuple[str, ...]


# The slowest first: there are fewer cores than schemas.
SCHEMAS = (
    Schema('neutron', neutron.synchronise, ('neutron',)),
    Schema('nova', nova.synchronise, ('nova', 'nova_cell0')),
    Schema('cinder', cinder.synchronise, ('cinder',)),
    Schema('nova_api', nova.synchronise_api, ('nova_api',)),
    Schema('keystone', keystone.synchronise, ('keystone',)),
    Schema('glance', glance.synchronise, ('glance',)),
    Schema('placement', placement.synchronise, ('placement',)),
)


def ensure(
    sites: list[context.Context], output: console.Console, workers: int = 4
) -> None:
    """Make all tables of sites whose databases are empty."""
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        waiting = [
            pool.submit(_ensure, schema, sites, output) for schema in SCHEMAS
        ]
        for future in waiting:
            future.result()


def _ensure(
    schema: Schema, sites: list[context.Context], output: console.Console
) -> None:
    first, *others = sites
    dump = _dump_path(first, schema)
    if dump.exists():
        _load(schema, dump, sites)
        return
    with output.step(f'tables of {schema.name}'):
        schema.synchronise(first)
        database, *copies = schema.databases
        first.database.dump(f'{first.site.name}_{database}', dump)
        first.database.load(
            dump, [f'{first.site.name}_{copy}' for copy in copies]
        )
        _load(schema, dump, others)


def _load(
    schema: Schema, dump: pathlib.Path, sites: list[context.Context]
) -> None:
    for here in sites:
        here.database.load(
            dump,
            [f'{here.site.name}_{database}' for database in schema.databases],
        )


def _dump_path(here: context.Context, schema: Schema) -> pathlib.Path:
    digest = virtualenv.constraints_digest()
    return here.paths.schemas / f'{schema.name}-{digest}.sql'
