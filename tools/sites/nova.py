# SPDX-License-Identifier: Apache-2.0
"""Nova of a site: everything real but the hypervisor."""

from sites import commands, context, processes, rendering, settings


def files(here: context.Context) -> tuple[rendering.File, ...]:
    """Return the configurations and the paste file."""
    home = here.configuration('nova')
    shared = _sections(here)
    databases = [
        settings.database(here, 'nova_api', section='api_database'),
        settings.database(here, 'nova'),
    ]
    return (
        rendering.File(
            home / 'nova.conf', rendering.render([*shared, *databases])
        ),
        # A compute host that knows a database is refused by Nova's own
        # guard and logs errors for it.
        rendering.File(home / 'nova-compute.conf', rendering.render(shared)),
        here.shipped('nova/api-paste.ini'),
    )


def _sections(here: context.Context) -> list[rendering.Section]:
    site = here.site
    data = here.data('nova')
    region = site.region
    return [
        rendering.section(
            'DEFAULT',
            transport_url=here.broker.url(site),
            host=site.compute_host,
            my_ip=site.address,
            state_path=data,
            # The plain fake driver refuses its second start.
            compute_driver='fake.FakeDriverWithoutFakeNodes',
            default_availability_zone=site.availability_zone,
            vif_plugging_is_fatal=False,
            vif_plugging_timeout=0,
            instances_path=data / 'instances',
        ),
        rendering.section(
            'wsgi',
            api_paste_config=here.configuration('nova') / 'api-paste.ini',
        ),
        settings.token_validation(here, 'nova'),
        settings.service_token(here, 'nova'),
        settings.credentials(here, 'placement', 'nova', region_name=region),
        settings.credentials(here, 'neutron', 'nova', region_name=region),
        settings.credentials(
            here,
            'cinder',
            'nova',
            os_region_name=region,
            catalog_info='block-storage::publicURL',
        ),
        rendering.section('glance', region_name=region),
        settings.locking(here, 'nova'),
        rendering.section('conductor', workers=1),
        rendering.section('scheduler', workers=1),
        rendering.section('vnc', enabled=False),
        *settings.messaging(),
    ]


def programs(here: context.Context) -> tuple[processes.Program, ...]:
    """Return API, conductor, scheduler and compute, in start order."""
    home = here.configuration('nova')
    arguments = ('--config-file', str(home / 'nova.conf'))
    return (
        here.daemon('nova-conductor', *arguments, files=files(here)),
        here.daemon('nova-scheduler', *arguments, files=files(here)),
        here.api(
            'nova',
            'nova.wsgi.osapi_compute',
            files=files(here),
            environment=(('OS_NOVA_CONFIG_DIR', str(home)),),
        ),
        here.daemon(
            'nova-compute',
            '--config-file',
            str(home / 'nova-compute.conf'),
            files=files(here),
        ),
    )


def synchronise_api(here: context.Context) -> None:
    """Make or upgrade the tables above the cells."""
    _manage(here, 'api_db', 'sync')


def synchronise(here: context.Context) -> None:
    """Make or upgrade the tables of one cell."""
    _manage(here, 'db', 'sync', '--local_cell')


def map_cells(here: context.Context) -> None:
    """Name the two cells: the graveyard and the one in use."""
    _manage(
        here,
        'cell_v2',
        'map_cell0',
        '--database_connection',
        here.database.url(here.site, 'nova_cell0'),
    )
    _manage(
        here,
        'cell_v2',
        'create_cell',
        '--name',
        f'cell-{here.site.name}',
        '--database_connection',
        here.database.url(here.site, 'nova'),
        '--transport-url',
        here.broker.url(here.site),
    )


def discover_hosts(here: context.Context) -> None:
    """Map the compute host into its cell."""
    _manage(here, 'cell_v2', 'discover_hosts')


def has_compute_node(here: context.Context) -> bool:
    """Tell whether the compute service has made itself known."""
    return bool(
        here.database.execute(
            'SELECT 1 FROM compute_nodes WHERE deleted = 0 AND host = '
            f"'{here.site.compute_host}'",
            f'{here.site.name}_nova',
        ).strip()
    )


def _manage(here: context.Context, *arguments: str) -> None:
    path = here.configuration('nova') / 'nova.conf'
    commands.run(
        [
            here.environment.program('nova-manage'),
            '--config-file',
            str(path),
            *arguments,
        ],
        what=f'nova-manage {" ".join(arguments[:2])} ({here.site.name})',
        environment=commands.clean_environment(here.paths.home),
    )
