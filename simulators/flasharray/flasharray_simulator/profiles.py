# SPDX-License-Identifier: Apache-2.0
"""Version profiles: a Purity release and the REST versions it speaks."""

from dataclasses import dataclass

Version = tuple[int, int]

_NEVER_RELEASED = {12, 18}


@dataclass(frozen=True)
class Profile:
    """``last_rest`` is the newest REST version, as in ``2.42``."""

    last_rest: str
    purity: str

    def versions(self) -> list[str]:
        """Return all REST versions, ascending."""
        last = number(self.last_rest)[1]
        return [
            f'2.{minor}'
            for minor in range(last + 1)
            if minor not in _NEVER_RELEASED
        ]


PROFILES = {
    profile.last_rest: profile
    for profile in (
        Profile('2.26', '6.4.10'),
        Profile('2.36', '6.6.11'),
        Profile('2.42', '6.8.5'),
    )
}
DEFAULT = '2.42'


def number(version: str) -> Version:
    """Return ``2.42`` as (2, 42); raise ValueError for anything else."""
    major, _, minor = version.partition('.')
    return int(major), int(minor)
