# SPDX-License-Identifier: Apache-2.0
"""Pods: create, clone, rename, limit, destroy, recover, eradicate."""

from dataclasses import dataclass, replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name, live
from flasharray_simulator.domain import pod_contents, pod_links

LABEL = 'Pod'
RESTRETCH = '.restretch'


@dataclass(frozen=True)
class NewPod:
    name: str
    quota_limit: int | None = None
    failover_preferences: tuple[str, ...] = ()
    source: model.Pod | None = None


def find(array: FlashArray, name: str) -> model.Pod:
    return any_state(LABEL, array.pods, name)


def find_live(array: FlashArray, name: str) -> model.Pod:
    return live(LABEL, array.pods, name)


def create(array: FlashArray, new: NewPod) -> model.Pod:
    """Create an empty pod; raise ApiError for a bad or taken name."""
    parts = names.check(new.name, LABEL)
    if parts.pod is not None:
        raise errors.does_not_exist('Realm', parts.pod)
    free_name(LABEL, array.pods, new.name)
    return array.pods.put(
        model.Pod(
            id=array.new_id(),
            name=new.name,
            created=array.now(),
            source_id=new.source.id if new.source else None,
            source_name=new.source.name if new.source else None,
            failover_preferences=new.failover_preferences,
            quota_limit=new.quota_limit,
        )
    )


def rename(array: FlashArray, pod: model.Pod, wanted: str) -> model.Pod:
    """Rename a pod and with it all that is inside."""
    if names.check(wanted, LABEL).pod is not None:
        raise errors.invalid_parameter('name.', pod.name)
    if wanted.casefold() != pod.name.casefold():
        free_name(LABEL, array.pods, wanted)
    return put_name(array, pod, wanted)


def put_name(array: FlashArray, pod: model.Pod, name: str) -> model.Pod:
    """Store the new name of a pod and of all that is inside."""
    renamed = array.pods.put(replace(pod, name=name))
    pod_contents.rename(array, pod.id, name)
    return renamed


def destroy(array: FlashArray, pod: model.Pod, contents: bool) -> model.Pod:
    """Destroy a pod; live objects in it only go if ``contents`` says so."""
    if pod.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, pod.name)
    if array.pod_replicas.get(pod.id) is not None:
        raise errors.refused(
            'Pod cannot be destroyed while it is stretched.', pod.name
        )
    pod_links.refuse_if_linked(array, pod)
    if pod_contents.of(array, pod.id).live() and not contents:
        raise errors.refused(
            'Pod cannot be destroyed while it is not empty.', pod.name
        )
    moment = array.now()
    pod_contents.destroy(array, pod.id)
    return array.pods.put(replace(pod, destroyed=moment))


def recover(array: FlashArray, pod: model.Pod) -> model.Pod:
    """Recover a pod with what was destroyed together with it."""
    if pod.destroyed is None:
        return pod
    if is_restretch(pod):
        raise errors.refused(
            'A restretch pod cannot be recovered: stretch the pod again.',
            pod.name,
        )
    pod_contents.recover(array, pod.id, pod.destroyed)
    return array.pods.put(replace(pod, destroyed=None))


def is_restretch(pod: model.Pod) -> bool:
    """Return whether a pod is what an unstretched array has kept."""
    return RESTRETCH in pod.name


def expect_eradicable(
    array: FlashArray, pod: model.Pod, contents: bool
) -> None:
    """Raise ApiError unless the pod may be eradicated."""
    if pod.destroyed is None:
        raise errors.not_destroyed(LABEL, pod.name)
    if pod_contents.of(array, pod.id) and not contents:
        raise errors.refused(
            'Cannot eradicate pod: it is not empty.', pod.name
        )


def eradicate(array: FlashArray, pod: model.Pod) -> None:
    """Remove a pod and all that is inside for good."""
    pod_contents.eradicate(array, pod.id)
    for tag in array.tags.by('resource', pod.id):
        array.tags.remove(tag.id)
    array.pods.remove(pod.id)
