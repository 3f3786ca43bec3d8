# SPDX-License-Identifier: Apache-2.0
"""A laboratory in which anything may be done, and what is wrong is told."""

import functools
import logging
import pathlib
from collections.abc import Iterable, Sequence

from aegis import models
from aegis.flows import registry
from aegis.tests.matrix import (
    actions,
    cases,
    crash,
    faultcases,
    interruptions,
    invariants,
    laboratory,
    residents,
)

_LOG = 'engines.log'
# A flow comes once, and once more for as many points that it passes.
_POINTS = 10


class Playground:
    """Actions, and everything that is known of what they may touch."""

    def __init__(self) -> None:
        self.room = laboratory.RealLaboratory(laboratory.SEQUENCES)
        self._log = self._keep_log()
        self.room.world.call('furnish')
        self.actions = actions.Actions(self.room)

    def _keep_log(self) -> pathlib.Path:
        """Have all that engines would log by default in a file."""
        path = self.room.directory / _LOG
        handler = logging.FileHandler(path)
        root = logging.getLogger()
        root.handlers[:] = [handler]
        root.setLevel(logging.INFO)
        for pair in self.room.conf.default_log_levels:
            name, _, level = pair.partition('=')
            logging.getLogger(name).setLevel(level)
        logging.getLogger('aegis').setLevel(logging.DEBUG)
        logging.disable(logging.NOTSET)
        return path

    def close(self) -> None:
        """End everything."""
        self.actions.end()
        self.room.close()

    @functools.cached_property
    def catalogue(self) -> 'Catalogue':
        """What clean runs of all flows pass and call, forth and back."""
        matrix = crash.CrashMatrix(self.room)
        requests: set[faultcases.Request] = set()
        points: set[interruptions.Point] = set()
        flows: list[models.OperationType] = []
        for flow in registry.registered():
            for way in (cases.Way.REVERT, cases.Way.FORWARD):
                run = cases.Run(flow, cases.World.ALIVE, way)
                clean = matrix.clean(run)
                requests.update(self.room.requests())
                if clean is not None:
                    points.update(clean.points)
                    flows += [flow] * (1 + len(clean.points) // _POINTS)
                    break
        return Catalogue(requests, points, flows)

    def begin(self) -> None:
        """Put everything back."""
        self.room.restore()
        self.room.world.call('begin', cases.World.ALIVE)
        self._starts: dict[str, residents.Census] = {}
        self._census = self._look()
        self._before = {each.key: each for each in self._census.residents}

    def check(self) -> None:
        """See that everything holds that has to now.

        :raises Wrong: with all that does not.
        """
        books = self.actions.books()
        before, self._census = self._census, self._look()
        for account in books.accounts:
            self._starts.setdefault(account.operation.id, before)
        scene = invariants.Scene(
            census=self._census,
            books=books,
            before=self._before,
            starts=self._starts,
            points=tuple(self.room.world.call('points')),
        )
        problems = list(invariants.always(scene))
        if books.active is None:
            problems += invariants.at_rest(scene)
        _require(problems)
        self._remember(scene)

    def _remember(self, scene: invariants.Scene) -> None:
        """Keep what members' things are now, in case they leave the group.

        What has come since the beginning is Aegis' own work.
        """
        for each in scene.census.residents:
            if each.key in self._before and scene.yields(each):
                self._before[each.key] = each

    def check_secrets(self) -> None:
        """See that nothing secret is in any row or log: invariant 9."""
        files = [*self.room.database, self._log]
        secrets = self._secrets()
        _require(
            f'a secret is in {path.name}'
            for path in files
            for secret in secrets
            if secret.encode() in path.read_bytes()
        )

    def _secrets(self) -> list[str]:
        sections = self.room.world.call('sections')
        return [
            *(site['password'] for site in sections.sites.values()),
            *(array['api_token'] for array in sections.arrays.values()),
            *self.room.world.call('tokens'),
        ]

    def _look(self) -> residents.Census:
        census: residents.Census = self.room.world.call('census')
        return census


class Catalogue:
    """What there is to be disturbed, in the same order each time."""

    def __init__(
        self,
        requests: Iterable[faultcases.Request],
        points: Iterable[interruptions.Point],
        flows: Sequence[models.OperationType],
    ) -> None:
        self.flows = flows
        self.requests = sorted(requests, key=str)
        self.dooms = actions.dooms(sorted(points, key=str))
        self.places = sorted({each.place for each in self.requests})


def _require(problems: Iterable[str]) -> None:
    found = list(dict.fromkeys(problems))
    if found:
        raise actions.Wrong('; '.join(found))
