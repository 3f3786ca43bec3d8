# SPDX-License-Identifier: Apache-2.0
"""Tells other arrays which pods this one has."""

from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_status
from flasharray_simulator.replication.wire import Header, Verb

VERB = 'pods'


def verbs(array: FlashArray) -> dict[str, Verb]:
    return {VERB: lambda header, _: _pods(array)}


def _pods(array: FlashArray) -> Header:
    return {
        'pods': [
            {
                'id': pod.id,
                'name': pod.name,
                'arrays': [
                    {'id': status.id, 'name': status.name}
                    for status in pod_status.of(array, pod)
                ],
            }
            for pod in array.pods.ordered()
            if pod.destroyed is None
        ]
    }
