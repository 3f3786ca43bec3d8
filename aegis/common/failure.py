# SPDX-License-Identifier: Apache-2.0
"""What is recorded of an error: a stable code and a sentence."""

import dataclasses

from oslo_utils import strutils

from aegis.common import exception


@dataclasses.dataclass(frozen=True)
class Failure:
    """Why something failed.

    ``reason`` says what went wrong and what to do about it; it is shown to
    users and holds no secret.
    """

    code: str
    reason: str


def describe(error: BaseException) -> Failure:
    """Put an error into words.

    An error of ours explains itself. That of a storage driver names arrays,
    which are not for everybody, so its summary stands for it. Any other one
    is a bug: its text may hold anything, so only its type is told and the
    rest is for the log.
    """
    code = getattr(error, 'code', None)
    remedy = getattr(error, 'remedy', None)
    if isinstance(code, str) and isinstance(remedy, str):
        reason = ' '.join(part for part in (_sentence(error), remedy) if part)
        return Failure(code, strutils.mask_password(reason))
    return Failure(
        exception.AegisError.code,
        f'An unexpected error occurred ({type(error).__name__}). '
        f'{exception.AegisError.remedy}',
    )


def _sentence(error: BaseException) -> str:
    text = str(getattr(error, 'summary', error)).strip()
    return text if not text or text[-1] in '.!?' else f'{text}.'
