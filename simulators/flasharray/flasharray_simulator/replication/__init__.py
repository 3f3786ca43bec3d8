# SPDX-License-Identifier: Apache-2.0
"""Replication between arrays, over a private channel of its own."""
