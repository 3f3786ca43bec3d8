# SPDX-License-Identifier: Apache-2.0
"""Configuration: one module per section.

Nothing is registered at import. A process calls :func:`setup` once with
:data:`CONF`; a test gives an object of its own.
"""

import importlib
import importlib.metadata
import pkgutil
import types
from collections.abc import Iterator, Sequence

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log as logging
from oslo_middleware import cors
from oslo_middleware.healthcheck import opts as healthcheck_opts

from aegis.storage import errors as storage_errors

CONF = cfg.CONF

_NOT_SECTIONS = frozenset({'opts'})

# What a dashboard in a browser sends and reads.
_CORS_HEADERS = [
    'X-Auth-Token',
    'X-OpenStack-Request-ID',
    'OpenStack-API-Version',
    'If-Match',
    'ETag',
    'Location',
]

_QUIET_LOGGERS = (
    'keystoneauth=WARNING',
    'keystoneauth.session=WARNING',
    'keystonemiddleware.auth_token=INFO',
    'novaclient=WARNING',
    'cinderclient=WARNING',
    'openstack=WARNING',
    'pypureclient=WARNING',
    'urllib3=WARNING',
    'oslo_messaging=INFO',
    'oslo.messaging=INFO',
    'oslo_policy=INFO',
    'amqp=WARNING',
    'kombu=WARNING',
    'taskflow=INFO',
    # Plugins of keystoneauth that lack a library of their own are no news;
    # those of ours that are missing raise errors.
    'stevedore=CRITICAL',
    'sqlalchemy=WARNING',
    'alembic=WARNING',
)


def section_modules() -> Iterator[types.ModuleType]:
    """The modules of this package that define options, by name."""
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _NOT_SECTIONS:
            yield importlib.import_module(f'{__name__}.{module.name}')


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register the options whose sections have a fixed name. Idempotent."""
    for module in section_modules():
        module.register_opts(conf)


def register_dynamic_opts(conf: cfg.ConfigOpts) -> None:
    """Register a section per configured site and array. Idempotent.

    Their names come from the configuration itself, so it has to be parsed
    before.
    """
    from aegis.conf import sites
    from aegis.storage import opts as array_opts

    for site in conf.sites:
        sites.register_site_opts(conf, site)
        for array in conf[f'site:{site}'].arrays:
            array_opts.register_array_opts(conf, array)


def set_defaults(conf: cfg.ConfigOpts) -> None:
    """Set our defaults for options of the libraries we use. Idempotent."""
    from aegis.conf import database

    logging.register_options(conf)
    logging.set_defaults(
        default_log_levels=[
            *_QUIET_LOGGERS,
            'requests.packages.urllib3.connectionpool=WARNING',
        ]
    )
    # The resource of a context is the operation it works for.
    conf.set_default('instance_uuid_format', '[operation: %(uuid)s] ')
    cfg.set_defaults(
        db_options.database_opts,
        connection=database.DEFAULT_CONNECTION,
        max_pool_size=database.DEFAULT_POOL_SIZE,
    )
    cors.set_defaults(
        allow_headers=_CORS_HEADERS,
        expose_headers=_CORS_HEADERS,
        allow_methods=['GET', 'POST', 'PATCH', 'DELETE'],
    )
    cfg.set_defaults(
        healthcheck_opts.HEALTHCHECK_OPTS, backends=['aegis_database']
    )


def version() -> str:
    """The installed version of Aegis."""
    return importlib.metadata.version('aegis')


def setup(
    argv: Sequence[str],
    conf: cfg.ConfigOpts = CONF,
    default_config_files: Sequence[str] | None = None,
) -> cfg.ConfigOpts:
    """Register everything, read the files and set logging up.

    :param argv: the command line without the program's name.
    :param default_config_files: read instead of the usual places.
    :raises oslo_config.cfg.Error: on a bad command line or file.
    """
    parse(argv, conf, default_config_files)
    try:
        register_dynamic_opts(conf)
    except storage_errors.ArrayNotConfigured as error:
        raise cfg.Error(f'{error} See "aegis-manage config check".') from error
    return conf


def parse(
    argv: Sequence[str],
    conf: cfg.ConfigOpts = CONF,
    default_config_files: Sequence[str] | None = None,
) -> None:
    """Do what :func:`setup` does, but leave sites and arrays alone."""
    set_defaults(conf)
    register_opts(conf)
    conf(
        list(argv),
        project='aegis',
        version=version(),
        default_config_files=(
            None
            if default_config_files is None
            else list(default_config_files)
        ),
    )
    logging.setup(conf, 'aegis', version())
