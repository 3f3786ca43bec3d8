# SPDX-License-Identifier: Apache-2.0
"""Configuration sections that several services share."""

from sites import context, plan, rendering


def database(
    here: context.Context, name: str, section: str = 'database'
) -> rendering.Section:
    """Return where a service keeps its tables."""
    return rendering.section(
        section,
        connection=here.database.url(here.site, name),
        max_pool_size=10,
        max_overflow=50,
        connection_recycle_time=600,
    )


def credentials(
    here: context.Context, section: str, user: str, **more: rendering.Value
) -> rendering.Section:
    """Return keystoneauth options of a service's user."""
    return rendering.section(
        section,
        auth_type='password',
        auth_url=here.site.auth_url,
        username=user,
        password=here.service_password(user),
        user_domain_name=plan.SERVICE_DOMAIN,
        project_name=plan.SERVICE_PROJECT,
        project_domain_name=plan.SERVICE_DOMAIN,
        **more,
    )


def token_validation(here: context.Context, user: str) -> rendering.Section:
    """Return how an API checks its callers' tokens."""
    return credentials(
        here,
        'keystone_authtoken',
        user,
        www_authenticate_uri=here.site.auth_url,
        region_name=here.site.region,
        service_token_roles='service',
        service_token_roles_required=True,
        service_type='',
    )


def service_token(here: context.Context, user: str) -> rendering.Section:
    """Return who vouches for calls made with a user's token."""
    return credentials(
        here, 'service_user', user, send_service_user_token=True
    )


def locking(here: context.Context, service: str) -> rendering.Section:
    """Return where a service keeps its lock files."""
    return rendering.section(
        'oslo_concurrency', lock_path=here.data(service) / 'locks'
    )


def messaging() -> tuple[rendering.Section, ...]:
    """Return how services talk to the broker; nobody reads notifications."""
    return (
        rendering.section(
            'oslo_messaging_rabbit', heartbeat_timeout_threshold=60
        ),
        rendering.section('oslo_messaging_notifications', driver='noop'),
    )
