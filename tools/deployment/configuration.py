# SPDX-License-Identifier: Apache-2.0
"""The configuration of an Aegis at one of the sites, as an operator's is."""

import configparser
import io
import pathlib
from dataclasses import dataclass

from deployment import facts

Section = dict[str, object]


@dataclass(frozen=True)
class Settings:
    """What differs between deployments.

    ``database_url`` and ``transport_url`` None mean the embedded ones.
    ``test_hooks`` is a directory of crash points, for tests only.
    """

    directory: pathlib.Path
    host: str
    local: facts.Site
    sites: facts.Sites
    database_url: str | None
    transport_url: str | None
    lease_seconds: float = 5.0
    test_hooks: pathlib.Path | None = None
    extra: tuple[tuple[str, str, str], ...] = ()


def render(settings: Settings) -> str:
    """Return the text of aegis.conf. It holds secrets."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    for name, section in _sections(settings):
        # The parser's own notion of DEFAULT is that of oslo.config.
        if name != 'DEFAULT':
            parser.add_section(name)
        for key, value in section.items():
            if value is not None:
                parser.set(name, key, str(value))
    for name, key, value in settings.extra:
        if name != 'DEFAULT' and not parser.has_section(name):
            parser.add_section(name)
        parser.set(name, key, value)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def _sections(settings: Settings) -> list[tuple[str, Section]]:
    both = (settings.sites.east, settings.sites.west)
    local = settings.local
    return [
        (
            'DEFAULT',
            {
                'local_site': local.name,
                'sites': ','.join(site.name for site in both),
                'host': settings.host,
                'debug': 'true',
                'transport_url': settings.transport_url,
            },
        ),
        (
            'database',
            {
                'connection': settings.database_url
                or f'sqlite:///{settings.directory / "aegis.sqlite"}'
            },
        ),
        ('keystone_authtoken', _token_validation(local)),
        (
            'engine',
            {
                'lease_seconds': settings.lease_seconds,
                'heartbeat_interval': settings.lease_seconds / 3,
                'scan_interval': 2,
                'poll_interval': 1,
                'test_hooks': settings.test_hooks,
            },
        ),
        ('api', {'response_validation': 'error'}),
        *((f'site:{site.name}', _site(site)) for site in both),
        *((f'array:{site.array.name}', _array(site)) for site in both),
    ]


def _account(account: facts.Account) -> Section:
    return {
        'auth_type': 'password',
        'username': account.username,
        'password': account.password,
        'user_domain_name': account.user_domain_name,
        'project_name': account.project_name,
        'project_domain_name': account.project_domain_name,
    }


def _token_validation(site: facts.Site) -> Section:
    return {
        'auth_url': site.auth_url,
        'www_authenticate_uri': site.auth_url,
        'region_name': site.region,
        'service_type': 'disaster-recovery',
        'service_token_roles_required': 'true',
        'service_token_roles': 'service',
        **_account(site.aegis.user),
    }


def _site(site: facts.Site) -> Section:
    return {
        'region_name': site.region,
        'arrays': site.array.name,
        'auth_url': site.auth_url,
        'watch_interval': 1,
        'probe_timeout': 3,
        **_account(site.aegis.user),
    }


def _array(site: facts.Site) -> Section:
    return {
        'driver': 'flasharray',
        'array_name': site.array.name,
        'management_address': site.array.management,
        'api_token': site.array.api_token,
        'ca_file': site.array.certificate,
    }
