# SPDX-License-Identifier: Apache-2.0
"""What the other end of an ActiveDR link may ask of this one."""

import uuid
from dataclasses import asdict, replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    pod_contents,
    pod_links,
    pods,
)
from flasharray_simulator.replication import (
    pod_image,
    pod_promotion,
    pod_stage,
)
from flasharray_simulator.replication.wire import Header, Rejected, Verb


def verbs(array: FlashArray) -> dict[str, Verb]:
    return {
        'link-create': lambda header, _: _create(array, header),
        'link-delete': lambda header, _: _delete(array, header),
        'link-pause': lambda header, _: _pause(array, header),
        'link-state': lambda header, _: _state(array, header),
        'link-install': lambda header, _: _install(array, header),
    }


def stage(link: model.PodLink) -> str:
    """Return where the contents of a link arrive."""
    return f'link/{link.id}'


def _create(array: FlashArray, header: Header) -> Header:
    connection = array.array_connections.find(header['source'])
    if connection is None or connection.peer_id is None:
        raise Rejected('The arrays are not connected.')
    try:
        pod = pods.find_live(array, header['remote_pod'])
    except errors.ApiError as error:
        raise Rejected(f'Remote {str(error).lower()}') from None
    begun = pod_links.of_pod(array, pod.id)
    if begun is not None and _is_again(begun, header):
        return _agreed(begun.id, pod)
    link_id = _agree(array, pod, header)
    array.pod_links.put(
        model.PodLink(
            id=link_id,
            pod_id=pod.id,
            peer=connection.name,
            peer_id=connection.peer_id,
            remote_pod_id=header['pod_id'],
            remote_pod_name=header['pod_name'],
            outbound=False,
            remote_promoted=True,
        )
    )
    return _agreed(link_id, pod)


def _agreed(link_id: str, pod: model.Pod) -> Header:
    return {'id': link_id, 'pod_id': pod.id, 'pod_name': pod.name}


def _is_again(link: model.PodLink, header: Header) -> bool:
    """Return whether the source asks again: it has not heard the answer."""
    return not link.confirmed and link.remote_pod_id == header['pod_id']


def _agree(array: FlashArray, pod: model.Pod, header: Header) -> str:
    """Return the id of the new link; former partners take the old one."""
    if pod_links.of_pod(array, pod.id) is not None:
        raise Rejected('Remote pod already has a replica link.')
    if array.pod_replicas.get(pod.id) is not None:
        raise Rejected('Remote pod is stretched.')
    if pod.promotion_status != pod_links.DEMOTED:
        raise Rejected('Remote pod is not demoted.')
    partner = array.pod_partners.get(pod.id)
    if partner is not None and partner.remote_pod_id == header['pod_id']:
        return partner.link_id
    if pod_contents.of(array, pod.id):
        raise Rejected('Remote pod is not empty.')
    return str(uuid.uuid4())


def _found(array: FlashArray, header: Header) -> model.PodLink:
    link = array.pod_links.get(header['id'])
    if link is None:
        raise Rejected('Pod replica link does not exist.')
    return link


def _delete(array: FlashArray, header: Header) -> Header:
    link = array.pod_links.get(header['id'])
    if link is not None:
        forget(array, link)
    return {}


def forget(array: FlashArray, link: model.PodLink) -> None:
    """Remove this end of a link with all that has arrived over it."""
    pod_stage.clear(array, stage(link))
    pod_links.remove(array, link)


def _pause(array: FlashArray, header: Header) -> Header:
    link = _found(array, header)
    array.pod_links.put(replace(link, paused=header['paused']))
    return {}


def _state(array: FlashArray, header: Header) -> Header:
    """Keep the state of the other ends; return that of these ones."""
    answer = {}
    for identifier, plain in header['links'].items():
        link = array.pod_links.get(identifier)
        if link is None:
            continue
        pod_links.take_in(array, link, pod_links.Told(**plain))
        present = array.pod_links[identifier]
        answer[identifier] = asdict(pod_links.told(array, present))
    return {'links': answer}


def _install(array: FlashArray, header: Header) -> Header:
    """Take in a whole state of the source, whose bytes have arrived."""
    link = _found(array, header)
    if link.outbound:
        raise Rejected('The link leads in the other direction.')
    image = pod_image.from_plain(header['image'])
    try:
        pod_promotion.receive(array, link, image)
    except pod_image.MissingContent:
        raise Rejected('Not all contents have arrived.') from None
    pod_stage.clear(array, stage(link))
    array.traffic.add(link.id, array.now(), header['sent'])
    array.link_points[link.id] = header['point']
    array.pod_links.put(
        replace(link, baselined=True, recovery_point=header['point'])
    )
    return {}
