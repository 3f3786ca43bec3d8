# SPDX-License-Identifier: Apache-2.0
"""/network-interfaces/port-details: the optical module of each port."""

from flasharray_simulator import listing, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import network

# Celsius, volts, milliamperes and milliwatts of a healthy module.
_TEMPERATURE = 35.0
_VOLTAGE = 3.3
_BIAS = 7.0
_POWER = 0.6
_GIGABIT = 1_000_000_000


def get(call: Call) -> Answer:
    array = call.array
    items = [
        _render(array, interface)
        for interface in array.network_interfaces.ordered()
        if interface.kind == 'fc' or interface.subtype == network.PHYSICAL
    ]
    return listing.plain(call, items, 'Network interface')


def _render(array: FlashArray, interface: model.NetworkInterface) -> Item:
    return {
        'name': interface.name.upper(),
        'interface_type': interface.kind,
        'rx_los': _flags(),
        'rx_power': _measured(_POWER),
        'static': _static(array, interface),
        'temperature': _measured(_TEMPERATURE),
        'tx_bias': _measured(_BIAS),
        'tx_fault': _flags(),
        'tx_power': _measured(_POWER),
        'voltage': _measured(_VOLTAGE),
    }


def _flags() -> list[Item]:
    return [{'channel': None, 'flag': False}]


def _measured(value: float) -> list[Item]:
    return [{'channel': None, 'measurement': value, 'status': 'ok'}]


def _static(array: FlashArray, interface: model.NetworkInterface) -> Item:
    is_fibre = interface.kind == 'fc'
    rate = f'{interface.speed // _GIGABIT} Gb/s'
    serial = f'{array.settings.array_id[:8]}{interface.name[2:]}'.upper()
    return {
        'cable_technology': [],
        'connector_type': 'LC',
        'encoding': '64B/66B',
        'extended_identifier': 'GBIC/SFP defined by two-wire interface ID',
        'fc_link_lengths': ['short distance (S)'] if is_fibre else [],
        'fc_speeds': rate if is_fibre else None,
        'fc_technology': ['shortwave laser (SN)'] if is_fibre else [],
        'fc_transmission_media': ['multimode, 50um (M5)'] if is_fibre else [],
        'identifier': 'SFP/SFP+/SFP28',
        'link_length': '100m OM4',
        'rate_identifier': 'unspecified',
        'rx_power_thresholds': _thresholds(_POWER),
        'signaling_rate': rate,
        'signaling_rate_max': rate,
        'signaling_rate_min': rate,
        'specifications': [],
        'temperature_thresholds': _thresholds(_TEMPERATURE),
        'tx_bias_thresholds': _thresholds(_BIAS),
        'tx_power_thresholds': _thresholds(_POWER),
        'vendor_date_code': '200101',
        'vendor_name': 'SIMULATED',
        'vendor_oui': '24:a9:37',
        'vendor_part_number': 'SFP-SIMULATED',
        'vendor_revision': 'A',
        'vendor_serial_number': serial,
        'voltage_thresholds': _thresholds(_VOLTAGE),
        'wavelength': '850 nm',
    }


def _thresholds(usual: float) -> Item:
    return {
        'alarm_high': round(usual * 2, 3),
        'alarm_low': 0.0,
        'warn_high': round(usual * 1.8, 3),
        'warn_low': round(usual * 0.1, 3),
    }


ROUTES = (Route('GET', 'network-interfaces/port-details', get),)
