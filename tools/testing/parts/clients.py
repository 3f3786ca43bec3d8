# SPDX-License-Identifier: Apache-2.0
"""Programs that people use with real arrays, unmodified, on the simulator."""

import os

from sites import layout, virtualenv
from testing import ansible, results
from testing.parts import suites
from testing.session import Session

ANSIBLE = suites.Suite(
    'clients: Ansible modules on the simulator',
    'simulators/flasharray',
    'tests',
    300,
    choice=(suites.SIMULATOR_ANSIBLE,),
)

# Directories of tests/cinder of the simulator.
CINDER = ('drivers', 'service')


def run(session: Session) -> list[results.Result]:
    """Run Ansible's modules; run Cinder's own code where it is installed.

    :raises sites.errors.CloudsError: when one cannot be installed.
    """
    collections = ansible.ensure(session.output)
    variables = {'FLASHARRAY_ANSIBLE': str(collections.programs)}
    found = [suites.run(session, ANSIBLE, variables)]
    paths = layout.Layout.from_environment(os.environ)
    clouds = virtualenv.ensure(paths, session.output)
    return found + [_run_cinder(session, clouds, part) for part in CINDER]


def _run_cinder(
    session: Session, clouds: virtualenv.Environment, part: str
) -> results.Result:
    name = f'clients: Cinder {part} on the simulator'
    command = [clouds.program('python'), '-m', 'unittest', 'discover']
    ended = session.run(
        name,
        [*command, '-t', '.', '-s', f'tests/cinder/{part}'],
        directory=layout.SIMULATOR,
    )
    return results.of_unittest(
        name, ended.output, ended.return_code, ended.seconds
    )
