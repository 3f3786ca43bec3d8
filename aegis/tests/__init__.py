# SPDX-License-Identifier: Apache-2.0
"""Tests run on threads, as the services do."""

import hypothesis
from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile(
    'aegis',
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile('aegis')
