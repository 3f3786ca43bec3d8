# SPDX-License-Identifier: Apache-2.0
"""A simulated FlashArray: Purity REST 2 over TLS, with replication."""
