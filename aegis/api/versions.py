# SPDX-License-Identifier: Apache-2.0
"""The versions of the API.

A new one is added at the end, with an entry in
``api-ref/source/version-history.rst`` that says what it changes.
"""

SERVICE_TYPE = 'disaster-recovery'

VERSIONS = ('1.0',)

MIN_VERSION = VERSIONS[0]
MAX_VERSION = VERSIONS[-1]
