# SPDX-License-Identifier: Apache-2.0
"""Promoting and demoting pods, and undoing a demotion."""

import json
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    pod_links,
    pods,
    schedules,
)
from flasharray_simulator.replication import pod_image, twins

UNDO = '.undo-demote'


def promote(array: FlashArray, pod: model.Pod) -> model.Pod:
    """Begin to promote a pod; ``settle`` ends it.

    Raises ApiError while its link is baselining. Idempotent.
    """
    if pod.promotion_status != pod_links.DEMOTED:
        return pod
    link = pod_links.of_pod(array, pod.id)
    if link is not None and not link.outbound and not link.baselined:
        raise errors.refused(
            'Pod cannot be promoted while its replica link is baselining.',
            pod.name,
        )
    return _put_state(array, pod, pod_links.PROMOTING, pod_links.PROMOTED)


def promote_from(
    array: FlashArray, pod: model.Pod, undo_name: str
) -> model.Pod:
    """Promote a pod to what it was before a demotion; that copy goes."""
    undo = pods.find(array, undo_name)
    if undo.source_id != pod.id or UNDO not in undo.name:
        raise errors.refused(
            'Pod is not an undo-demote pod of the pod.', undo_name
        )
    if pod.promotion_status != pod_links.DEMOTED:
        raise errors.refused('Pod is not demoted.', pod.name)
    promoted = promote(array, pod)
    image = twins.copy(
        array, pod_image.take(array, undo.id), undo.id, promoted
    )
    pod_image.install(array, image.mapped(_revived(undo.destroyed)))
    pods.eradicate(array, undo)
    return array.pods[pod.id]


def _revived(moment: int | None) -> Any:
    def change(kind: str, stored: Any) -> Any:
        if kind != 'pod' and getattr(stored, 'destroyed', None) == moment:
            return replace(stored, destroyed=None)
        return stored

    return change


def settle(array: FlashArray) -> None:
    """End the promotions that have begun: the pods take writes."""
    for pod in array.pods.by('promoting', True):
        _put_state(array, pod, pod_links.PROMOTED, pod_links.PROMOTED)
        now = array.now()
        for group in array.protection_groups.by('pod', pod.id):
            array.protection_groups.put(_scheduled(group, now))


def _scheduled(
    group: model.ProtectionGroup, now: int | None
) -> model.ProtectionGroup:
    """Return the group with its schedules due again; never without now."""

    def due(schedule: model.Schedule) -> int | None:
        if now is None or not schedule.enabled:
            return None
        return schedules.first_due(schedule, now)

    return replace(
        group,
        replication_due=due(group.replication_schedule),
        snapshot_due=due(group.snapshot_schedule),
    )


def demote(array: FlashArray, pod: model.Pod) -> model.Pod:
    """Demote a pod at once; its state stays as a destroyed undo pod.

    What its link has brought meanwhile becomes its contents.
    """
    if pod.promotion_status == pod_links.DEMOTED:
        return pod
    _keep_undo(array, pod)
    demoted = _put_state(array, pod, pod_links.DEMOTED, pod_links.DEMOTED)
    for group in array.protection_groups.by('pod', pod.id):
        array.protection_groups.put(_scheduled(group, None))
    link = pod_links.of_pod(array, pod.id)
    if link is not None:
        _apply_journal(array, link)
    return array.pods[demoted.id]


def quiesce(
    array: FlashArray, pod: model.Pod, link: model.PodLink
) -> model.Pod:
    """Stop writes; the pod is demoted when all has arrived."""
    if link.paused:
        raise errors.refused('Pod replica link is paused.', pod.name)
    array.pod_links.put(replace(link, quiesce=pod_links.QUIESCING))
    return _put_state(array, pod, pod.promotion_status, pod_links.DEMOTED)


def finish_quiesce(array: FlashArray, link: model.PodLink) -> None:
    """Demote a source of which the target has everything."""
    array.pod_links.put(replace(link, quiesce=pod_links.QUIESCED))
    demote(array, array.pods[link.pod_id])


def abort_quiesce(
    array: FlashArray, pod: model.Pod, link: model.PodLink | None
) -> model.Pod:
    """Take writes again; raise ApiError if nothing is quiescing."""
    if link is None or link.quiesce != pod_links.QUIESCING:
        raise errors.refused('Pod replica link is not quiescing.', pod.name)
    array.pod_links.put(replace(link, quiesce=''))
    return _put_state(array, pod, pod.promotion_status, pod_links.PROMOTED)


def _put_state(
    array: FlashArray, pod: model.Pod, state: str, requested: str
) -> model.Pod:
    return array.pods.put(
        replace(
            pod, promotion_status=state, requested_promotion_state=requested
        )
    )


def _keep_undo(array: FlashArray, pod: model.Pod) -> None:
    now = array.now()
    undo = model.Pod(
        id=array.new_id(),
        name=_undo_name(array, pod),
        created=now,
        destroyed=now,
        source_id=pod.id,
        source_name=pod.name,
        mediator=pod.mediator,
        quota_limit=pod.quota_limit,
    )
    image = twins.copy(array, pod_image.take(array, pod.id), undo.id, undo)

    def destroyed(kind: str, stored: Any) -> Any:
        if getattr(stored, 'destroyed', 0) is None:
            return replace(stored, destroyed=now)
        return stored

    pod_image.install(array, image.mapped(destroyed))


def _undo_name(array: FlashArray, pod: model.Pod) -> str:
    name = f'{pod.name}{UNDO}'
    number = 0
    while array.pods.find(name) is not None:
        number += 1
        name = f'{pod.name}{UNDO}.{number}'
    return name


def receive(
    array: FlashArray, link: model.PodLink, image: pod_image.PodImage
) -> None:
    """Take in a state of the source; a promoted pod only keeps it.

    Raises MissingContent if not all of its bytes have arrived.
    """
    pod = array.pods[link.pod_id]
    if pod.promotion_status == pod_links.DEMOTED:
        pod_image.install(array, twins.copy(array, image, link.id, pod))
        pod_links.drop_journal(array, link.id)
        return
    contents = twins.contents(image, link.id)
    if not all(array.content.has(root) for root in contents.values()):
        raise pod_image.MissingContent(pod.name)
    text = json.dumps(pod_image.to_plain(image))
    pod_links.keep_journal(array, link.id, text, contents)


def _apply_journal(array: FlashArray, link: model.PodLink) -> None:
    journal = array.pod_journals.get(link.id)
    if journal is None or link.outbound:
        return
    image = pod_image.from_plain(json.loads(journal.image))
    receive(array, link, image)
