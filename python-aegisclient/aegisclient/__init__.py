# SPDX-License-Identifier: Apache-2.0
from aegisclient.sdk.connection import connect

__all__ = ['connect']
