# SPDX-License-Identifier: Apache-2.0
"""Guru meditation reports: threads and configuration on SIGUSR2."""

from oslo_config import cfg
from oslo_reports import guru_meditation_report, opts

from aegis import conf as aegis_conf


class _Version:
    """What the report says of the program."""

    def vendor_string(self) -> str:
        return 'Aegis'

    def product_string(self) -> str:
        return 'Aegis'

    def version_string_with_package(self) -> str:
        return aegis_conf.version()


def set_up(conf: cfg.ConfigOpts) -> None:
    """Answer SIGUSR2 from now on; call it in the main thread."""
    opts.set_defaults(conf)
    guru_meditation_report.TextGuruMeditation.setup_autorun(
        _Version(), conf=conf
    )
