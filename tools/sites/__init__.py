# SPDX-License-Identifier: Apache-2.0
"""Real OpenStack sites on one machine, for demos and integration tests.

Standard library only: this runs before any virtual environment exists.
"""
