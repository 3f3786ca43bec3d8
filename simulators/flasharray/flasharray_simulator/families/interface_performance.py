# SPDX-License-Identifier: Apache-2.0
"""/network-interfaces/performance: what went through each port."""

from flasharray_simulator import listing, model
from flasharray_simulator.activity import NOTHING, Load
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import traffic
from flasharray_simulator.families import performance
from flasharray_simulator.listing import Listing

_ETHERNET = (
    'flow_control_received_congestion_packets_per_sec',
    'flow_control_received_discarded_packets_per_sec',
    'flow_control_received_lossless_bytes_per_sec',
    'flow_control_received_pause_frames_per_sec',
    'flow_control_transmitted_congestion_packets_per_sec',
    'flow_control_transmitted_discarded_packets_per_sec',
    'flow_control_transmitted_lossless_bytes_per_sec',
    'flow_control_transmitted_pause_frames_per_sec',
    'other_errors_per_sec',
    'rdma_received_req_cqe_errors_per_sec',
    'rdma_received_sequence_errors_per_sec',
    'rdma_transmitted_local_ack_timeout_errors_per_sec',
    'received_bytes_per_sec',
    'received_crc_errors_per_sec',
    'received_frame_errors_per_sec',
    'received_packets_per_sec',
    'total_errors_per_sec',
    'transmitted_bytes_per_sec',
    'transmitted_carrier_errors_per_sec',
    'transmitted_dropped_errors_per_sec',
    'transmitted_packets_per_sec',
)
_FIBRE = (
    'received_bytes_per_sec',
    'received_crc_errors_per_sec',
    'received_frames_per_sec',
    'received_link_failures_per_sec',
    'received_loss_of_signal_per_sec',
    'received_loss_of_sync_per_sec',
    'total_errors_per_sec',
    'transmitted_bytes_per_sec',
    'transmitted_frames_per_sec',
    'transmitted_invalid_words_per_sec',
)
_PACKET = 1500
_FRAME = 2048


def get(call: Call) -> Answer:
    array = call.array
    asked = performance.window(call)
    chosen = Listing(
        label='Network interface',
        collection=array.network_interfaces,
        render=lambda interface: {},
    ).chosen(performance.without(call, 'continuation_token'))
    rows = [
        _render(array, interface, time, asked.resolution)
        for interface in chosen
        for time in asked.times
    ]
    return listing.plain(performance.without(call, 'names'), rows)


def _render(
    array: FlashArray, interface: model.NetworkInterface, time: int, step: int
) -> Item:
    done = performance.load(
        array, traffic.port_key(interface.name), time, step
    )
    is_fibre = interface.kind == 'fc'
    eth: Item = dict.fromkeys(_ETHERNET, None if is_fibre else 0)
    fibre: Item = dict.fromkeys(_FIBRE, 0 if is_fibre else None)
    if is_fibre:
        fibre.update(_moved(done, step, 'frames', _FRAME))
    else:
        eth.update(_moved(done, step, 'packets', _PACKET))
    return {
        'name': interface.name,
        'eth': eth,
        'fc': fibre,
        'interface_type': interface.kind,
        'time': time,
    }


def _moved(done: Load, step: int, units: str, size: int) -> Item:
    """Return what came in (written) and went out (read) per second."""
    if done == NOTHING:
        return {}
    moved = {}
    for way, total in (
        ('received', done.written_bytes),
        ('transmitted', done.read_bytes),
    ):
        moved[f'{way}_bytes_per_sec'] = total * 1000 // step
        moved[f'{way}_{units}_per_sec'] = -(-total // size) * 1000 // step
    return moved


ROUTES = (
    Route(
        'GET',
        'network-interfaces/performance',
        get,
        performance.TIMES,
    ),
)
