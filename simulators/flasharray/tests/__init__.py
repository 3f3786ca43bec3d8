# SPDX-License-Identifier: Apache-2.0
"""Tests of the simulator."""

import importlib.util

# The environments of Cinder and Ansible, which some tests run in, lack it.
if importlib.util.find_spec('hypothesis') is not None:
    from hypothesis import HealthCheck, settings

    # How long examples take says something about the machine only.
    settings.register_profile(
        'busy',
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile('busy')
