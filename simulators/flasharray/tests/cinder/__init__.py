# SPDX-License-Identifier: Apache-2.0
"""Cinder's own, unmodified Pure drivers against simulated arrays."""

import importlib.util
import os
import unittest

if importlib.util.find_spec('cinder') is None:
    raise unittest.SkipTest('cinder is not installed here')

os.environ.setdefault('OS_CINDER_DISABLE_EVENTLET_PATCHING', 'true')

from cinder import objects  # noqa: E402

# Cinder's manager uses the objects while it is imported.
objects.register_all()
