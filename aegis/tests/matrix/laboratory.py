# SPDX-License-Identifier: Apache-2.0
"""A world, a database with a protected group, and the way to runs in it."""

import collections
import dataclasses
import pathlib
import tempfile
from typing import Any

from oslo_config import cfg

from aegis import conf as aegis_conf
from aegis import models
from aegis.common import context as aegis_context
from aegis.conf import sites
from aegis.db import groups, lanes, migration, operations, session, steps
from aegis.engine import membership, services
from aegis.flows import registry
from aegis.tests.fixtures import arrays, toy
from aegis.tests.fixtures.emulator import emulator
from aegis.tests.matrix import (
    arrangement,
    cases,
    ends,
    engines,
    faultcases,
    landscape,
    verdict,
    world,
)

_HASTE = (
    ('engine', 'lease_seconds', 2.0),
    ('engine', 'scan_interval', 0.2),
    ('engine', 'poll_interval', 2.0),
    ('engine', 'heartbeat_interval', 0.2),
    ('database', 'sqlite_synchronous', False),
)


@dataclasses.dataclass(frozen=True)
class Pace:
    """How fast things are in a laboratory.

    :param silence: seconds of silence of a site or an array that are borne.
    :param options: what else is set: group, name, value.
    """

    silence: float
    options: tuple[tuple[str, str, Any], ...]


CRASHES = Pace(silence=5.0, options=_HASTE)
# Waits are shortened by the waiter, limits here: see hurry.
FAULTS = Pace(
    silence=2.0,
    options=(
        *_HASTE,
        ('engine', 'lease_seconds', 10.0),
        ('failover', 'recovery_timeout', 60),
        ('failover', 'manage_timeout', 20),
        ('failover', 'server_timeout', 20),
        ('failover', 'removal_timeout', 6),
        ('failover', 'fence_timeout', 8),
    ),
)
SEQUENCES = Pace(
    silence=1.0,
    options=(
        *FAULTS.options,
        ('engine', 'lease_seconds', 3.0),
        ('failover', 'recovery_timeout', 20),
        ('failover', 'manage_timeout', 8),
        ('failover', 'server_timeout', 8),
        ('failover', 'removal_timeout', 4),
        ('failover', 'fence_timeout', 4),
    ),
)
_CONNECT_SECONDS = 2
# So that runs of one kind list all, and runs of the other ask for their own.
_LONG_LISTS = {cases.World.ALIVE: 500, cases.World.DARK: 1}
# A busy array is asked again once.
_BUSY_SECONDS = 0.6


class RealLaboratory:
    """The laboratory of both matrices.

    See :class:`~aegis.tests.matrix.crash.Laboratory` and
    :class:`~aegis.tests.matrix.faults.Laboratory`.

    It belongs to a thread of a process that has no other.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._directory = tempfile.TemporaryDirectory(prefix='aegis-matrix-')
        self.directory = pathlib.Path(self._directory.name)
        self._database = self.directory / 'aegis.sqlite'
        self._protected = self._database.with_suffix('.protected')
        self.world = world.WorldProcess()
        self.conf = self._configuration()
        migration.sync()
        self.group_id: str = engines.in_child(self.conf, self._protect)
        session.dispose()
        self._protected.write_bytes(self._database.read_bytes())
        self._hanging: str | None = None
        self._group_before = ''

    def close(self) -> None:
        """End the world."""
        session.dispose()
        self.world.close()
        self._directory.cleanup()

    def _configuration(self) -> cfg.ConfigOpts:
        conf = cfg.ConfigOpts()
        aegis_conf.set_defaults(conf)
        aegis_conf.register_opts(conf)
        conf(
            [],
            project='aegis',
            default_config_files=[],
            default_config_dirs=[],
        )
        conf.set_override('sites', [world.PROTECTED, world.RECOVERY])
        conf.set_override('local_site', world.RECOVERY)
        conf.set_override('host', 'matrix')
        aegis_conf.register_dynamic_opts(conf)
        sections: world.Sections = self.world.call('sections')
        for name, section in sections.sites.items():
            emulator.configure(
                conf,
                name,
                {
                    **section,
                    'arrays': [f'fa-{name}'],
                    'connect_timeout': _CONNECT_SECONDS,
                    'read_timeout': self._pace.silence,
                    'probe_timeout': self._pace.silence,
                    'watch_interval': 0.05,
                },
            )
        for label, section in sections.arrays.items():
            arrays.configure(
                conf,
                label,
                {
                    **section,
                    'read_timeout': self._pace.silence,
                    'busy_timeout': _BUSY_SECONDS,
                },
            )
        for group, name, value in self._pace.options:
            conf.set_override(name, value, group=group)
        conf.set_override(
            'connection', f'sqlite:///{self._database}', group='database'
        )
        session.configure(conf)
        return conf

    def _protect(self) -> str:
        built = services.build(self.conf)
        context = aegis_context.RequestContext(
            project_id=world.PROJECT,
            user_id='9' * 32,
            roles=['member', 'reader'],
            overwrite=False,
        )
        group = groups.create_group(
            context,
            name='ledger',
            protected_site=world.PROTECTED,
            recovery_site=world.RECOVERY,
            protected_project_id=world.PROJECT,
        )
        for name in world.SERVERS:
            membership.add_member(
                built,
                context,
                groups.get_group(context, group.id),
                name,
                1,
            )
        built.storage.close()
        return group.id

    @property
    def database(self) -> list[pathlib.Path]:
        """All files of the database."""
        return [
            self._database,
            *self._database.parent.glob(f'{self._database.name}-*'),
        ]

    def restore(self) -> None:
        """Put everything back; no engine may run."""
        session.dispose()
        for path in self.database[1:]:
            path.unlink()
        self._database.write_bytes(self._protected.read_bytes())
        session.configure(self.conf)
        self.world.call('restore')

    def begin(self, run: cases.Run) -> models.Operation:
        self.restore()
        for flow in arrangement.path(run.flow, registry.registered()):
            self._arrange(flow)
        self.world.call('begin', run.world)
        self.conf.set_override(
            'long_list',
            _LONG_LISTS[run.world],
            sites.group_name(world.RECOVERY),
        )
        self._group_before = self._group()
        return self._create(run.flow)

    def _arrange(self, flow: models.OperationType) -> None:
        """Run an operation that has to come before."""
        operation = self._create(flow)
        engine = engines.EngineProcess(self.conf, 'arrangement')
        toy.wait_until(
            lambda: (
                operations.get_operation(self.context(), operation.id).state
                is models.OperationState.SUCCEEDED
            ),
            f'{flow}, which has to come before',
        )
        engine.stop()

    def _create(self, flow: models.OperationType) -> models.Operation:
        return operations.create_operation(
            self.context(), self.group_id, flow, {}
        )

    def calls(self) -> list[cases.Call]:
        counted: collections.Counter[tuple[str, str]] = collections.Counter()
        found = []
        for place, name in self.world.call('calls'):
            if name:
                found.append(cases.Call(place, name, counted[place, name]))
                counted[place, name] += 1
        return found

    def hang(self, call: cases.Call) -> None:
        self._hanging = call.place
        self.world.call('hang', call.place, call.name, call.number)

    def hangs(self) -> bool:
        return bool(self._hanging and self.world.call('hangs', self._hanging))

    def release(self) -> None:
        self._hanging = None
        self.world.call('release')

    def end(self, operation: models.Operation) -> ends.End:
        context = self.context()
        return ends.End(
            ends.states(
                operations.get_operation(context, operation.id),
                lanes.list_lanes(context, operation.id),
                groups.get_group(context, self.group_id),
            ),
            ends.count(self.world.call('things', operation.id)),
        )

    @property
    def protected(self) -> frozenset[str]:
        """The places that may be lost."""
        return frozenset({world.PROTECTED, f'fa-{world.PROTECTED}'})

    def requests(self) -> list[faultcases.Request]:
        found: list[faultcases.Request] = self.world.call('requests')
        return found

    def spoil(self, case: faultcases.FaultCase) -> None:
        self.spoil_call(case.request, case.effect, case.times)

    def spoil_call(
        self,
        request: faultcases.Request,
        effect: faultcases.Effect,
        times: faultcases.Times,
    ) -> None:
        """Have a call fail from now on."""
        self.world.call(
            'spoil', request, effect, times.number, self._pace.silence
        )

    def forget_calls(self) -> None:
        self.world.call('forget_calls')

    def landscape(self, operation: models.Operation) -> landscape.Landscape:
        return landscape.Landscape(
            tuple(self.world.call('standings', operation.id))
        )

    def group_before(self) -> str:
        return self._group_before

    def _group(self) -> str:
        return str(groups.get_group(self.context(), self.group_id).state)

    def ended(self, operation: models.Operation) -> verdict.Ended:
        context = self.context()
        found = operations.get_operation(context, operation.id)
        listed = lanes.list_lanes(context, operation.id)
        owners = {each.id: (each.member_id or '')[:8] for each in listed}
        return verdict.Ended(
            state=found.state,
            states=ends.states(
                found,
                listed,
                groups.get_group(context, self.group_id),
            ),
            lanes=listed,
            debts=tuple(
                verdict.Debt(owners[step.lane_id], leftover)
                for step in steps.list_steps(context, operation.id)
                for leftover in step.leftovers
            ),
            report=found.report,
            landscape=self.landscape(operation),
        )

    def context(self) -> Any:
        return aegis_context.RequestContext(
            is_admin=True,
            project_id=world.PROJECT,
            user_id='9' * 32,
            overwrite=False,
        )
