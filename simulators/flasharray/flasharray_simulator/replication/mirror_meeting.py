# SPDX-License-Identifier: Apache-2.0
"""Two arrays tell each other how they see the pods that both have."""

from collections.abc import Mapping
from dataclasses import replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import mirror_membership, mirror_state
from flasharray_simulator.replication.mirror_state import View
from flasharray_simulator.replication.mirror_types import Mirror
from flasharray_simulator.replication.wire import Header

Views = Mapping[str, View]


def views_for(
    mirror: Mirror, peer_id: str, asked: Mapping[str, object] | None = None
) -> dict[str, View]:
    """Return this array's views for another: of shared and asked pods."""
    array = mirror.array
    with array.lock:
        shared = {r.id for r in array.pod_replicas.by('peer', peer_id)}
        return {
            pod_id: _view(mirror, peer_id, pod_id)
            for pod_id in sorted(shared | set(asked or ()))
        }


def _view(mirror: Mirror, peer_id: str, pod_id: str) -> View:
    found = mirror_state.view(mirror.array, pod_id, pod_id in mirror.busy)
    if found.replica is not None and found.replica.peer_id != peer_id:
        return View(mirror_state.KEPT)
    return found


def take(mirror: Mirror, peer_id: str, views: Views, careful: bool) -> bool:
    """Change this array's view by the other's; return whether they agree.

    While a change is under way the two copies differ for a moment: that
    is only believed when ``careful``, under the lock of the pair.
    """
    agree = True
    for pod_id, view in views.items():
        if pod_id in mirror.busy or view.state == mirror_state.BUSY:
            continue
        with mirror.privately():
            replica = mirror.array.pod_replicas.get(pod_id)
            if replica is not None and replica.peer_id == peer_id:
                agree &= _take(mirror.array, replica, view, careful)
    return agree


def _take(
    array: FlashArray, replica: model.PodReplica, view: View, careful: bool
) -> bool:
    if view.state == mirror_state.KEPT:
        mirror_membership.leave(array, replica)
        return True
    if view.state == mirror_state.GONE:
        if replica.status == 'online':
            mirror_membership.keep_alone(array, replica)
        else:
            mirror_membership.leave(array, replica)
        return True
    theirs = view.replica
    assert theirs is not None
    in_sync = replica.in_sync and theirs.in_sync
    if in_sync and replica.version != theirs.version and not careful:
        return False
    known = replace(replica, peer_name=_name_of(array, replica))
    after = mirror_state.reconciled(known, view, array.settings.array_id)
    if after != replica:
        array.pod_replicas.put(after)
    return True


def _name_of(array: FlashArray, replica: model.PodReplica) -> str:
    return next(
        (
            connection.name
            for connection in array.array_connections
            if connection.peer_id == replica.peer_id
        ),
        replica.peer_name,
    )


def to_plain(views: Views) -> dict[str, Header]:
    return {
        pod_id: mirror_state.to_plain(view) for pod_id, view in views.items()
    }


def from_plain(plain: Mapping[str, Header]) -> dict[str, View]:
    return {
        pod_id: mirror_state.from_plain(view) for pod_id, view in plain.items()
    }
