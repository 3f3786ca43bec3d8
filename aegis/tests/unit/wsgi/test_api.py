# SPDX-License-Identifier: Apache-2.0
"""The WSGI module, in a process of its own as a server would load it."""

import json
import os
import pathlib
import subprocess
import sys

import fixtures
import oslo_service.backend

from aegis.tests import base

_PROGRAM = """
import json, sys, threading, webob
sys.argv = ['server', '--an-option-of-the-server']
from aegis.wsgi import api
from oslo_service import backend
response = webob.Request.blank('/v1').get_response(api.application)
print(json.dumps({
    'status': response.status_int,
    'backend': str(backend.get_backend_type()),
    'patched': threading.Thread.start.__module__ != 'threading',
    'local_site': api.aegis_conf.CONF.local_site,
}))
"""


class WsgiTest(base.TestCase):
    def test_the_application_is_built_from_the_named_file(self):
        directory = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(directory) / 'aegis.conf'
        path.write_text(
            '[DEFAULT]\n'
            'local_site = north\n'
            'transport_url = fake:/\n'
            '[database]\n'
            f'connection = sqlite:///{directory}/aegis.sqlite\n'
            '[keystone_authtoken]\n'
            'www_authenticate_uri = https://keystone.example.org\n'
        )
        finished = subprocess.run(
            [sys.executable, '-c', _PROGRAM],
            env={**os.environ, 'OS_AEGIS_CONFIG_FILES': str(path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(0, finished.returncode, finished.stderr)
        seen = json.loads(finished.stdout.splitlines()[-1])
        self.assertEqual(200, seen['status'])
        self.assertEqual('north', seen['local_site'])
        self.assertEqual(
            str(oslo_service.backend.BackendType.THREADING), seen['backend']
        )
        self.assertFalse(seen['patched'])
