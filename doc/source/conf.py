# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the guides."""

import pathlib
import sys

from oslo_service import backend

# Their options are listed below; the other backend is not for us.
backend.init_backend(backend.BackendType.THREADING)

sys.path.insert(0, str(pathlib.Path(__file__).parent / '_ext'))

project = 'Aegis'
copyright = 'Aegis contributors'
extensions = [
    'openstackdocstheme',
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
    'oslo_policy.sphinxpolicygen',
    'error_codes',
    'state_machines',
]
config_generator_config_file = [
    ('../../etc/aegis/config-generator.conf', '_static/aegis'),
]
policy_generator_config_file = [
    ('../../etc/aegis/policy-generator.conf', '_static/aegis'),
]
sample_config_basename = '_static/aegis'

html_theme = 'openstackdocs'
openstackdocs_repo_name = 'aegis'
openstackdocs_auto_name = False
openstackdocs_auto_version = False
version = ''
release = ''
exclude_patterns = ['_ext']
pygments_style = 'native'
