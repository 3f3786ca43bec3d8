# SPDX-License-Identifier: Apache-2.0
"""One service of a site that dies alone, and comes back."""

from collections.abc import Sequence

from sites import errors, processes


def stop(
    supervisor: processes.Supervisor, group: str, names: Sequence[str]
) -> None:
    """End services at once, as a crash does.

    :param group: a site, or the group of the shared servers.
    :raises sites.errors.CloudsError: when one of them does not run; then
        nothing was ended.
    """
    running = {
        record.name: record
        for record in supervisor.all(group)
        if supervisor.state(record) != processes.STOPPED
    }
    for name in names:
        if name not in running:
            raise errors.CloudsError(
                f'{name} does not run at {group}; there runs: '
                f'{", ".join(running) or "nothing"}'
            )
    supervisor.end([running[name] for name in names], patience=0)
