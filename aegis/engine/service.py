# SPDX-License-Identifier: Apache-2.0
"""One engine: everything an engine process runs, and its life."""

import gc
import os
import threading

from oslo_config import cfg
from oslo_log import log as logging
from oslo_service import service
from oslo_utils import uuidutils

from aegis import conf as aegis_conf
from aegis.common import context as aegis_context
from aegis.common import faults, rpc
from aegis.db import session as db_session
from aegis.engine import heartbeat, manager, periodic, pool, rpcapi, services

LOG = logging.getLogger(__name__)

BINARY = 'aegis-engine'

_OBJECTS_BETWEEN_COLLECTIONS = 20_000


class Engine:
    """Runs lanes, answers the bus, and shows that it is alive.

    :param bus: the connection to use; closed by whoever made it.
    """

    def __init__(
        self, conf: cfg.ConfigOpts, bus: rpc.Bus, binary: str = BINARY
    ) -> None:
        self._conf = conf
        self._bus = bus
        self.owner = (
            f'{conf.host}:{os.getpid()}:{uuidutils.generate_uuid()[:8]}'
        )
        self._services = services.build(conf)
        self.pool = pool.LanePool(self._services, self.owner)
        self._heartbeat = heartbeat.Heartbeat(
            conf,
            self.owner,
            binary,
            aegis_conf.version(),
            self._services.leases,
        )
        self._periodic = periodic.Periodic(self._services)
        self._server = bus.server(
            rpcapi.TOPIC,
            conf.host,
            [manager.EngineManager(self._services, self.pool.submit)],
        )

    def start(self) -> None:
        """Begin. The database has to be configured and migrated."""
        faults.install_directory(self._conf.engine.test_hooks)
        self._heartbeat.start()
        self.pool.start()
        self._server.start()
        self._periodic.start()
        LOG.info('Engine %s runs', self.owner)

    def stop(self) -> None:
        """Let running lanes go between two steps and hand them over.

        Nothing is undone. Other engines are told, so that they go on at
        once.
        """
        LOG.info('Engine %s stops', self.owner)
        self._server.stop()
        released = self.pool.stop(self._conf.engine.shutdown_timeout)
        self._server.wait()
        self._heartbeat.stop()
        self._periodic.stop()
        others = rpcapi.EngineAPI(self._conf, self._bus)
        for operation_id in released:
            others.run_operation(aegis_context.admin_context(), operation_id)
        self._services.storage.close()
        LOG.info('Engine %s stopped', self.owner)


class EngineService(service.ServiceBase):
    """An :class:`Engine` as the launcher of oslo.service runs it.

    Everything that has threads or connections is made in :meth:`start`,
    which runs in the worker process.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._engine: Engine | None = None
        self._bus: rpc.Bus | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """See :meth:`Engine.start`."""
        db_session.configure(self._conf)
        self._bus = rpc.Bus(self._conf)
        self._engine = Engine(self._conf, self._bus)
        self._engine.start()
        _collect_less()

    def stop(self) -> None:
        """See :meth:`Engine.stop`."""
        if self._engine is not None and self._bus is not None:
            self._engine.stop()
            self._bus.close()
            db_session.dispose()
        self._stopped.set()

    def wait(self) -> None:
        """Block until :meth:`stop` is through."""
        self._stopped.wait()

    def reset(self) -> None:
        """Mutable options were read again; there is nothing to do."""


def _collect_less() -> None:
    """Look for cyclic garbage seldom, and not among what stays for ever.

    Results of long lists are many objects and no cycles: by default each
    list is searched for them several times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
