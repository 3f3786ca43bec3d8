# SPDX-License-Identifier: Apache-2.0
"""Neutron of a site: everything real but the agents."""

from sites import commands, context, processes, rendering, settings


def files(here: context.Context) -> tuple[rendering.File, ...]:
    """Return the configuration, ML2's and the paste file."""
    home = here.configuration('neutron')
    site = here.site
    main = rendering.render(
        [
            rendering.section(
                'DEFAULT',
                transport_url=here.broker.url(site),
                core_plugin='ml2',
                service_plugins='router,qos',
                state_path=here.data('neutron'),
                host=f'network-{site.name}',
                api_paste_config=home / 'api-paste.ini',
                notify_nova_on_port_status_changes=True,
                notify_nova_on_port_data_changes=True,
                dhcp_agent_notification=False,
                api_workers=1,
                rpc_workers=1,
                rpc_state_report_workers=0,
            ),
            settings.database(here, 'neutron'),
            settings.token_validation(here, 'neutron'),
            settings.credentials(
                here, 'nova', 'neutron', region_name=site.region
            ),
            settings.locking(here, 'neutron'),
            *settings.messaging(),
        ]
    )
    layer_2 = rendering.render(
        [
            rendering.section(
                'ml2',
                type_drivers='flat,vxlan',
                tenant_network_types='vxlan',
                mechanism_drivers='aegis_no_data_plane',
                extension_drivers='port_security,qos',
            ),
            rendering.section('ml2_type_flat', flat_networks='outside'),
            rendering.section('ml2_type_vxlan', vni_ranges='1001:2000'),
        ]
    )
    return (
        rendering.File(home / 'neutron.conf', main),
        rendering.File(home / 'ml2.ini', layer_2),
        here.shipped('neutron/api-paste.ini'),
    )


def programs(here: context.Context) -> tuple[processes.Program, ...]:
    """Return the API and the RPC server."""
    home = here.configuration('neutron')
    return (
        here.api(
            'neutron',
            'neutron.wsgi.api',
            files=files(here),
            environment=(
                ('OS_NEUTRON_CONFIG_DIR', str(home)),
                ('OS_NEUTRON_CONFIG_FILES', 'neutron.conf;ml2.ini'),
            ),
        ),
        here.daemon(
            'neutron-rpc-server', *_arguments(here), files=files(here)
        ),
    )


def synchronise(here: context.Context) -> None:
    """Make or upgrade the tables."""
    commands.run(
        [
            here.environment.program('neutron-db-manage'),
            *_arguments(here),
            'upgrade',
            'heads',
        ],
        what=f'neutron-db-manage upgrade ({here.site.name})',
        environment=commands.clean_environment(here.paths.home),
    )


def _arguments(here: context.Context) -> tuple[str, ...]:
    home = here.configuration('neutron')
    return (
        '--config-file',
        str(home / 'neutron.conf'),
        '--config-file',
        str(home / 'ml2.ini'),
    )
