# SPDX-License-Identifier: Apache-2.0
"""Cinder's driver classes, called as its volume manager calls them."""
