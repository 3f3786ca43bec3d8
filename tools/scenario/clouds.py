# SPDX-License-Identifier: Apache-2.0
"""Connections to the sites as the people who use them have them."""

import openstack

from deployment import facts

COMPUTE_VERSION = '2.96'
VOLUME_VERSION = '3.70'


def connect(
    site: facts.Site, account: facts.Account
) -> openstack.connection.Connection:
    """Log a person in; nothing is read from the caller's environment."""
    return openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type='password',
        auth={
            'auth_url': site.auth_url,
            'username': account.username,
            'password': account.password,
            'user_domain_name': account.user_domain_name,
            'project_name': account.project_name,
            'project_domain_name': account.project_domain_name,
        },
        region_name=site.region,
        compute_default_microversion=COMPUTE_VERSION,
        block_storage_default_microversion=VOLUME_VERSION,
        app_name='aegis-scenario',
    )


def environment(site: facts.Site, account: facts.Account) -> dict[str, str]:
    """The OS_* variables for the openstack command."""
    return {
        'OS_AUTH_TYPE': 'password',
        'OS_IDENTITY_API_VERSION': '3',
        'OS_AUTH_URL': site.auth_url,
        'OS_REGION_NAME': site.region,
        'OS_USERNAME': account.username,
        'OS_PASSWORD': account.password,
        'OS_USER_DOMAIN_NAME': account.user_domain_name,
        'OS_PROJECT_NAME': account.project_name,
        'OS_PROJECT_DOMAIN_NAME': account.project_domain_name,
    }
