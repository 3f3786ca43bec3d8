# SPDX-License-Identifier: Apache-2.0
"""Errors that the command line shows as they are, without a traceback."""


class CloudsError(Exception):
    """Something failed; the message says what, why and what to do."""


class CommandFailed(CloudsError):
    """A program that should have ended well did not."""


class ServiceFailed(CloudsError):
    """A service ended or never became ready."""
