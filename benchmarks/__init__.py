# SPDX-License-Identifier: Apache-2.0
"""What Aegis costs: measured with real processes, never tested."""
