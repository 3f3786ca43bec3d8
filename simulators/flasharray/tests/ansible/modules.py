# SPDX-License-Identifier: Apache-2.0
"""Calls modules of the collection in the environment that has Ansible."""

import json
import os
import subprocess
import unittest
from pathlib import Path
from typing import Any

from tests.support import ArrayProcess

# The bin directory of the environment that has Ansible and the collection.
PROGRAMS = os.environ.get('FLASHARRAY_ANSIBLE', '')
needed = unittest.skipUnless(PROGRAMS, 'FLASHARRAY_ANSIBLE is not set')
_WORKER = Path(__file__).with_name('worker.py')


class Modules:
    """One worker, which runs modules against any array."""

    def __init__(self, version: str) -> None:
        self._process = subprocess.Popen(
            [f'{PROGRAMS}/python', '-W', 'ignore', str(_WORKER), version],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self, array: ArrayProcess, module: str, **arguments: Any
    ) -> dict[str, Any]:
        """Run ``purefa_<module>``; return its result, good or bad."""
        request = {
            'module': f'purefa_{module}',
            'arguments': {
                'fa_url': array.target,
                'api_token': array.token,
                'disable_warnings': True,
                **arguments,
            },
        }
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + '\n')
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError('the worker ended')
        found: dict[str, Any] = json.loads(line)
        return found
