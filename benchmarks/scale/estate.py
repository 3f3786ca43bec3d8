# SPDX-License-Identifier: Apache-2.0
"""Two emulated sites on two simulated arrays, all processes of their own."""

import contextlib
import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flasharray_simulator import testing
from pypureclient import flasharray

from aegis.tests.fixtures import emulator
from aegis.tests.fixtures.emulator import descriptions
from benchmarks import processes

PROTECTED = 'east'
RECOVERY = 'west'
VOLUMES_EACH = 2
_STARTING_SECONDS = 60.0
_REPLICATING_SECONDS = 600.0


@dataclasses.dataclass(frozen=True)
class Load:
    """So many servers of a project of their own, at both sites.

    group is the protection group of their volumes.
    """

    members: int
    project: str
    group: str


def load(members: int, number: int) -> Load:
    return Load(members, f'{number:032x}', f'group-{number}')


class Estate:
    """The world that Aegis is set into."""

    def __init__(
        self,
        arrays: testing.RunningArrays,
        sites: Mapping[str, Mapping[str, Any]],
        door: emulator.Door,
        process: processes.Running,
    ) -> None:
        self._arrays = arrays
        self._sites = sites
        self.door = door
        self.process = process

    def sections(self) -> dict[str, dict[str, Any]]:
        """What leads Aegis to it in aegis.conf."""
        found: dict[str, dict[str, Any]] = {}
        for name, site in self._sites.items():
            array = self._arrays[f'fa-{name}']
            found[f'site:{name}'] = {
                **site['aegis.conf'],
                'arrays': array.name,
            }
            found[f'array:{array.name}'] = {
                'driver': 'flasharray',
                'array_name': array.name,
                'management_address': array.target,
                'api_token': array.token,
                'ca_file': array.certificate,
            }
        return found

    def cpu(self) -> float:
        """Seconds of processor time of the sites and the arrays so far."""
        return self.process.cost().cpu + sum(
            processes.cost_of(array.process.pid).cpu
            for array in self._arrays
            if array.process is not None
        )

    def populate(self, wanted: Load) -> list[str]:
        """Make the servers and a replicated recovery point; their ids."""
        east, west = (self._arrays[name].client() for name in testing.PAIR)
        east.post_protection_groups(names=[wanted.group])
        made = self.door.populate(
            PROTECTED,
            project_id=wanted.project,
            servers=wanted.members,
            volumes=VOLUMES_EACH,
            group=wanted.group,
        )
        east.post_protection_groups_targets(
            group_names=[wanted.group], member_names=['fa-west']
        )
        there = f'fa-east:{wanted.group}'
        allow = flasharray.TargetProtectionGroupPostPatch(allowed=True)
        _until(
            lambda: (
                west.patch_protection_groups_targets(
                    group_names=[there], target=allow
                ).status_code
                == 200
            ),
            'the group at its target',
        )
        _until(
            lambda: all(
                target.allowed
                for target in east.get_protection_groups_targets(
                    group_names=[wanted.group]
                ).items
            ),
            'the source to hear that it may replicate',
        )
        east.post_protection_group_snapshots(
            source_names=[wanted.group], replicate_now=True
        )
        _until(
            lambda: bool(
                list(
                    west.get_protection_group_snapshots_transfer(
                        names=[there], filter='progress="1.0"'
                    ).items
                )
            ),
            'a recovery point',
        )
        return list(made['servers'].values())

    def lose(self, latency: float) -> None:
        """Take the protected site away; let the other one take its time."""
        self.door.set_down(PROTECTED)
        self._arrays['fa-east'].door.set_management(False)
        self.door.set_latency(RECOVERY, latency)
        self.door.clear_calls(RECOVERY)
        self._arrays['fa-west'].door.clear_call_log()

    def bring_back(self) -> None:
        """Undo :meth:`lose`."""
        self.door.set_up(PROTECTED)
        self._arrays['fa-east'].door.set_management(True)
        self.door.set_latency(RECOVERY, 0.0)

    def calls(self) -> list[dict[str, Any]]:
        """The calls to the recovery site since it was lost."""
        return self.door.calls(RECOVERY)

    def array_calls(self) -> list[dict[str, Any]]:
        """Those of Aegis, not of Cinder, to its array."""
        return [
            call
            for call in self._arrays['fa-west'].door.call_log()
            if 'aegis' in call['user_agent']
        ]


@contextlib.contextmanager
def estate(loads: list[Load], directory: Path) -> Iterator[Estate]:
    """Start it, with a project for each load."""
    with contextlib.ExitStack() as stack:
        (directory / 'arrays').mkdir()
        arrays = stack.enter_context(
            testing.RunningArrays(root=directory / 'arrays')
        )
        described = directory / 'sites.json'
        described.write_text(
            json.dumps(
                [
                    descriptions.to_document(
                        _described(name, arrays[f'fa-{name}'], loads)
                    )
                    for name in (PROTECTED, RECOVERY)
                ]
            )
        )
        ready = directory / 'ready.json'
        process = stack.enter_context(
            processes.running(
                [
                    sys.executable,
                    '-m',
                    'aegis.tests.fixtures.emulator',
                    *('--describe', str(described), '--ready', str(ready)),
                ],
                directory / 'emulator.log',
            )
        )

        def is_ready() -> bool:
            process.require()
            return ready.exists()

        processes.until(is_ready, 'the emulator', _STARTING_SECONDS)
        summary = json.loads(ready.read_text())
        door = emulator.Door(summary['control'])
        stack.callback(door.close)
        yield Estate(arrays, summary['sites'], door, process)


def _described(
    name: str, array: testing.ArrayProcess, loads: list[Load]
) -> emulator.Site:
    (usual,) = emulator.describe(name)
    return dataclasses.replace(
        usual,
        array=emulator.Array(
            array.name,
            'flasharray',
            array.target,
            array.token,
            array.certificate,
        ),
        projects=tuple(
            emulator.Project(each.group, id=each.project) for each in loads
        ),
    )


def _until(look: Any, what: str) -> None:
    processes.until(look, what, _REPLICATING_SECONDS)
