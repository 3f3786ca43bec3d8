# SPDX-License-Identifier: Apache-2.0
"""/pods with their space and performance."""

from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model, profiles
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import (
    pod_clones,
    pod_links,
    pod_quota,
    pod_status,
    pods,
    safemode,
    traffic,
)
from flasharray_simulator.families import (
    performance,
    pod_promotion,
    rendering,
    tags,
)
from flasharray_simulator.listing import Listing
from flasharray_simulator.replication import pod_traffic

_POST = ('failover_preferences', 'quota_limit', 'source', 'tags')
_PATCH = (
    'name',
    'destroyed',
    'failover_preferences',
    'ignore_usage',
    'mediator',
    'quota_limit',
    'requested_promotion_state',
)
_MEMBERS_SINCE = (2, 36)


def render(
    array: FlashArray, pod: model.Pod, version: profiles.Version
) -> Item:
    statuses = pod_status.of(array, pod)
    names = {status.id: status.name for status in statuses}
    usage = array.pod_usage.of(pod.id)
    held = array.volume_usage.pod(pod.id)
    space = rendering.space(usage.provisioned, usage.written, held)
    links = pod_promotion.link_counts(array, pod)
    item = {
        'id': pod.id,
        'name': pod.name,
        'array_count': len(statuses),
        'arrays': [_status(status, version) for status in statuses],
        'destroyed': pod.destroyed is not None,
        'eradication_config': {
            'manual_eradication': safemode.pod_eradication(array, pod)
        },
        'failover_preferences': [
            {'name': names.get(identifier), 'id': identifier}
            for identifier in pod.failover_preferences
        ],
        'footprint': space['footprint'],
        'link_source_count': links.source,
        'link_target_count': links.target,
        'mediator': pod.mediator,
        'mediator_version': None,
        'promotion_status': pod.promotion_status,
        'quota_limit': pod.quota_limit,
        'requested_promotion_state': pod.requested_promotion_state,
        'source': {'name': pod.source_name, 'id': pod.source_id},
        'space': space,
        'time_remaining': array.time_remaining(pod.destroyed),
        '.tags': tags.of(array, pod.id),
    }
    if version >= _MEMBERS_SINCE:
        item['members'] = [member(status) for status in statuses]
    return item


def _status(status: pod_status.ArrayStatus, version: profiles.Version) -> Item:
    item: Item = {
        'id': status.id,
        'name': status.name,
        'frozen_at': status.frozen_at,
        'mediator_status': status.mediator_status,
        'pre_elected': status.pre_elected,
        'progress': status.progress,
        'status': status.status,
    }
    if version >= _MEMBERS_SINCE:
        item['member'] = member(status)
    return item


def member(status: pod_status.ArrayStatus) -> Item:
    return {'name': status.name, 'id': status.id, 'resource_type': 'arrays'}


def _is_destroyed(pod: model.Pod) -> bool:
    return pod.destroyed is not None


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=pods.LABEL,
        collection=array.pods,
        render=lambda pod: render(array, pod, call.version),
        destroyed=_is_destroyed,
    ).answer(call)


def post(call: Call) -> Answer:
    body = call.fields(*_POST)
    made = errors.for_each(
        call.query.required('names'), lambda name: _make(call, name, body)
    )
    return Answer([render(call.array, pod, call.version) for pod in made])


def _make(call: Call, name: str, body: Item) -> model.Pod:
    array = call.array
    quota = body.get('quota_limit')
    new = pods.NewPod(
        name=name,
        quota_limit=None if quota is None else pod_quota.check(quota, name),
        failover_preferences=_preferences(
            array, body.get('failover_preferences') or [], None, name
        ),
    )
    if body.get('source') is None:
        pod = pods.create(array, new)
    else:
        source = rendering.read_reference(body['source'], name)
        pod = pod_clones.clone(array, new, pods.find(array, source))
    tags.put_all(array, 'pods', pod, body.get('tags') or [])
    return pod


def _preferences(
    array: FlashArray, given: Any, pod: model.Pod | None, context: str
) -> tuple[str, ...]:
    """Return the ids of the arrays that a body names."""
    if not isinstance(given, list):
        raise errors.invalid_parameter('failover_preferences.', context)
    known = {array.name.casefold(): array.settings.array_id}
    if pod is not None:
        for status in pod_status.of(array, pod):
            known[status.name.casefold()] = status.id
    found = []
    for reference in given:
        name = rendering.read_reference(reference, context)
        identifier = known.get(name.casefold())
        if identifier is None:
            raise errors.refused('Array is not a member of the pod.', name)
        found.append(identifier)
    return tuple(found)


def patch(call: Call) -> Answer:
    body = call.fields(*_PATCH)
    wanted = call.query.required('names')
    if 'name' in body and ('destroyed' in body or len(wanted) > 1):
        raise errors.refused(
            'A pod is renamed alone, with no change of destroyed.', wanted[0]
        )
    if call.query.many('to_member_names') or call.query.many(
        'from_member_names'
    ):
        raise errors.refused('Realm does not exist.', wanted[0])
    changed = errors.for_each(wanted, lambda name: _patch(call, name, body))
    return Answer([render(call.array, pod, call.version) for pod in changed])


def _patch(call: Call, name: str, body: Item) -> model.Pod:
    array = call.array
    pod = pods.find(array, name)
    if body.get('destroyed') is True:
        contents = bool(call.query.boolean('destroy_contents'))
        return pods.destroy(array, pod, contents)
    if body.get('destroyed') is False:
        pod = pods.recover(array, pod)
    if pod.destroyed is not None:
        raise errors.has_been_destroyed(pods.LABEL, name)
    pod = array.pods.put(_changed(array, pod, body))
    if body.get('quota_limit') and not body.get('ignore_usage'):
        pod_quota.expect_room(array, pod.id, pod.name)
    if body.get('requested_promotion_state') is not None:
        pod = pod_promotion.request(call, pod, body)
    if body.get('name') is not None:
        pod = pods.rename(array, pod, body['name'])
    return pod


def _changed(array: FlashArray, pod: model.Pod, body: Item) -> model.Pod:
    if body.get('mediator') is not None:
        if not isinstance(body['mediator'], str) or not body['mediator']:
            raise errors.invalid_parameter('mediator.', pod.name)
        pod = replace(pod, mediator=body['mediator'])
    if body.get('failover_preferences') is not None:
        preferences = _preferences(
            array, body['failover_preferences'], pod, pod.name
        )
        pod = replace(pod, failover_preferences=preferences)
    if body.get('quota_limit') is not None:
        quota = body['quota_limit']
        limit = None if quota == '' else pod_quota.check(quota, pod.name)
        pod = replace(pod, quota_limit=limit)
    return pod


def delete(call: Call) -> Answer:
    array = call.array
    contents = bool(call.query.boolean('eradicate_contents'))

    def eradicate(name: str) -> None:
        pod = pods.find(array, name)
        pods.expect_eradicable(array, pod, contents)
        safemode.refuse_pod_eradication(array, pod)
        pods.eradicate(array, pod)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


def space(call: Call) -> Answer:
    array = call.array

    def item(pod: model.Pod) -> Item:
        usage = array.pod_usage.of(pod.id)
        return {
            'id': pod.id,
            'name': pod.name,
            'time': array.now(),
            'space': rendering.space(
                usage.provisioned,
                usage.written,
                array.volume_usage.pod(pod.id),
            ),
        }

    return Listing(
        label=pods.LABEL,
        collection=array.pods,
        render=item,
        destroyed=_is_destroyed,
    ).answer(call)


def load(call: Call) -> Answer:
    array = call.array
    found = Listing(
        label=pods.LABEL,
        collection=array.pods,
        render=lambda pod: {},
        destroyed=_is_destroyed,
        visible=lambda pod: pod.destroyed is None,
    )
    return performance.answer(call, found, lambda pod: traffic.pod_key(pod.id))


_REPLICATION = ('continuous', 'periodic', 'resync', 'sync')


def _rates(from_remote: int = 0, to_remote: int = 0) -> dict[str, int]:
    return {
        'from_remote_bytes_per_sec': from_remote,
        'to_remote_bytes_per_sec': to_remote,
        'total_bytes_per_sec': from_remote + to_remote,
    }


def _continuous(array: FlashArray, pod: model.Pod) -> dict[str, int]:
    """Return what goes over the pod's replica link."""
    link = pod_links.of_pod(array, pod.id)
    if link is None:
        return _rates()
    rate = array.traffic.rate(link.id, array.now())
    return _rates(to_remote=rate) if link.outbound else _rates(rate)


def replication_load(call: Call) -> Answer:
    array = call.array

    def item(pod: model.Pod) -> Item:
        rates = {kind: _rates() for kind in _REPLICATION}
        rates['continuous'] = _continuous(array, pod)
        for kind in (pod_traffic.SYNC, pod_traffic.RESYNC):
            rates[kind] = _rates(*pod_traffic.rates(array, kind, pod.id))
        total = sum(rate['total_bytes_per_sec'] for rate in rates.values())
        return {
            'pod': rendering.reference(pod),
            'time': array.now(),
            'total_bytes_per_sec': total,
            **{f'{kind}_bytes_per_sec': rates[kind] for kind in rates},
        }

    return Listing(
        label=pods.LABEL,
        collection=array.pods,
        render=item,
        destroyed=_is_destroyed,
        visible=lambda pod: pod.destroyed is None,
    ).answer(call)


_TIMES = ('destroyed', *performance.TIMES)

ROUTES = (
    Route('GET', 'pods', get, ('destroyed',)),
    Route('POST', 'pods', post, ('allow_throttle',)),
    Route(
        'PATCH',
        'pods',
        patch,
        (
            'abort_quiesce',
            'destroy_contents',
            'from_member_ids',
            'from_member_names',
            'move_with_host_group_names',
            'move_with_host_names',
            'promote_from',
            'quiesce',
            'skip_quiesce',
            'to_member_ids',
            'to_member_names',
        ),
    ),
    Route('DELETE', 'pods', delete, ('eradicate_contents',)),
    Route('GET', 'pods/space', space, _TIMES),
    Route('GET', 'pods/performance', load, _TIMES),
    Route(
        'GET',
        'pods/performance/replication',
        replication_load,
        _TIMES,
    ),
)
