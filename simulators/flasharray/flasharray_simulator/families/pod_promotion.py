# SPDX-License-Identifier: Apache-2.0
"""The promotion of a pod, as PATCH pods asks for it."""

from dataclasses import dataclass

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Call, Item
from flasharray_simulator.domain import pod_links
from flasharray_simulator.replication import pod_promotion


@dataclass(frozen=True)
class LinkCounts:
    source: int = 0
    target: int = 0


def link_counts(array: FlashArray, pod: model.Pod) -> LinkCounts:
    """Return how many replica links lead from and to a pod."""
    link = pod_links.of_pod(array, pod.id)
    if link is None:
        return LinkCounts()
    return LinkCounts(source=1) if link.outbound else LinkCounts(target=1)


def request(call: Call, pod: model.Pod, body: Item) -> model.Pod:
    """Promote or demote a pod as the body and the query say."""
    wanted = body['requested_promotion_state']
    if wanted == pod_links.PROMOTED:
        return _promote(call, pod)
    if wanted == pod_links.DEMOTED:
        return _demote(call, pod)
    raise errors.invalid_parameter('requested_promotion_state.', pod.name)


def _promote(call: Call, pod: model.Pod) -> model.Pod:
    array = call.array
    link = pod_links.of_pod(array, pod.id)
    if call.query.boolean('abort_quiesce'):
        return pod_promotion.abort_quiesce(array, pod, link)
    undo = call.query.text('promote_from')
    if undo is not None:
        return pod_promotion.promote_from(array, pod, undo)
    return pod_promotion.promote(array, pod)


def _demote(call: Call, pod: model.Pod) -> model.Pod:
    array = call.array
    quiesce = bool(call.query.boolean('quiesce'))
    skip = bool(call.query.boolean('skip_quiesce'))
    if quiesce and skip:
        raise errors.refused(
            'quiesce and skip_quiesce cannot be used together.', pod.name
        )
    if array.pod_replicas.get(pod.id) is not None:
        raise errors.refused(
            'Pod cannot be demoted while it is stretched.', pod.name
        )
    link = pod_links.of_pod(array, pod.id)
    is_source = link is not None and link.outbound
    if not is_source or pod.promotion_status != pod_links.PROMOTED:
        return pod_promotion.demote(array, pod)
    if not quiesce and not skip:
        raise errors.refused(
            'Pod is the source of a replica link: quiesce or skip_quiesce'
            ' is needed to demote it.',
            pod.name,
        )
    assert link is not None
    if quiesce:
        return pod_promotion.quiesce(array, pod, link)
    return pod_promotion.demote(array, pod)
