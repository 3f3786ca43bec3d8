# SPDX-License-Identifier: Apache-2.0
"""Performance items: no host reads or writes a simulated array."""

from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item

_RATES = (
    'bytes_per_mirrored_write',
    'bytes_per_op',
    'bytes_per_read',
    'bytes_per_write',
    'cached_read_bytes_per_sec',
    'cached_reads_per_sec',
    'local_queue_usec_per_op',
    'mirrored_others_per_sec',
    'mirrored_write_bytes_per_sec',
    'mirrored_writes_per_sec',
    'non_cached_read_bytes_per_sec',
    'non_cached_reads_per_sec',
    'others_per_sec',
    'qos_rate_limit_usec_per_mirrored_write_op',
    'qos_rate_limit_usec_per_read_op',
    'qos_rate_limit_usec_per_write_op',
    'qos_scheduling_usec_per_mirrored_write_op',
    'qos_scheduling_usec_per_read_op',
    'qos_scheduling_usec_per_write_op',
    'queue_depth',
    'queue_usec_per_mirrored_write_op',
    'queue_usec_per_read_op',
    'queue_usec_per_write_op',
    'read_bytes_per_sec',
    'read_cache_hit_ratio',
    'reads_per_sec',
    'san_usec_per_mirrored_write_op',
    'san_usec_per_read_op',
    'san_usec_per_write_op',
    'service_usec_per_mirrored_write_op',
    'service_usec_per_read_op',
    'service_usec_per_read_op_cache_reduction',
    'service_usec_per_read_op_cached',
    'service_usec_per_read_op_non_cached',
    'service_usec_per_write_op',
    'usec_per_mirrored_other_op',
    'usec_per_mirrored_write_op',
    'usec_per_other_op',
    'usec_per_read_op',
    'usec_per_write_op',
    'write_bytes_per_sec',
    'writes_per_sec',
)


def idle(
    array: FlashArray, name: str, identifier: str, time: int | None = None
) -> Item:
    """Return the load of an object at a time (now by default): none."""
    item: Item = dict.fromkeys(_RATES, 0)
    item.update(
        name=name, id=identifier, time=array.now() if time is None else time
    )
    return item
