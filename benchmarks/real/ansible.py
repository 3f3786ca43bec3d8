# SPDX-License-Identifier: Apache-2.0
"""The way it is done without Aegis: playbooks of an operator.

They use the collections as a user gets them, and everything that the
operator can know in advance stands in the inventory: the names of the
volumes, where Cinder keeps them, and which recovery point to take.
"""

import base64
import json
import pathlib
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from typing import Any

from benchmarks.real import bare, calls, rig
from scenario import blueprint, build, clouds, data
from sites import commands
from testing import ansible

PLAYBOOKS = pathlib.Path(__file__).parent / 'playbooks'
FORKS = 10


class PlaybookFailed(Exception):
    """A playbook did not end well."""


class Ansible:
    """Playbooks, with some number of forks."""

    def __init__(self, running: rig.Rig, playbook: str, forks: int) -> None:
        self._rig = running
        self._playbook = playbook
        self._forks = forks
        self._source: rig.Source
        self._pool = ''
        self._programs = ansible.ensure(running.output).path / 'bin'

    @property
    def name(self) -> str:
        return f'ansible-{self._playbook.replace("_", "-")}'

    @property
    def title(self) -> str:
        if self._forks == 1:
            return 'playbook, in a row'
        return f'playbook, {self._forks} forks'

    def prepare(self, shares: Sequence[rig.Share]) -> None:
        """Note where Cinder takes volumes over."""
        cloud, _ = calls.connect(self._rig)
        self._pool = bare.volume_pool(cloud)

    def learn(self, source: rig.Source) -> None:
        self._source = source

    def fail_over(self, share: rig.Share) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as directory:
            inventory = pathlib.Path(directory) / 'inventory.json'
            inventory.touch(mode=0o600)
            inventory.write_text(json.dumps(self._inventory(share)))
            self._run(inventory)
        return {}

    def _run(self, inventory: pathlib.Path) -> None:
        west = self._rig.sites.west
        ended = subprocess.run(
            [
                str(self._programs / 'ansible-playbook'),
                '--inventory',
                str(inventory),
                '--forks',
                str(self._forks),
                str(PLAYBOOKS / f'{self._playbook}.yaml'),
            ],
            env=commands.clean_environment(
                inventory.parent,
                {
                    **clouds.environment(west, self._rig.account),
                    'ANSIBLE_CONFIG': str(PLAYBOOKS / 'ansible.cfg'),
                    'PUREFA_URL': west.array.management,
                    'PUREFA_API': west.array.api_token,
                },
                self._programs,
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise PlaybookFailed(commands.tail(ended.stdout))

    def _inventory(self, share: rig.Share) -> dict[str, Any]:
        run = uuid.uuid4().hex[:8]
        plan = self._source.application.plan
        (network,) = plan.networks
        group, _, point = self._source.recovery_point.rpartition('.')
        return {
            'all': {
                'vars': {
                    'ansible_python_interpreter': str(
                        self._programs / 'python'
                    ),
                    'protection_group': group,
                    'recovery_point': point,
                    'volume_pool': self._pool,
                    'network': {
                        'name': network.name,
                        'cidr': network.cidr,
                        'gateway': network.gateway,
                        'dns_nameservers': ['198.51.100.53'],
                    },
                    'router': plan.router,
                    'external_network': self._rig.sites.west.public_network,
                    'keypair': {
                        'name': plan.keypair,
                        'public_key': build.public_key(),
                    },
                    'image_metadata': build.IMAGE_METADATA,
                    'user_data': base64.b64decode(build.USER_DATA).decode(),
                },
                'children': {
                    'servers': {
                        'hosts': {
                            server.plan.name: _host(server, run)
                            for server in share.servers
                        }
                    }
                },
            }
        }


def _host(server: build.BuiltServer, run: str) -> dict[str, Any]:
    (interface,) = server.plan.interfaces
    return {
        'flavor': server.plan.flavor,
        'port': {
            'name': f'{server.plan.name}-{interface.network}',
            'mac_address': interface.mac_address,
            'ip_address': interface.address,
        },
        'volumes': [_volume(volume, run) for volume in server.volumes],
    }


def _volume(volume: build.BuiltVolume, run: str) -> dict[str, Any]:
    wanted: blueprint.VolumePlan = volume.plan
    return {
        'name': wanted.name,
        'description': f'Disk {wanted.name}',
        'array_volume': data.array_volume(volume),
        'clone': f'dr-{run}-{wanted.name}',
        'volume_type': wanted.volume_type,
        'bootable': wanted.bootable,
    }
