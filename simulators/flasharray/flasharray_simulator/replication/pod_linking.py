# SPDX-License-Identifier: Apache-2.0
"""Making, pausing and ending pod links; waits for the other array."""

import contextlib
from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.domain import pod_links, pods
from flasharray_simulator.replication import asking, pod_link_receiver


def create(
    array: FlashArray, pod_name: str, remote: str, remote_pod: str
) -> model.PodLink:
    """Link a pod to a demoted one of another array.

    Raises ApiError for pods that cannot be linked and for an array that
    is not connected.
    """
    with array.lock:
        pod = _linkable(array, pod_name)
        connection = any_state(
            'Array connection', array.array_connections, remote
        )
        if not array.is_reachable(connection.name):
            raise errors.refused('Target array is not connected.', remote)
    answer = asking.ask(
        array,
        connection.name,
        'link-create',
        {'pod_id': pod.id, 'pod_name': pod.name, 'remote_pod': remote_pod},
    )
    with array.transaction():
        return array.pod_links.put(
            model.PodLink(
                id=answer['id'],
                pod_id=pod.id,
                peer=connection.name,
                peer_id=connection.peer_id or '',
                remote_pod_id=answer['pod_id'],
                remote_pod_name=answer['pod_name'],
                outbound=True,
            )
        )


def _linkable(array: FlashArray, name: str) -> model.Pod:
    pod = pods.find_live(array, name)
    if pod_links.of_pod(array, pod.id) is not None:
        raise errors.already_exists(pod_links.LABEL, name)
    if array.pod_replicas.get(pod.id) is not None:
        raise errors.refused('Pod is stretched.', name)
    if pod.promotion_status != pod_links.PROMOTED:
        raise errors.refused('Pod is not promoted.', name)
    return pod


def pause(array: FlashArray, link: model.PodLink, paused: bool) -> None:
    """Stop or resume a link, from either end; idempotent."""
    with array.lock:
        connection = _connection(array, link)
    if not link.outbound:
        asking.ask(
            array,
            connection.name,
            'link-pause',
            {'id': link.id, 'paused': paused},
        )
    with array.transaction():
        present = array.pod_links.get(link.id)
        if present is not None:
            array.pod_links.put(replace(present, paused=paused))


def delete(array: FlashArray, link: model.PodLink) -> None:
    """End a link; an array that cannot be reached learns of it later."""
    with array.lock:
        connection = _connection(array, link)
        pod = array.pods[link.pod_id]
        if link.quiesce == pod_links.QUIESCING:
            raise errors.refused('Pod replica link is quiescing.', pod.name)
    with array.transaction():
        present = array.pod_links.get(link.id)
        if present is not None:
            pod_link_receiver.forget(array, present)
    with contextlib.suppress(errors.ApiError):
        asking.ask(array, connection.name, 'link-delete', {'id': link.id})


def _connection(
    array: FlashArray, link: model.PodLink
) -> model.ArrayConnection:
    return any_state(
        'Array connection',
        array.array_connections,
        pod_links.peer_name(array, link),
    )
