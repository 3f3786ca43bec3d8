# SPDX-License-Identifier: Apache-2.0
"""Engines as processes of their own.

They are forked, which takes milliseconds, from a parent that has everything
imported and neither threads nor connections of its own to lose.
"""

import dataclasses
import importlib
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

from flasharray_simulator import profiles
from oslo_config import cfg
from pypureclient import flasharray

from aegis.common import faults
from aegis.db import session
from aegis.engine import heartbeat, pool, services
from aegis.tests.matrix import hurry, interruptions

_FORK = multiprocessing.get_context('fork')
BINARY = 'aegis-engine'
_ARRAY_FAMILIES = (
    'ArrayConnectionsApi',
    'ArraysApi',
    'ProtectionGroupSnapshotsApi',
    'ProtectionGroupsApi',
    'VolumeSnapshotsApi',
    'VolumesApi',
)


def _import_lazy_modules() -> None:
    """Import what libraries leave for when it is used.

    That takes longer than a whole run, and each forked engine would do it
    again.
    """
    importlib.import_module('taskflow.engines.action_engine.engine')
    package = (
        f'pypureclient.flasharray.FA_{profiles.DEFAULT.replace(".", "_")}'
    )
    importlib.import_module(f'{package}.client')
    # Models are those of the newest version, whatever an array has.
    _ = flasharray.Reference
    families = importlib.import_module(f'{package}.api')
    for name in _ARRAY_FAMILIES:
        getattr(families, name)


_import_lazy_modules()


class EngineProcess:
    """The lanes and leases of an engine, without bus and probes.

    :param owner: its name among engines.
    :param hook: what happens at the points of steps.
    :param speed: how many times faster than in life it waits.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        owner: str,
        hook: faults.Hook | None = None,
        speed: float = 1.0,
    ) -> None:
        self._commands: connection.Connection
        self._commands, theirs = _FORK.Pipe()
        self._process = _FORK.Process(
            target=_serve,
            args=(conf, owner, hook, speed, theirs),
            daemon=True,
        )
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def stopped(self) -> bool:
        """Whether a signal has stopped it, so that it can be continued."""
        try:
            with open(f'/proc/{self._process.pid}/stat') as stat:
                return stat.read().rpartition(')')[2].split()[0] == 'T'
        except FileNotFoundError:
            return False

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid or 0, number)

    def kill(self) -> None:
        """``kill -9``; returns when it is dead. Idempotent."""
        self._process.kill()
        self._process.join()

    def running(self) -> int:
        """How many lanes it runs."""
        return int(self._ask('running'))

    def stop(self) -> list[interruptions.Point]:
        """End it as an operator would; the points that it passed."""
        passed: list[interruptions.Point] = self._ask('stop')
        self._process.join()
        return passed

    def _ask(self, command: str) -> Any:
        self._commands.send(command)
        return self._commands.recv()


def _serve(
    conf: cfg.ConfigOpts,
    owner: str,
    hook: faults.Hook | None,
    speed: float,
    commands: connection.Connection,
) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    session.dispose()
    session.configure(conf)
    recorder = interruptions.Recorder()
    faults.install(interruptions.Several(recorder, *([hook] if hook else ())))
    built = dataclasses.replace(
        services.build(conf), waiter=hurry.HurriedWaiter(speed)
    )
    lanes = pool.LanePool(built, owner)
    beats = heartbeat.Heartbeat(conf, owner, BINARY, 'matrix', built.leases)
    beats.start()
    lanes.start()
    while True:
        match commands.recv():
            case 'running':
                commands.send(lanes.running)
            case 'stop':
                lanes.stop(conf.engine.shutdown_timeout)
                beats.stop()
                built.storage.close()
                commands.send(recorder.points)
                os._exit(0)


def in_child(conf: cfg.ConfigOpts, function: Callable[[], Any]) -> Any:
    """Call a function in a child, with a database session; its answer.

    What it opens, threads and connections, dies with the child.

    :raises AssertionError: with its traceback, when it raises.
    """
    receiving, sending = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_call, args=(conf, function, sending))
    child.start()
    sending.close()
    try:
        succeeded, answer = receiving.recv()
    except EOFError:
        succeeded, answer = False, 'the child died'
    child.join()
    if not succeeded:
        raise AssertionError(answer)
    return answer


def _call(
    conf: cfg.ConfigOpts,
    function: Callable[[], Any],
    sending: connection.Connection,
) -> None:
    session.dispose()
    session.configure(conf)
    try:
        sending.send((True, function()))
    except BaseException:
        sending.send((False, traceback.format_exc()))
    sending.close()
    os._exit(0)
