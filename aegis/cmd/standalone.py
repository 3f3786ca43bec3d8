# SPDX-License-Identifier: Apache-2.0
"""``aegis-standalone``: API and engine in one process, without a bus."""

import signal
import sys
import threading
from types import FrameType

from cheroot import wsgi
from oslo_config import cfg
from oslo_log import log as logging

from aegis import conf as aegis_conf
from aegis.api import app
from aegis.cmd import reports
from aegis.common import rpc
from aegis.db import migration
from aegis.db import session as db_session
from aegis.engine import rpcapi, service

LOG = logging.getLogger(__name__)

BINARY = 'aegis-standalone'
IN_MEMORY = 'fake:/'


class Standalone:
    """The whole service in the present process.

    The database is brought up to date first: nobody else uses it.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._bus = rpc.Bus(conf, url=IN_MEMORY)
        db_session.configure(conf)
        migration.sync()
        self._engine = service.Engine(conf, self._bus, BINARY)
        settings = conf.standalone
        self._server = wsgi.Server(
            (str(settings.listen_address), settings.listen_port),
            app.build_application(conf, rpcapi.EngineAPI(conf, self._bus)),
            numthreads=settings.threads,
            server_name=BINARY,
        )
        self._serving = threading.Thread(
            target=self._server.serve, name='aegis-api'
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where the API answers, once it is started."""
        host, port = self._server.bind_addr[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Take requests and run operations.

        :raises OSError: when the address is in use.
        """
        self._server.prepare()
        self._serving.start()
        self._engine.start()
        LOG.info('The API answers at %s:%d', *self.address)

    def stop(self) -> None:
        """End as an engine does: lanes are let go, nothing is undone."""
        self._server.stop()
        self._serving.join()
        self._engine.stop()
        self._bus.close()
        db_session.dispose()


def main() -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    try:
        conf = aegis_conf.setup(sys.argv[1:])
    except cfg.Error as error:
        print(f'{BINARY}: {error}', file=sys.stderr)
        return 2
    reports.set_up(conf)
    stopped = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    standalone = Standalone(conf)
    try:
        standalone.start()
    except OSError as error:
        LOG.error('The API cannot listen: %s', error)
        return 1
    stopped.wait()
    standalone.stop()
    return 0


if __name__ == '__main__':
    sys.exit(main())
