# SPDX-License-Identifier: Apache-2.0
"""What an engine does every so often, beside running lanes."""

import threading
from collections.abc import Callable
from typing import Any

import futurist
from futurist import periodics

from aegis.engine import probes, services

_Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Periodic:
    """Looks at each site and each array, each in a thread of its own.

    One that does not answer for a while holds up its own next look and
    nothing else. (Signs of life and the scan for lanes have threads of
    their own: :mod:`~aegis.engine.heartbeat`, :mod:`~aegis.engine.pool`.)
    """

    def __init__(self, engine_services: services.Services) -> None:
        calls = [
            *(
                _regularly(engine_services, probes.probe_site, site)
                for site in engine_services.conf.sites
            ),
            *(
                _regularly(engine_services, probes.probe_array, {}, label)
                for label in engine_services.storage.labels()
            ),
        ]
        threads = max(1, len(calls))
        self._worker = periodics.PeriodicWorker(
            calls,
            executor_factory=lambda: futurist.ThreadPoolExecutor(
                max_workers=threads
            ),
        )
        self._thread = threading.Thread(
            target=self._worker.start,
            kwargs={'allow_empty': True},
            name='aegis-periodic',
            daemon=True,
        )

    @property
    def alive(self) -> bool:
        """Whether a look may still be going on."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin, with a first look at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; does not wait for what does not answer."""
        self._worker.stop()


def _regularly(
    engine_services: services.Services,
    look: Callable[..., Any],
    *arguments: Any,
) -> _Call:
    """A look every ``[engine] probe_interval`` seconds, the first at once."""
    periodically = periodics.periodic(
        engine_services.conf.engine.probe_interval, run_immediately=True
    )
    return periodically(look), (engine_services, *arguments), {}
