# SPDX-License-Identifier: Apache-2.0
"""A pair of arrays and the reference, furnished, given random calls."""

from collections.abc import Callable
from typing import Any

from hypothesis.stateful import initialize

from tests import model_check
from tests.model_pods import PodSteps
from tests.model_steps import NAMES
from tests.model_strategies import MIB
from tests.reference_pair import Pair


class PairMachine(PodSteps):
    """``start`` returns the pair: a LocalPair or one of processes."""

    start: Callable[[], Any]

    @initialize()
    def begin(self) -> None:
        self.rig = type(self).start()
        self.digests = model_check.Digests()
        now = self.rig[0].command('clock')
        self.pair = Pair(NAMES, now)
        for side in (0, 1):
            self.furnish(side)
            self.pair.settle()
            self.rig.settle()
            name = f'{NAMES[side]}:pg'
            self.call_allow(1 - side, name, True)
        self.everything_agrees()

    def furnish(self, side: int) -> None:
        """Make what most calls need, so that most are not refused."""
        for name in ('a', 'b'):
            self.create(side=side, base=name, place='', size=MIB)
        self.create_volume_group(side=side, name='vg')
        self.create_pod(side=side, name='p')
        self.create_host(side=side, name='h', iqn='a')
        self.create_group(side=side, name='pg')
        self.join(side=side, group=0, volume=0)
        self.call_target(side, 'pg')
