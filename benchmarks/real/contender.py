# SPDX-License-Identifier: Apache-2.0
"""What takes part in the comparison."""

from collections.abc import Sequence
from typing import Any, Protocol

from benchmarks.real import rig


class Contender(Protocol):
    """A way to bring servers up at the recovery site."""

    @property
    def name(self) -> str:
        """How it is chosen on the command line."""

    @property
    def title(self) -> str:
        """How it is called in the table."""

    def prepare(self, shares: Sequence[rig.Share]) -> None:
        """Do what is done in good times, with both sites there."""

    def learn(self, source: rig.Source) -> None:
        """Take note of what is left of the lost site."""

    def fail_over(self, share: rig.Share) -> dict[str, Any]:
        """Bring a share up and read it back.

        :returns: where the time went, as far as it is known.
        :raises Exception: when not everything runs.
        """
