# SPDX-License-Identifier: Apache-2.0
"""Cinder's services as processes, on arrays, a broker and a database."""
