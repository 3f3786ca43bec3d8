# SPDX-License-Identifier: Apache-2.0
"""How failovers of ten, a hundred and a thousand members go."""
