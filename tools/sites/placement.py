# SPDX-License-Identifier: Apache-2.0
"""Placement of a site."""

from sites import commands, context, processes, rendering, settings


def files(here: context.Context) -> tuple[rendering.File, ...]:
    """Return the configuration."""
    text = rendering.render(
        [
            settings.database(here, 'placement', section='placement_database'),
            settings.token_validation(here, 'placement'),
            rendering.section('api', auth_strategy='keystone'),
        ]
    )
    return (
        rendering.File(
            here.configuration('placement') / 'placement.conf', text
        ),
    )


def programs(here: context.Context) -> tuple[processes.Program, ...]:
    """Return the API."""
    return (
        here.api(
            'placement',
            'placement.wsgi.api',
            files=files(here),
            environment=(
                (
                    'OS_PLACEMENT_CONFIG_DIR',
                    str(here.configuration('placement')),
                ),
            ),
        ),
    )


def synchronise(here: context.Context) -> None:
    """Make or upgrade the tables."""
    path = here.configuration('placement') / 'placement.conf'
    commands.run(
        [
            here.environment.program('placement-manage'),
            '--config-file',
            str(path),
            'db',
            'sync',
        ],
        what=f'placement-manage db sync ({here.site.name})',
        environment=commands.clean_environment(here.paths.home),
    )
