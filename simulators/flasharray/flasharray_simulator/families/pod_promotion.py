# SPDX-License-Identifier: Apache-2.0
"""The promotion of a pod, as PATCH pods asks for it."""

from dataclasses import dataclass

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Call, Item


@dataclass(frozen=True)
class LinkCounts:
    source: int = 0
    target: int = 0


def link_counts(array: FlashArray, pod: model.Pod) -> LinkCounts:
    """Return how many replica links lead from and to a pod."""
    return LinkCounts()


def request(call: Call, pod: model.Pod, body: Item) -> model.Pod:
    """Promote a pod that is promoted already; refuse the rest."""
    if body['requested_promotion_state'] != 'promoted':
        raise errors.refused('Pod cannot be demoted.', pod.name)
    return pod
