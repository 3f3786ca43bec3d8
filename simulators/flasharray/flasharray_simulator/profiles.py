# SPDX-License-Identifier: Apache-2.0
"""Version profiles: a Purity release and the REST versions it speaks."""

from dataclasses import dataclass

Version = tuple[int, int]

_NEVER_RELEASED = {12, 18}
_PURITY_6_9 = '6.9.0'
_AFTER_6_9 = '6.10.0'


@dataclass(frozen=True)
class Profile:
    """``last_rest`` is the newest REST version, as in ``2.42``.

    ``release`` is None for a REST version of which nobody has published
    which Purity it belongs to.
    """

    last_rest: str
    release: str | None = None

    def versions(self) -> list[str]:
        """Return all REST versions, ascending."""
        last = number(self.last_rest)[1]
        return [
            f'2.{minor}'
            for minor in range(last + 1)
            if minor not in _NEVER_RELEASED
        ]

    def purity(self, last_of_6_9: int) -> str:
        """Return the Purity release.

        ``last_of_6_9`` is the newest REST minor that Purity 6.9 speaks.
        """
        if self.release is not None:
            return self.release
        newer = number(self.last_rest)[1] > last_of_6_9
        return _AFTER_6_9 if newer else _PURITY_6_9


PROFILES = {
    profile.last_rest: profile
    for profile in (
        Profile('2.26', '6.4.10'),
        Profile('2.36', '6.6.11'),
        Profile('2.42', '6.8.5'),
        Profile('2.50'),
        Profile('2.58'),
    )
}
DEFAULT = '2.42'


def find(name: str) -> Profile:
    """Return the profile; raise ValueError, naming all, for another."""
    if name not in PROFILES:
        raise ValueError(
            f'no profile {name}; there are: {", ".join(PROFILES)}'
        )
    return PROFILES[name]


def number(version: str) -> Version:
    """Return ``2.42`` as (2, 42); raise ValueError for anything else."""
    major, _, minor = version.partition('.')
    return int(major), int(minor)
