# SPDX-License-Identifier: Apache-2.0
"""Tell when a site is ready: what its services say, not that they run."""

import datetime
import http.client
from dataclasses import dataclass

from sites import arrays, context, plan, processes, rest

APIS = ('keystone', 'placement', 'glance', 'nova', 'neutron', 'cinder')


@dataclass(frozen=True)
class Expectation:
    """Programs that report to an API's list of services.

    ``key``: the member of the answer that lists them. ``hosts``: how many
    must report for each program.
    """

    service: str
    programs: tuple[str, ...]
    counts: tuple[int, ...]


REPORTS = (
    Expectation(
        'compute',
        ('nova-conductor', 'nova-scheduler', 'nova-compute'),
        (1, 1, 1),
    ),
    Expectation(
        'block-storage',
        ('cinder-scheduler', 'cinder-volume'),
        (1, len(plan.BACKENDS)),
    ),
)


def api_answers(here: context.Context, service: str) -> bool:
    """Tell whether an API answers at its root."""
    return rest.answers(here.site.url(service) + '/')


def networks_are_listed(here: context.Context) -> bool:
    """Tell whether Neutron has answered one caller who was alone.

    It loads its access rules with the first request that needs them. A
    second one that comes meanwhile is judged by half of them and sees
    fewer networks than there are.
    """
    try:
        cloud = rest.log_in(here.administrator())
        cloud.list('network', '/v2.0/networks', 'networks')
    except (rest.RequestFailed, OSError, http.client.HTTPException):
        return False
    return True


def reports(
    here: context.Context,
    supervisor: processes.Supervisor,
    expectation: Expectation,
    since: float = 0.0,
) -> bool:
    """Tell whether all programs have reported since they were started.

    With ``since`` (seconds since the epoch): and since that moment.
    """
    found = _ask(here, expectation.service, '/os-services', 'services')
    return all(
        _fresh(
            found, program, since, supervisor.record(here.site.name, program)
        )
        >= count
        for program, count in zip(
            expectation.programs, expectation.counts, strict=True
        )
    )


def pools_are_known(here: context.Context) -> bool:
    """Tell whether Cinder's scheduler has heard of every backend."""
    found = _ask(here, 'block-storage', '/scheduler-stats/get_pools', 'pools')
    return len(found) == len(plan.BACKENDS)


def is_ready(
    here: context.Context, supervisor: processes.Supervisor, since: float = 0.0
) -> bool:
    """Tell whether everything of a site answers and has reported."""
    return (
        arrays.is_ready(here)
        and all(api_answers(here, service) for service in APIS)
        and all(
            reports(here, supervisor, expectation, since)
            for expectation in REPORTS
        )
        and pools_are_known(here)
    )


def _fresh(
    services: list[rest.Body],
    program: str,
    since: float,
    record: processes.Record | None,
) -> int:
    if record is None:
        return 0
    # The services' own times are whole seconds.
    since = int(max(since, processes.started_at(record)))
    return sum(
        1
        for service in services
        if service['binary'] == program
        and service['state'] == 'up'
        and service['updated_at'] is not None
        and _epoch(service['updated_at']) >= since
    )


def _ask(
    here: context.Context, service: str, path: str, key: str
) -> list[rest.Body]:
    """Return an answer's list; while the site is not up yet: nothing."""
    try:
        cloud = rest.log_in(here.administrator())
        return cloud.list(service, path, key)
    except (rest.RequestFailed, OSError, http.client.HTTPException):
        return []


def _epoch(text: str) -> float:
    moment = datetime.datetime.fromisoformat(text.rstrip('Z'))
    return moment.replace(tzinfo=datetime.UTC).timestamp()
