# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the release notes."""

project = 'Aegis Release Notes'
copyright = 'Aegis contributors'
extensions = ['openstackdocstheme', 'reno.sphinxext']
html_theme = 'openstackdocs'
openstackdocs_repo_name = 'aegis'
openstackdocs_auto_name = False
openstackdocs_auto_version = False
version = ''
release = ''
