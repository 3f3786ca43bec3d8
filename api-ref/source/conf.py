# SPDX-License-Identifier: Apache-2.0
"""The API reference, built by Sphinx."""

project = 'Aegis API Reference'
copyright = 'Aegis contributors'

extensions = ['openstackdocstheme', 'os_api_ref']

root_doc = 'index'
exclude_patterns = ['samples']

html_theme = 'openstackdocs'
html_theme_options = {'sidebar_mode': 'toc'}
openstackdocs_auto_name = False
openstackdocs_auto_version = False
version = release = '1.0'
pygments_style = 'native'
