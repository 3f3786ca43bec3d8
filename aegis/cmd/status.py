# SPDX-License-Identifier: Apache-2.0
"""``aegis-status``: whether an upgrade can go on, or has gone well."""

import sys
from collections.abc import Callable

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from aegis import conf as aegis_conf
from aegis.cmd import checks
from aegis.db import session


class Checks(upgradecheck.UpgradeCommands):
    """The checks of ``aegis-status upgrade check``."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._upgrade_checks = tuple(
            (title, self._check(title)) for title in checks.CHECKS
        )

    def _check(self, title: str) -> Callable[..., upgradecheck.Result]:
        def check(_self: object) -> upgradecheck.Result:
            problems = list(checks.CHECKS[title](self._conf))
            if not problems:
                return upgradecheck.Result(upgradecheck.Code.SUCCESS)
            return upgradecheck.Result(
                upgradecheck.Code.FAILURE,
                ' '.join(str(problem) for problem in problems),
            )

        return check


def main() -> int:
    """Run the checks; returns their exit code."""
    conf = aegis_conf.CONF
    aegis_conf.set_defaults(conf)
    aegis_conf.register_opts(conf)
    upgradecheck.register_cli_options(conf, Checks(conf))
    try:
        conf(sys.argv[1:], project='aegis', version=aegis_conf.version())
    except cfg.Error as error:
        print(f'aegis-status: {error}', file=sys.stderr)
        return 2
    session.configure(conf)
    return int(upgradecheck.run(conf))


if __name__ == '__main__':
    sys.exit(main())
