# SPDX-License-Identifier: Apache-2.0
"""Keystone of a site."""

from sites import commands, context, plan, processes, rendering, settings


def files(here: context.Context) -> tuple[rendering.File, ...]:
    """Return the configuration and the keys of the tokens."""
    home = here.configuration('keystone')
    text = rendering.render(
        [
            rendering.section(
                'DEFAULT',
                public_endpoint=here.site.url('keystone'),
                max_token_size=512,
            ),
            settings.database(here, 'keystone'),
            rendering.section('token', provider='fernet'),
            rendering.section('fernet_tokens', key_repository=home / 'tokens'),
            rendering.section(
                'fernet_receipts', key_repository=home / 'tokens'
            ),
            rendering.section(
                'credential', key_repository=home / 'credentials'
            ),
            # One worker with threads: an in-process cache cannot be stale.
            rendering.section(
                'cache', enabled=True, backend='oslo_cache.dict'
            ),
            # Cheap hashes: these passwords protect nothing.
            rendering.section('identity', password_hash_rounds=4),
            *settings.messaging(),
        ]
    )
    return (
        rendering.File(home / 'keystone.conf', text),
        *_keys(here, 'tokens'),
        *_keys(here, 'credentials'),
    )


def programs(here: context.Context) -> tuple[processes.Program, ...]:
    """Return the API."""
    return (
        here.api(
            'keystone',
            'keystone.wsgi.api',
            files=files(here),
            environment=(
                (
                    'OS_KEYSTONE_CONFIG_FILES',
                    str(here.configuration('keystone') / 'keystone.conf'),
                ),
            ),
        ),
    )


def synchronise(here: context.Context) -> None:
    """Make or upgrade the tables."""
    _manage(here, 'db_sync')


def bootstrap(here: context.Context) -> None:
    """Make the operator, the roles and Keystone's own endpoint."""
    _manage(
        here,
        'bootstrap',
        '--bootstrap-username',
        plan.ADMIN_USER,
        '--bootstrap-password',
        here.user_password(plan.ADMIN_USER),
        '--bootstrap-project-name',
        plan.ADMIN_PROJECT,
        '--bootstrap-service-name',
        'keystone',
        '--bootstrap-region-id',
        here.site.region,
        '--bootstrap-public-url',
        here.site.auth_url,
        '--bootstrap-internal-url',
        here.site.auth_url,
        '--bootstrap-admin-url',
        here.site.auth_url,
    )


def _manage(here: context.Context, *arguments: str) -> None:
    path = here.configuration('keystone') / 'keystone.conf'
    commands.run(
        [
            here.environment.program('keystone-manage'),
            '--config-file',
            str(path),
            *arguments,
        ],
        what=f'keystone-manage {arguments[0]} ({here.site.name})',
        environment=commands.clean_environment(here.paths.home),
    )


def _keys(
    here: context.Context,
    repository: str,
) -> tuple[rendering.File, ...]:
    # Number 0 is the staged key, the highest one is the primary.
    home = here.configuration('keystone') / repository
    return tuple(
        rendering.File(
            home / str(number),
            here.passwords.key(
                f'keystone {repository} {number} {here.site.name}'
            ),
        )
        for number in (0, 1)
    )
