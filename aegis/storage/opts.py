# SPDX-License-Identifier: Apache-2.0
"""The options of an array, ``[array:<label>]``, common to all drivers."""

from oslo_config import cfg

from aegis.storage import plugins

GROUP_PREFIX = 'array:'

COMMON_OPTS = [
    cfg.StrOpt(
        'driver',
        default='flasharray',
        help="""
Name of the storage driver that speaks to this array.

Drivers are installed under the entry point namespace ``aegis.storage``.
""",
    ),
    cfg.StrOpt(
        'array_name',
        help="""
The name the array itself has, where it is not the label of this section.

Volumes and replication groups are matched to this section by it. An array
that says it has another name is refused. A FlashArray shows its name in the
title of its web interface and in ``purearray list``.
""",
    ),
]


def group_name(label: str) -> str:
    """Name the configuration group of an array."""
    return f'{GROUP_PREFIX}{label}'


def register_array_opts(conf: cfg.ConfigOpts, label: str) -> str:
    """Register all options of one array and return their group's name.

    Idempotent. The options depend on the value of ``driver``. Raises
    :class:`~aegis.storage.errors.ArrayNotConfigured` when that names no
    installed driver.
    """
    name = group_name(label)
    group = cfg.OptGroup(name, title=f'Storage array {label}')
    conf.register_opts(COMMON_OPTS, group=group)
    conf.register_opts(plugins.load(conf[name].driver).options(), group=group)
    return name


def array_labels(conf: cfg.ConfigOpts) -> list[str]:
    """List the labels of all arrays that are configured or registered."""
    sections = {*conf.list_all_sections(), *conf}
    return sorted(
        section.removeprefix(GROUP_PREFIX)
        for section in sections
        if section.startswith(GROUP_PREFIX)
    )


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    """List the options of every installed driver, as one example."""
    options: dict[str, cfg.Opt] = {
        option.name: option for option in COMMON_OPTS
    }
    for name in plugins.names():
        for option in plugins.load(name).options():
            options.setdefault(option.name, option)
    group = cfg.OptGroup(
        group_name('<label>'),
        title='A storage array',
        help='One section for each label in the arrays of a site.',
    )
    return [(group, list(options.values()))]
