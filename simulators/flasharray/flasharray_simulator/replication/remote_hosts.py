# SPDX-License-Identifier: Apache-2.0
"""Shows one array the hosts that use shared pods on the other one.

Each array tells the other which of its hosts see volumes of the pods that
both have; the other lists them as ``ARRAY:host``, which are not local.
Their connections stay where they are.
"""

from collections.abc import Iterable
from typing import Any

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_status, traffic
from flasharray_simulator.replication.wire import Header, Send, Verb

_VERB = 'remote-hosts'
_IDLE = 1.0
_TOLD = ('id', 'name', 'created', 'iqns', 'nqns', 'wwns', 'personality')


class RemoteHosts:
    """A worker of the link to one array: tells it about hosts."""

    def __init__(self, array: FlashArray) -> None:
        self._array = array
        self._mark: tuple[object, ...] = ()
        self._told: list[Any] = []

    def greeted(self, answer: Header) -> None:
        """Nothing to learn from a greeting."""

    def lose(self) -> None:
        """Tell everything again when the link is back."""
        self._mark = ()

    def step(self, connection: model.ArrayConnection, send: Send) -> float:
        """Tell what has changed; return how long to wait (s)."""
        array = self._array
        mark = (
            array.name,
            connection.peer_id,
            array.hosts.changes,
            array.connections.changes,
            pod_status.states(array),
        )
        if mark == self._mark:
            return _IDLE
        with array.lock:
            hosts = [_plain(host) for host in _using(array, connection)]
            array_id = array.settings.array_id
        if hosts or self._told or not self._mark:
            send(_VERB, {'array_id': array_id, 'hosts': hosts}, b'')
        self._told = hosts
        self._mark = mark
        return _IDLE


def _using(
    array: FlashArray, connection: model.ArrayConnection
) -> Iterable[model.Host]:
    """Return the own hosts that see a pod shared with that array."""
    found: dict[str, model.Host] = {}
    for replica in array.pod_replicas.by('peer', connection.peer_id):
        for volume in array.volumes.by('pod', replica.id):
            for seen in array.connections.by('volume', volume.id):
                for host in traffic.hosts_of(array, seen):
                    found[host.id] = host
    return sorted(found.values(), key=lambda host: host.name)


def _plain(host: model.Host) -> dict[str, Any]:
    plain = codec.to_plain(host)
    return {key: plain[key] for key in _TOLD}


def verbs(array: FlashArray) -> dict[str, Verb]:
    """Return what a peer may tell this array."""
    return {_VERB: lambda header, payload: _learn(array, header)}


def _learn(array: FlashArray, header: Header) -> Header:
    """Keep exactly these hosts of the array that tells."""
    array_id = str(header['array_id'])
    told = {}
    for plain in header['hosts']:
        host = codec.from_plain(model.Host, plain | {'is_local': False})
        identifier = f'{array_id}/{host.id}'
        told[identifier] = model.Host(
            id=identifier,
            name=f'{header["source"]}:{host.name}',
            created=host.created,
            iqns=host.iqns,
            nqns=host.nqns,
            wwns=host.wwns,
            personality=host.personality,
            is_local=False,
            array_id=array_id,
        )
    forget(array, array_id, keep=told)
    for identifier, remote in told.items():
        if array.hosts.get(identifier) != remote:
            array.hosts.put(remote)
    return {}


def forget(array: FlashArray, array_id: str, keep: Iterable[str] = ()) -> None:
    """Drop the hosts of another array, but for some."""
    kept = set(keep)
    for host in array.hosts.by('array', array_id):
        if host.id not in kept:
            array.hosts.remove(host.id)
