# SPDX-License-Identifier: Apache-2.0
"""ActiveDR: one pod that follows another one on another array."""

from dataclasses import dataclass, replace

from flasharray_simulator import errors, model, switches
from flasharray_simulator.array import FlashArray

LABEL = 'Pod replica link'
PROMOTED = 'promoted'
PROMOTING = 'promoting'
DEMOTED = 'demoted'
QUIESCING = 'quiescing'
QUIESCED = 'quiesced'


@dataclass(frozen=True)
class Told:
    """What one end of a link tells the other one."""

    pod_id: str
    pod_name: str
    promotion: str
    outbound: bool
    paused: bool
    baselined: bool
    quiesce: str
    point: int | None


def of_pod(array: FlashArray, pod_id: str) -> model.PodLink | None:
    """Return the link of a pod; it has one at most."""
    found = array.pod_links.by('pod', pod_id)
    return found[0] if found else None


def peer_name(array: FlashArray, link: model.PodLink) -> str:
    """Return the present name of the array at the other end."""
    for connection in array.array_connections:
        if connection.peer_id == link.peer_id:
            return connection.name
    return link.peer


def refuse_if_linked(array: FlashArray, pod: model.Pod) -> None:
    """Raise ApiError for what cannot be done with a linked pod."""
    if of_pod(array, pod.id) is not None:
        raise errors.refused(
            'Operation not permitted: pod has a replica link.', pod.name
        )


def is_writable(array: FlashArray, pod: model.Pod) -> bool:
    """Return whether hosts and clients may change what is in a pod."""
    if pod.promotion_status != PROMOTED:
        return False
    link = of_pod(array, pod.id)
    return link is None or link.quiesce != QUIESCING


def expect_writable(array: FlashArray, pod_id: str | None) -> None:
    """Raise ApiError if nothing may be written in a pod."""
    pod = array.pods.get(pod_id)
    if pod is not None and not is_writable(array, pod):
        raise errors.refused(
            'Operation not permitted: pod is demoted.', pod.name
        )


def point(array: FlashArray, link: model.PodLink) -> int | None:
    """Return the recovery point: what the target has is of that time."""
    if not link.baselined or link.recovery_point is None:
        return None
    return max(link.recovery_point, array.link_points.get(link.id, 0))


def lag(array: FlashArray, link: model.PodLink) -> int | None:
    """Return how far the target is behind (ms)."""
    moment = point(array, link)
    return None if moment is None else max(0, array.now() - moment)


def status(array: FlashArray, link: model.PodLink) -> str:
    pod = array.pods[link.pod_id]
    is_promoted = pod.promotion_status == PROMOTED
    source = is_promoted if link.outbound else link.remote_promoted
    if link.paused:
        return 'paused'
    if not array.is_reachable(peer_name(array, link)):
        gone = not link.outbound and is_promoted
        return 'idle' if gone else 'unhealthy'
    if link.quiesce:
        return link.quiesce
    if not source:
        return 'idle'
    return 'replicating' if link.baselined else 'baselining'


def told(array: FlashArray, link: model.PodLink) -> Told:
    pod = array.pods[link.pod_id]
    return Told(
        pod.id,
        pod.name,
        pod.promotion_status,
        link.outbound,
        link.paused,
        link.baselined,
        link.quiesce,
        point(array, link),
    )


def take_in(array: FlashArray, link: model.PodLink, other: Told) -> None:
    """Keep what the other end said; the link may turn round by it."""
    is_promoted = array.pods[link.pod_id].promotion_status == PROMOTED
    remote_promoted = other.promotion == PROMOTED
    known = replace(
        link,
        remote_pod_id=other.pod_id,
        remote_pod_name=other.pod_name,
        remote_promoted=remote_promoted,
        confirmed=True,
    )
    if _must_turn(array, link, is_promoted, other):
        known = _turned(array, known)
    elif not link.outbound and other.outbound:
        known = replace(
            known,
            paused=other.paused,
            baselined=other.baselined,
            quiesce=other.quiesce,
        )
        if other.point is not None:
            array.link_points[link.id] = other.point
            if known.recovery_point is None:
                known = replace(known, recovery_point=other.point)
    if known != link:
        array.pod_links.put(known)


def _must_turn(
    array: FlashArray, link: model.PodLink, is_promoted: bool, other: Told
) -> bool:
    """Return whether this end has the wrong direction.

    The one promoted pod is the source. Two that are alike keep the
    direction; ends that disagree about it, because news crossed, follow
    the ids of their arrays.
    """
    if is_promoted != (other.promotion == PROMOTED):
        return is_promoted != link.outbound
    first = array.settings.array_id < link.peer_id
    return other.outbound == link.outbound and first != link.outbound


def _turned(array: FlashArray, link: model.PodLink) -> model.PodLink:
    """Return the link in its other direction.

    It may have to send everything again; whether real arrays do so is
    not published.
    """
    delta = switches.ACTIVEDR_REBASELINE.of(array) == 'delta'
    drop_journal(array, link.id)
    return replace(
        link,
        outbound=not link.outbound,
        quiesce='',
        baselined=link.baselined and delta,
    )


def keep_journal(
    array: FlashArray, link_id: str, image: str, contents: dict[str, str]
) -> None:
    """Keep the newest state for a demotion to come, and its contents."""
    stage = _journal_stage(link_id)
    for staged in array.staged_contents.by('stage', stage):
        if contents.get(staged.key) != staged.content:
            array.staged_contents.remove(staged.id)
    for key, content in contents.items():
        identifier = f'{stage}/{key}'
        if array.staged_contents.get(identifier) is None:
            array.staged_contents.put(
                model.StagedContent(identifier, stage, key, content)
            )
    array.pod_journals.put(model.PodJournal(link_id, image))


def drop_journal(array: FlashArray, link_id: str) -> None:
    for staged in array.staged_contents.by('stage', _journal_stage(link_id)):
        array.staged_contents.remove(staged.id)
    array.pod_journals.remove(link_id)


def _journal_stage(link_id: str) -> str:
    return f'journal/{link_id}'


def remove(array: FlashArray, link: model.PodLink) -> None:
    """End this end of a link; the pods stay partners."""
    drop_journal(array, link.id)
    array.link_points.pop(link.id, None)
    array.pod_partners.put(
        model.PodPartner(link.pod_id, link.remote_pod_id, link.id)
    )
    array.pod_links.remove(link.id)
