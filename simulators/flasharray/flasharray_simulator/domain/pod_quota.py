# SPDX-License-Identifier: Apache-2.0
"""How much the volumes of a pod may add up to."""

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray

LEAST = 2**20
MOST = 4 * 2**50


def check(value: object, context: str) -> int:
    """Return a quota limit; raise ApiError for one no pod can have."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not LEAST <= value <= MOST
    ):
        raise errors.invalid_parameter(
            f'quota_limit must be between {LEAST} and {MOST}.',
            context,
        )
    return value


def expect_room(array: FlashArray, pod_id: str | None, context: str) -> None:
    """Raise ApiError if a pod has more than its quota allows."""
    pod = array.pods.get(pod_id)
    if pod is None or pod.quota_limit is None:
        return
    if array.pod_usage.of(pod.id).provisioned > pod.quota_limit:
        raise errors.limit_reached('Pod quota', context)
