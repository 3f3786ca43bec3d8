# SPDX-License-Identifier: Apache-2.0
"""Aegis on real OpenStack sites, against a bare script and playbooks."""
