# SPDX-License-Identifier: Apache-2.0
"""What the simulator costs: measured with real processes, never tested."""
