# SPDX-License-Identifier: Apache-2.0
"""Whether the configuration can work, told before anything starts."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import loading
from oslo_config import cfg

from aegis.conf import sites as site_opts
from aegis.db import migration
from aegis.storage import errors as storage_errors
from aegis.storage import opts as array_opts
from aegis.storage import plugins


@dataclasses.dataclass(frozen=True)
class Problem:
    """Something wrong, and what to do about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f'{self.what} {self.remedy}'


def options(conf: cfg.ConfigOpts) -> Iterator[Problem]:
    """Every value is one its option can have."""
    for name in conf:
        yield from _value(conf, name)
        if name in conf.list_all_sections():
            for option in conf[name]:
                yield from _value(conf[name], option)


def database(conf: cfg.ConfigOpts) -> Iterator[Problem]:
    """The tables are those of this version; sessions are configured."""
    try:
        version, head = migration.version(), migration.head()
    except Exception as error:
        yield Problem(
            f'The database does not answer: {error}.',
            'See [database] connection.',
        )
        return
    if version != head:
        yield Problem(
            f'The database is at version {version}; this Aegis needs {head}.',
            'Run "aegis-manage db sync".',
        )


def sites(conf: cfg.ConfigOpts) -> Iterator[Problem]:
    """Each site has a section with credentials; one of them is ours."""
    if not conf.sites:
        yield Problem('No site is configured.', 'Set [DEFAULT] sites.')
        return
    if conf.local_site not in conf.sites:
        yield Problem(
            f'The local site, {conf.local_site}, is not among the sites.',
            f'Set [DEFAULT] local_site to one of {", ".join(conf.sites)}.',
        )
    for name in conf.sites:
        yield from _site(conf, name)


def arrays(conf: cfg.ConfigOpts) -> Iterator[Problem]:
    """Each site has arrays, and each array a section that can be used.

    No array is asked anything.
    """
    for name in conf.sites:
        site_opts.register_site_opts(conf, name)
        labels = conf[site_opts.group_name(name)].arrays
        if not labels:
            yield Problem(
                f'Site {name} has no array.',
                f'Set arrays in [{site_opts.group_name(name)}].',
            )
        for label in labels:
            yield from _array(conf, label)


CHECKS: dict[str, Callable[[cfg.ConfigOpts], Iterator[Problem]]] = {
    'Options': options,
    'Database': database,
    'Sites': sites,
    'Arrays': arrays,
}


def _value(section: Mapping[str, Any], name: str) -> Iterator[Problem]:
    try:
        section[name]
    except ValueError as error:
        yield Problem(f'{error}.', 'Correct that option.')


def _site(conf: cfg.ConfigOpts, name: str) -> Iterator[Problem]:
    group = site_opts.group_name(name)
    try:
        site_opts.register_site_opts(conf, name)
        plugin = loading.load_auth_from_conf_options(conf, group)
    except (
        keystone_exceptions.ClientException,
        cfg.Error,
    ) as error:
        yield Problem(
            f'The credentials in [{group}] cannot be used: {error}.',
            'See the guide for the options of that section.',
        )
        return
    if plugin is None:
        yield Problem(
            f'[{group}] has no credentials.',
            'Set auth_type there and the options that belong to it.',
        )


def _array(conf: cfg.ConfigOpts, label: str) -> Iterator[Problem]:
    try:
        group = array_opts.register_array_opts(conf, label)
        section = conf[group]
        driver = plugins.load(section.driver)
        driver.from_configuration(section.array_name or label, section)
    except (storage_errors.ArrayNotConfigured, cfg.Error) as error:
        yield Problem(
            f'Array {label} cannot be used: {error}',
            f'Correct [{array_opts.group_name(label)}].',
        )
