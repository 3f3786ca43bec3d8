# SPDX-License-Identifier: Apache-2.0
"""What WSGI servers load. It runs on threads, whatever else is installed."""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
