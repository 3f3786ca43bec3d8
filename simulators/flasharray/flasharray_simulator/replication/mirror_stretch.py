# SPDX-License-Identifier: Apache-2.0
"""Stretch a pod to a second array, and take it from one of two.

Both wait for the other array: the caller holds no lock.
"""

import time

from flasharray_simulator import codec, errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_links, pods
from flasharray_simulator.replication import mirror_membership, peers
from flasharray_simulator.replication.mirror import Mirror
from flasharray_simulator.replication.mirror_links import Parted
from flasharray_simulator.replication.wire import LinkDown, Rejected

MEMBER = 'Array'


def stretch(array: FlashArray, pod_name: str, member: str) -> model.Pod:
    """Let another array have a pod too; it resyncs by itself afterwards.

    Raises ApiError for a member that is not connected for synchronous
    replication, that has the pod, or a pod of its name, already, and for
    a third array.
    """
    pod, connection = expect_stretchable(array, pod_name, member)
    peer_id = connection.peer_id
    mirror = _mirror(array, member)
    assert peer_id is not None
    # Later than any epoch of an earlier stretch that the mediator knows.
    epoch = int(time.time())
    mirror.busy.add(pod.id)
    try:
        mirror.links.to(peer_id).send(
            'mirror-invite', {'pod': codec.to_plain(pod), 'epoch': epoch}
        )
        with mirror.privately():
            pod = pods.find_live(array, pod_name)
            _new_member(array, pod, member)
            array.pod_replicas.put(
                model.PodReplica(pod.id, peer_id, connection.name, epoch=epoch)
            )
    except LinkDown:
        raise _unreachable(member) from None
    except Rejected as error:
        raise errors.refused(str(error), pod_name) from None
    finally:
        mirror.busy.discard(pod.id)
    array.wake()
    return pod


def expect_stretchable(
    array: FlashArray, pod_name: str, member: str
) -> tuple[model.Pod, model.ArrayConnection]:
    """Return the pod and the connection; raise ApiError if it is refused."""
    with array.lock:
        pod = pods.find_live(array, pod_name)
        pod_links.refuse_if_linked(array, pod)
        return pod, _new_member(array, pod, member)


def _new_member(
    array: FlashArray, pod: model.Pod, member: str
) -> model.ArrayConnection:
    replica = array.pod_replicas.get(pod.id)
    connection = array.array_connections.find(member)
    if member.casefold() == array.name.casefold() or (
        replica is not None
        and connection is not None
        and connection.peer_id == replica.peer_id
    ):
        raise errors.refused('Pod already exists on the array.', member)
    if replica is not None:
        raise errors.limit_reached('Arrays of a pod', pod.name)
    if connection is None:
        raise errors.does_not_exist('Array connection', member)
    if connection.kind != peers.SYNC:
        raise errors.refused(
            'Array connection is not for synchronous replication.', member
        )
    if connection.peer_id is None or not array.is_reachable(connection.name):
        raise _unreachable(member)
    if array.management_is_cut(connection.name):
        raise _unreachable(member)
    if pod.promotion_status != 'promoted':
        raise errors.refused('A demoted pod cannot be stretched.', pod.name)
    return connection


def _unreachable(member: str) -> errors.ApiError:
    return errors.refused('The remote array cannot be reached.', member)


def _mirror(array: FlashArray, member: str) -> Mirror:
    if not isinstance(array.mirror, Mirror):
        raise _unreachable(member)
    return array.mirror


def unstretch(
    array: FlashArray, pod_name: str, member: str, with_unknown: bool
) -> None:
    """Take a pod from one of its two arrays, which keeps it destroyed.

    With ``with_unknown`` it is enough that the array that stays is
    online; the other one finds out when it is back.
    """
    with array.lock:
        pod = pods.find_live(array, pod_name)
        replica = array.pod_replicas.get(pod.id)
        leaver = _leaver(array, pod, replica, member)
    assert replica is not None
    mirror = _mirror(array, member)
    own = leaver == array.settings.array_id
    _expect_stayer_online(pod, replica, own)
    if with_unknown and not own and not replica.in_sync:
        with mirror.privately():
            mirror_membership.keep_alone(array, replica)
    else:
        _part(mirror, replica, own, member)
    mirror.arbiter.forget(pod.id)


def _leaver(
    array: FlashArray,
    pod: model.Pod,
    replica: model.PodReplica | None,
    member: str,
) -> str:
    """Return the id of the array that is to go."""
    wanted = member.casefold()
    if wanted == array.name.casefold():
        if replica is None:
            raise errors.refused(
                'The last array of a pod cannot be removed.', pod.name
            )
        return array.settings.array_id
    if replica is None or replica.peer_name.casefold() != wanted:
        raise errors.does_not_exist(MEMBER, member)
    return replica.peer_id


def _expect_stayer_online(
    pod: model.Pod, replica: model.PodReplica, own: bool
) -> None:
    stayer = replica.peer_status if own else replica.status
    if stayer != 'online':
        raise errors.refused(
            'Pod would not be online on the array that stays.', pod.name
        )


def _part(
    mirror: Mirror, replica: model.PodReplica, own: bool, member: str
) -> None:
    """Let the one that goes go first; a crash then ends the same."""
    link = mirror.links.to(replica.peer_id)
    mirror.busy.add(replica.id)
    verb = 'mirror-stay' if own else 'mirror-leave'
    try:
        with mirror.links.held(frozenset((replica.peer_id,))):
            if own:
                _go(mirror, replica)
            link.send(verb, {'pod': replica.id})
            if not own:
                _stay(mirror, replica)
    except (LinkDown, Parted):
        if not own:
            raise _unreachable(member) from None
    except Rejected as error:
        raise errors.refused(str(error), member) from None
    finally:
        mirror.busy.discard(replica.id)


def _go(mirror: Mirror, replica: model.PodReplica) -> None:
    with mirror.privately():
        mirror_membership.leave(mirror.array, replica)


def _stay(mirror: Mirror, replica: model.PodReplica) -> None:
    with mirror.privately():
        mirror_membership.keep_alone(mirror.array, replica)
