# SPDX-License-Identifier: Apache-2.0
"""A site's context in a temporary directory, with nothing running."""

import pathlib
import tempfile
import unittest

from sites import (
    context,
    layout,
    mariadb,
    passwords,
    plan,
    rabbitmq,
    virtualenv,
)

SHIPPED = (
    'nova/api-paste.ini',
    'neutron/api-paste.ini',
    'cinder/api-paste.ini',
    'cinder/resource_filters.json',
    'glance/glance-api-paste.ini',
)


def temporary_directory(test: unittest.TestCase) -> pathlib.Path:
    """Return a directory that goes away after the test."""
    temporary = tempfile.TemporaryDirectory()
    test.addCleanup(temporary.cleanup)
    return pathlib.Path(temporary.name)


def make_context(
    test: unittest.TestCase, site: plan.Site = plan.EAST
) -> context.Context:
    """Return a context whose environment holds empty shipped files."""
    root = temporary_directory(test)
    paths = layout.Layout(root)
    paths.create()
    secrets = passwords.Passwords(b'seed of the tests')
    environment = virtualenv.Environment(root / 'venv')
    for relative in SHIPPED:
        path = environment.settings / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return context.Context(
        site,
        paths,
        secrets,
        mariadb.Server(paths, secrets),
        rabbitmq.Broker(paths, secrets),
        environment,
    )
