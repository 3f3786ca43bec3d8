# SPDX-License-Identifier: Apache-2.0
"""The modules of the collection purestorage.flasharray as clients."""
