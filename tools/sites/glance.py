# SPDX-License-Identifier: Apache-2.0
"""Glance of a site, with a file store."""

from sites import commands, context, processes, rendering, settings


def files(here: context.Context) -> tuple[rendering.File, ...]:
    """Return the configuration and the paste file."""
    home = here.configuration('glance')
    data = here.data('glance')
    text = rendering.render(
        [
            rendering.section(
                'DEFAULT',
                enabled_backends='files:file',
                public_endpoint=here.site.url('glance'),
                node_staging_uri=f'file://{data / "staging"}',
                transport_url=here.broker.url(here.site),
            ),
            rendering.section('glance_store', default_backend='files'),
            rendering.section(
                'files', filesystem_store_datadir=data / 'images'
            ),
            rendering.section(
                'os_glance_tasks_store',
                filesystem_store_datadir=data / 'tasks',
            ),
            rendering.section(
                'os_glance_staging_store',
                filesystem_store_datadir=data / 'staging',
            ),
            settings.database(here, 'glance'),
            settings.token_validation(here, 'glance'),
            settings.locking(here, 'glance'),
            rendering.section(
                'paste_deploy',
                flavor='keystone',
                config_file=home / 'glance-api-paste.ini',
            ),
            *settings.messaging(),
        ]
    )
    return (
        rendering.File(home / 'glance-api.conf', text),
        here.shipped('glance/glance-api-paste.ini'),
    )


def programs(here: context.Context) -> tuple[processes.Program, ...]:
    """Return the API."""
    home = here.configuration('glance')
    return (
        here.api(
            'glance',
            'glance.wsgi.api',
            files=files(here),
            environment=(
                ('OS_GLANCE_CONFIG_DIR', str(home)),
                ('OS_GLANCE_CONFIG_FILES', 'glance-api.conf'),
            ),
        ),
    )


def synchronise(here: context.Context) -> None:
    """Make or upgrade the tables."""
    path = here.configuration('glance') / 'glance-api.conf'
    commands.run(
        [
            here.environment.program('glance-manage'),
            '--config-file',
            str(path),
            'db_sync',
        ],
        what=f'glance-manage db_sync ({here.site.name})',
        environment=commands.clean_environment(here.paths.home),
    )
