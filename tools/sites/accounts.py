# SPDX-License-Identifier: Apache-2.0
"""Who can log in at a site, and the shell lines that do it."""

import shlex

from sites import context, errors, plan, rest


def credentials(
    here: context.Context, user: str | None = None, project: str | None = None
) -> rest.Credentials:
    """Return the credentials of a user for a project.

    Without a user: the operator. Without a project: the user's first.
    Raise CloudsError for a name that the plan does not know.
    """
    name = user or plan.ADMIN_USER
    if name == plan.ADMIN_USER:
        domain, password = plan.ADMIN_DOMAIN, here.user_password(name)
    elif name in plan.users():
        domain, password = plan.TENANT_DOMAIN, here.user_password(name)
    elif name in (*plan.SERVICE_USERS, plan.AEGIS_USER):
        domain, password = plan.SERVICE_DOMAIN, here.service_password(name)
    else:
        raise errors.CloudsError(
            f'there is no user {name}; choose one of '
            f'{", ".join((plan.ADMIN_USER, *plan.users()))}'
        )
    chosen = project or _first_project(name)
    return rest.Credentials(
        here.site.auth_url,
        here.site.region,
        name,
        domain,
        password,
        chosen,
        _project_domain(chosen),
    )


def shell_lines(account: rest.Credentials) -> str:
    """Return export lines for a shell."""
    values = (
        ('OS_IDENTITY_API_VERSION', '3'),
        ('OS_AUTH_TYPE', 'password'),
        ('OS_AUTH_URL', account.auth_url),
        ('OS_REGION_NAME', account.region),
        ('OS_INTERFACE', 'public'),
        ('OS_USERNAME', account.user),
        ('OS_USER_DOMAIN_NAME', account.user_domain),
        ('OS_PASSWORD', account.password),
        ('OS_PROJECT_NAME', account.project),
        ('OS_PROJECT_DOMAIN_NAME', account.project_domain),
    )
    return '\n'.join(
        f'export {name}={shlex.quote(value)}' for name, value in values
    )


def _first_project(user: str) -> str:
    for tenant in plan.TENANTS:
        if user in tenant.members + tenant.readers:
            return tenant.project
    return (
        plan.ADMIN_PROJECT if user == plan.ADMIN_USER else plan.SERVICE_PROJECT
    )


def _project_domain(project: str) -> str:
    domains = {
        plan.ADMIN_PROJECT: plan.ADMIN_DOMAIN,
        plan.SERVICE_PROJECT: plan.SERVICE_DOMAIN,
    }
    domains.update(
        {tenant.project: plan.TENANT_DOMAIN for tenant in plan.TENANTS}
    )
    try:
        return domains[project]
    except KeyError:
        raise errors.CloudsError(
            f'there is no project {project}; choose one of '
            f'{", ".join(sorted(domains))}'
        ) from None
