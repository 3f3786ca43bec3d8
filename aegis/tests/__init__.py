# SPDX-License-Identifier: Apache-2.0
"""Tests run on threads, as the services do."""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
