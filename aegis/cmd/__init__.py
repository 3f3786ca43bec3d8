# SPDX-License-Identifier: Apache-2.0
"""The programs. They run on threads; nothing else may decide otherwise."""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
