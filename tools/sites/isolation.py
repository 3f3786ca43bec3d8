# SPDX-License-Identifier: Apache-2.0
"""The disaster: everything of a site stops answering, and answers again.

The processes are frozen, not ended: Nova's fake hypervisor forgets its
servers when its process ends. The array refuses every call and every
byte of replication, but its side door stays open for the tests.
"""

from sites import arrays, context, processes


def is_isolated(here: context.Context) -> bool:
    """Tell whether the site was isolated and not restored."""
    return here.paths.isolation_mark(here.site.name).exists()


def isolate(here: context.Context, supervisor: processes.Supervisor) -> None:
    """Cut a site off. Idempotent."""
    here.paths.isolation_mark(here.site.name).touch()
    arrays.set_power(here, False)
    supervisor.freeze(_control_plane(here, supervisor))


def restore(here: context.Context, supervisor: processes.Supervisor) -> None:
    """Let a site go on where it was. Idempotent."""
    arrays.set_power(here, True)
    supervisor.thaw(_control_plane(here, supervisor))
    here.paths.isolation_mark(here.site.name).unlink(missing_ok=True)


def _control_plane(
    here: context.Context,
    supervisor: processes.Supervisor,
) -> list[processes.Record]:
    return [
        record
        for record in supervisor.all(here.site.name)
        if record.name != arrays.NAME
    ]
