# SPDX-License-Identifier: Apache-2.0
"""All options of Aegis, for the generator of the sample configuration."""

from oslo_config import cfg

from aegis import conf as aegis_conf
from aegis.storage import opts as array_opts

_Section = tuple[str | cfg.OptGroup, list[cfg.Opt]]


def list_opts() -> list[_Section]:
    """Every section with its options, sites and arrays as one example."""
    sections: list[_Section] = []
    for module in aegis_conf.section_modules():
        sections.extend(module.list_opts())
    sections.extend(array_opts.list_opts())
    return sections


def set_defaults() -> None:
    """Give the libraries' options our defaults in the sample as well."""
    aegis_conf.set_defaults(cfg.CONF)
