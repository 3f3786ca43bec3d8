# SPDX-License-Identifier: Apache-2.0
"""The tags of volumes, snapshots, groups, hosts and pods."""

from typing import Any, Protocol

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.collections import Collection
from flasharray_simulator.domain import volumes
from flasharray_simulator.listing import Listing

LONGEST_KEY = 64
LONGEST_VALUE = 256
DEFAULT_NAMESPACE = 'default'
_FIELDS = ('key', 'value', 'namespace', 'copyable', 'resource')


class Resource(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def of(array: FlashArray, resource_id: str) -> list[Item]:
    """Return key and value of all tags of an object."""
    return [
        {'key': tag.key, 'value': tag.value}
        for tag in array.tags.by('resource', resource_id)
    ]


def put_all(
    array: FlashArray, kind: str, resource: Resource, wanted: Any
) -> list[model.Tag]:
    """Set the tags of a body's list; raise ApiError for a bad one."""
    if not isinstance(wanted, list):
        raise errors.invalid_parameter('tags.', resource.name)
    return [
        array.tags.put(_read(check_fields(tag, _FIELDS), kind, resource))
        for tag in wanted
    ]


def _read(fields: Item, kind: str, resource: Resource) -> model.Tag:
    key = fields.get('key')
    value = fields.get('value')
    namespace = fields.get('namespace') or DEFAULT_NAMESPACE
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise errors.invalid_parameter('tag key.', resource.name)
    if value is not None and (
        not isinstance(value, str) or len(value) > LONGEST_VALUE
    ):
        raise errors.invalid_parameter('tag value.', resource.name)
    return model.Tag(
        id=volumes.tag_id(resource.id, namespace, key),
        resource_id=resource.id,
        resource_kind=kind,
        namespace=namespace,
        key=key,
        value=value,
        copyable=bool(fields.get('copyable', True)),
    )


class TagFamily:
    """The tag calls of one kind of object."""

    def __init__(self, kind: str, label: str) -> None:
        self._kind = kind
        self._label = label
        self.routes = (
            Route(
                'GET',
                f'{kind}/tags',
                self.get,
                ('namespaces', 'resource_destroyed', 'resource_names'),
            ),
            Route(
                'PUT',
                f'{kind}/tags/batch',
                self.put,
                ('resource_names',),
            ),
            Route(
                'DELETE',
                f'{kind}/tags',
                self.delete,
                ('keys', 'namespaces', 'resource_names'),
            ),
        )

    def _resources(self, array: FlashArray) -> Collection[Any]:
        found: Collection[Any] = getattr(array, self._kind.replace('-', '_'))
        return found

    def _find(self, array: FlashArray, name: str) -> Any:
        stored = self._resources(array).find(name)
        if stored is None:
            raise errors.does_not_exist(self._label, name)
        return stored

    def _chosen(self, call: Call) -> list[Any]:
        wanted = call.query.many('resource_names')
        return errors.for_each(
            wanted, lambda name: self._find(call.array, name)
        )

    def get(self, call: Call) -> Answer:
        array = call.array
        namespaces = [n.casefold() for n in call.query.many('namespaces')]
        destroyed = call.query.boolean('resource_destroyed')
        if call.query.many('resource_names'):
            candidates = [
                tag
                for resource in self._chosen(call)
                for tag in array.tags.by('resource', resource.id)
            ]
        else:
            candidates = array.tags.by('kind', self._kind)

        def visible(tag: model.Tag) -> bool:
            if namespaces and tag.namespace.casefold() not in namespaces:
                return False
            resource = self._resources(array)[tag.resource_id]
            is_destroyed = getattr(resource, 'destroyed', None) is not None
            return destroyed in (None, is_destroyed)

        return Listing(
            label='Tag',
            collection=array.tags,
            render=lambda tag: self._render(array, tag),
            visible=visible,
        ).answer(call, candidates)

    def put(self, call: Call) -> Answer:
        call.query.required('resource_names')
        if not isinstance(call.body, list) or not call.body:
            raise errors.missing_parameter()
        made = [
            tag
            for resource in self._chosen(call)
            for tag in put_all(call.array, self._kind, resource, call.body)
        ]
        return Answer([self._render(call.array, tag) for tag in made])

    def delete(self, call: Call) -> Answer:
        call.query.required('resource_names')
        namespaces = call.query.many('namespaces') or [DEFAULT_NAMESPACE]
        keys = [key.casefold() for key in call.query.many('keys')]
        wanted = [n.casefold() for n in namespaces]
        for resource in self._chosen(call):
            for tag in call.array.tags.by('resource', resource.id):
                if tag.namespace.casefold() in wanted and (
                    not keys or tag.key.casefold() in keys
                ):
                    call.array.tags.remove(tag.id)
        return Answer()

    def _render(self, array: FlashArray, tag: model.Tag) -> Item:
        resource = self._resources(array)[tag.resource_id]
        return {
            'copyable': tag.copyable,
            'key': tag.key,
            'namespace': tag.namespace,
            'resource': {'name': resource.name, 'id': resource.id},
            'value': tag.value,
        }


ROUTES = (
    *TagFamily('pods', 'Pod').routes,
    *TagFamily('volumes', volumes.LABEL).routes,
    *TagFamily('volume-snapshots', volumes.SNAPSHOT_LABEL).routes,
    *TagFamily('volume-groups', 'Volume group').routes,
    *TagFamily('protection-groups', 'Protection group').routes,
    *TagFamily('hosts', 'Host').routes,
    *TagFamily('host-groups', 'Host group').routes,
)
