# SPDX-License-Identifier: Apache-2.0
"""Cinder of a site, with its own Pure driver on the site's array."""

from sites import (
    arrays,
    commands,
    context,
    plan,
    processes,
    rendering,
    settings,
)

REPLICATION_INTERVAL = 300


def files(here: context.Context) -> tuple[rendering.File, ...]:
    """Return the configuration and the paste file."""
    home = here.configuration('cinder')
    site = here.site
    data = here.data('cinder')
    text = rendering.render(
        [
            rendering.section(
                'DEFAULT',
                transport_url=here.broker.url(site),
                auth_strategy='keystone',
                host=site.volume_host,
                my_ip=site.address,
                state_path=data,
                api_paste_config=home / 'api-paste.ini',
                resource_query_filters_file=home / 'resource_filters.json',
                storage_availability_zone=site.availability_zone,
                default_volume_type=_default_type(),
                enabled_backends=','.join(
                    backend.section for backend in plan.BACKENDS
                ),
                glance_api_servers=site.url('glance'),
            ),
            *(_backend(here, backend) for backend in plan.BACKENDS),
            settings.database(here, 'cinder'),
            settings.token_validation(here, 'cinder'),
            settings.service_token(here, 'cinder'),
            settings.credentials(
                here, 'nova', 'cinder', region_name=site.region
            ),
            rendering.section(
                'coordination', backend_url=f'file://{data / "coordination"}'
            ),
            settings.locking(here, 'cinder'),
            *settings.messaging(),
        ]
    )
    return (
        rendering.File(home / 'cinder.conf', text),
        here.shipped('cinder/api-paste.ini'),
        here.shipped('cinder/resource_filters.json'),
    )


def programs(here: context.Context) -> tuple[processes.Program, ...]:
    """Return volume (the slowest to be up), scheduler and API."""
    arguments = (
        '--config-file',
        str(here.configuration('cinder') / 'cinder.conf'),
    )
    return (
        # py-pure-client verifies but ignores the driver's certificate
        # path: it trusts what OpenSSL trusts by default.
        here.daemon(
            'cinder-volume',
            *arguments,
            files=files(here),
            environment=(
                ('SSL_CERT_FILE', str(here.paths.array_certificates)),
            ),
        ),
        here.daemon('cinder-scheduler', *arguments, files=files(here)),
        here.api(
            'cinder',
            'cinder.wsgi.api',
            files=files(here),
            workers=2,
            threads=4,
            arguments=' '.join(arguments),
        ),
    )


def synchronise(here: context.Context) -> None:
    """Make or upgrade the tables."""
    path = here.configuration('cinder') / 'cinder.conf'
    commands.run(
        [
            here.environment.program('cinder-manage'),
            '--config-file',
            str(path),
            'db',
            'sync',
        ],
        what=f'cinder-manage db sync ({here.site.name})',
        environment=commands.clean_environment(here.paths.home),
    )


def _default_type() -> str:
    return next(
        backend.volume_type
        for backend in plan.BACKENDS
        if backend.project is None
    )


def _backend(
    here: context.Context, backend: plan.Backend
) -> rendering.Section:
    site = here.site
    options = rendering.section(
        backend.section,
        volume_driver='cinder.volume.drivers.pure.PureISCSIDriver',
        volume_backend_name=backend.backend_name,
        san_ip=site.array.management,
        pure_api_token=arrays.token(here, site),
        driver_ssl_cert_verify=True,
        driver_ssl_cert_path=here.paths.array_certificate(site.name),
    )
    group = backend.protection_group(site)
    if group is None:
        return options
    return rendering.Section(
        backend.section,
        (
            *options.options,
            rendering.Option('replication_device', _replication_device(here)),
            rendering.Option('pure_replication_pg_name', group),
            rendering.Option(
                'pure_replica_interval_default', str(REPLICATION_INTERVAL)
            ),
        ),
    )


def _replication_device(here: context.Context) -> str:
    peer = plan.peer_of(here.site)
    certificate = here.paths.array_certificate(peer.name)
    return (
        f'backend_id:{peer.array.name},san_ip:{peer.array.management},'
        f'api_token:{arrays.token(here, peer)},type:async,'
        f'ssl_cert_verify:true,ssl_cert_path:{certificate}'
    )
