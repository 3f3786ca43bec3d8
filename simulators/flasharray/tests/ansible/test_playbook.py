# SPDX-License-Identifier: Apache-2.0
"""A playbook as users run it, with ansible-playbook."""

import json
import subprocess

from tests import support
from tests.ansible import modules

_ARRAY = {
    'fa_url': '{{ array.url }}',
    'api_token': '{{ array.token }}',
    'disable_warnings': True,
}
_COLLECTION = 'purestorage.flasharray.purefa_'


def _task(module: str, **arguments: object) -> dict[str, object]:
    return {
        'name': module,
        f'{_COLLECTION}{module}': {**_ARRAY, **arguments},
    }


PLAYBOOK = [
    {
        'hosts': 'localhost',
        'gather_facts': False,
        'tasks': [
            _task('volume', name='data', size='1G'),
            _task('pg', name='group', volume=['data']),
            _task('pgsnap', name='group', suffix='one'),
            {
                **_task('info', gather_subset=['snapshots']),
                'register': 'found',
            },
            {
                'name': 'choose',
                'ansible.builtin.set_fact': {
                    'newest': "{{ (found.purefa_info.snapshots | dict2items"
                    " | selectattr('value.source', 'equalto', 'data')"
                    " | sort(attribute='value.created_epoch') | last).key }}"
                },
            },
            _task(
                'snap',
                name="{{ newest.split('.')[:2] | join('.') }}",
                suffix="{{ newest.split('.')[2] }}",
                target='restored-from-data',
                state='copy',
            ),
        ],
    }
]


@modules.needed
class PlaybookTest(support.OneArrayCase):
    def test_a_playbook_copies_the_newest_snapshot(self) -> None:
        changed = self.play()
        self.assertEqual(4, changed)
        (volume,) = self.client.get_volumes(names=['restored-from-data']).items
        self.assertEqual(support.GIB, volume.provisioned)
        self.assertEqual(0, self.play())

    def play(self) -> int:
        """Run the playbook; return how many tasks changed something."""
        path = self.enterContext(support.directory())
        book = path / 'book.yml'
        book.write_text(json.dumps(PLAYBOOK))
        array = {'url': self.array.target, 'token': self.array.token}
        ended = subprocess.run(
            [
                f'{modules.PROGRAMS}/ansible-playbook',
                '--inventory=localhost,',
                '--connection=local',
                f'--extra-vars={json.dumps({"array": array})}',
                str(book),
            ],
            env={
                'PATH': f'{modules.PROGRAMS}:/usr/bin:/bin',
                'HOME': str(path),
                'LC_ALL': 'C.UTF-8',
                'ANSIBLE_PYTHON_INTERPRETER': f'{modules.PROGRAMS}/python',
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(0, ended.returncode, ended.stdout + ended.stderr)
        return int(ended.stdout.partition('changed=')[2].split()[0])
