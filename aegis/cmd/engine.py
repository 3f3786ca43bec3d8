# SPDX-License-Identifier: Apache-2.0
"""``aegis-engine``: runs operations."""

import sys

from oslo_config import cfg
from oslo_service import service as oslo_service

from aegis import conf as aegis_conf
from aegis.cmd import reports
from aegis.engine import service


def main() -> int:
    """Run an engine until SIGTERM; returns the exit code."""
    try:
        conf = aegis_conf.setup(sys.argv[1:])
    except cfg.Error as error:
        print(f'aegis-engine: {error}', file=sys.stderr)
        return 2
    reports.set_up(conf)
    launcher = oslo_service.launch(
        conf,
        service.EngineService(conf),
        workers=1,
        restart_method='mutate',
    )
    return int(launcher.wait() or 0)


if __name__ == '__main__':
    sys.exit(main())
