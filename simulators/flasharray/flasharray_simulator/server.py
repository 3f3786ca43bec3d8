# SPDX-License-Identifier: Apache-2.0
"""A threaded HTTP or HTTPS server around a WSGI application."""

import errno
import logging
import socket
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

LOG = logging.getLogger(__name__)

_THREADS = 12
_BACKLOG = 128
_CONNECTION = 'flasharray_simulator.connection'


class Reset(ConnectionResetError):
    """The connection was reset in place of an answer."""


class _Gateway(wsgi.Gateway_10):
    """Lets the application reach the connection it answers on."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()
        environ[_CONNECTION] = self.req.conn.socket
        return environ


def reset(environ: Mapping[str, Any]) -> NoReturn:
    """Drop the caller's connection with a TCP reset.

    The server closes it when it sees Reset; it must do so itself, as it
    watches all its connections.
    """
    connection = environ[_CONNECTION]
    connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)
    )
    raise Reset(errno.ECONNRESET, 'reset on request')


class Server:
    """Can be started and stopped again and again on the same port."""

    def __init__(
        self,
        address: str,
        port: int,
        application: Any,
        tls: tuple[Path, Path] | None = None,
        threads: int = _THREADS,
    ) -> None:
        self._address = address
        self._port = port
        self._application = application
        self._tls = tls
        self._threads = threads
        self._server: wsgi.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        """Listen and serve; raises OSError if the port is taken."""
        if self._server is not None:
            return
        server = wsgi.Server(
            (self._address, self._port),
            self._application,
            numthreads=self._threads,
            request_queue_size=_BACKLOG,
            timeout=60,
            shutdown_timeout=1,
        )
        server.error_log = _log  # type: ignore[method-assign, assignment]
        if self._tls is not None:
            certificate, key = self._tls
            server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(key))
        server.gateway = _Gateway
        server.prepare()
        self._server = server
        self._thread = threading.Thread(
            target=server.serve, name=f'port-{self._port}', daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Refuse new connections and drop the open ones."""
        if self._server is None or self._thread is None:
            return
        self._server.stop()
        self._thread.join()
        self._server = None
        self._thread = None


def _log(message: str = '', level: int = 20, traceback: bool = False) -> None:
    LOG.log(level, message, exc_info=traceback)
