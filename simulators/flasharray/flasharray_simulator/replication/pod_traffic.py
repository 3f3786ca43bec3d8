# SPDX-License-Identifier: Apache-2.0
"""What goes from and to the other array of a stretched pod."""

from flasharray_simulator.array import FlashArray

SYNC = 'sync'
RESYNC = 'resync'


def sent(array: FlashArray, kind: str, pod_id: str, count: int) -> None:
    _add(array, f'{kind}>{pod_id}', count)


def received(array: FlashArray, kind: str, pod_id: str, count: int) -> None:
    _add(array, f'{kind}<{pod_id}', count)


def _add(array: FlashArray, key: str, count: int) -> None:
    if count:
        with array.lock:
            array.traffic.add(key, array.now(), count)


def rates(array: FlashArray, kind: str, pod_id: str) -> tuple[int, int]:
    """Return the bytes per second from and to the other array."""
    now = array.now()
    return (
        array.traffic.rate(f'{kind}<{pod_id}', now),
        array.traffic.rate(f'{kind}>{pod_id}', now),
    )
