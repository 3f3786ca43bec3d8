# SPDX-License-Identifier: Apache-2.0
"""Cinder, as far as Aegis uses it.

The facts are those of Cinder's own API reference and sources. Every call is
made as an administrator inside one project; a volume of another project is
not found.
"""

import contextlib
from collections.abc import Collection, Iterable
from typing import Any

from cinderclient.v3 import client as cinder

from aegis.clouds import errors, objects, reading, requests, values

_SERVICE = 'cinder'
_PROJECT = 'os-vol-tenant-attr:tenant_id'


class BlockStorage:
    """The volumes of one project at one site."""

    def __init__(self, client: cinder.Client, site: str, project_id: str):
        self._client = client
        self._reader = reading.of_client(client)
        self.site = site
        self.project_id = project_id
        self._listed = reading.Memory(lambda body: _volume(body, project_id))

    def get_volume(self, volume_id: str) -> objects.Volume:
        """One volume.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        """
        body = self._reader.get(f'/volumes/{volume_id}')['volume']
        if body[_PROJECT] != self.project_id:
            raise errors.not_found(self.site, _SERVICE, 'volume', volume_id)
        return _volume(body, self.project_id)

    def list_volumes(
        self, ids: Collection[str] | None = None
    ) -> tuple[objects.Volume, ...]:
        """The project's volumes, in one paged list."""
        listed = self._listed.recall(
            self._reader.items('/volumes/detail', 'volumes')
        )
        return tuple(
            volume for volume in listed if ids is None or volume.id in ids
        )

    def read_volumes(self, ids: Collection[str]) -> tuple[objects.Volume, ...]:
        """The project's volumes with some ids, as they are listed.

        Cinder offers this for one volume at a time. One that has gone is
        left out.
        """
        return tuple(reading.some(ids, self.get_volume))

    def manage_volume(self, request: requests.ManageRequest) -> objects.Volume:
        """Ask Cinder to take an array volume over.

        The volume is there when its status is ``available``. Then the
        driver has renamed it on the array, removed its array QoS and
        replaced its metadata. Not idempotent: look for the name first.
        """
        created = self._client.volumes.manage(
            host=request.host,
            ref={'source-name': request.reference},
            name=request.name,
            description=request.description,
            volume_type=request.volume_type,
            availability_zone=request.availability_zone,
            metadata=values.mapping(request.metadata),
            bootable=request.bootable,
        )
        return _volume(created._info, self.project_id)

    def unmanage_volume(self, volume_id: str) -> None:
        """Ask Cinder to forget a volume; the array keeps it."""
        self._client.volumes.unmanage(volume_id)

    def delete_volume(self, volume_id: str) -> None:
        """Ask for a volume to go, on the array as well."""
        self._client.volumes.delete(volume_id)

    def update_volume(
        self,
        volume_id: str,
        name: str,
        description: str | None,
        metadata: Iterable[objects.Pair],
    ) -> None:
        """Set name, description and metadata. Idempotent.

        :param metadata: all that there is from now on.
        """
        self._client.volumes.update(
            volume_id,
            name=name,
            description=description or '',
            metadata=values.mapping(metadata),
        )

    def set_bootable(self, volume_id: str, bootable: bool) -> None:
        """Mark a volume as bootable or not. Idempotent."""
        self._client.volumes.set_bootable(volume_id, bootable)

    def set_image_metadata(
        self, volume_id: str, metadata: Iterable[objects.Pair]
    ) -> None:
        """Add or replace keys of the image metadata; others stay."""
        self._client.volumes.set_image_metadata(
            volume_id, values.mapping(metadata)
        )

    def list_types(self) -> tuple[objects.VolumeType, ...]:
        """The volume types the project may use, without ``encrypted``."""
        return tuple(
            _volume_type(item, encrypted=False)
            for item in self._reader.items('/types', 'volume_types')
        )

    def type_encrypts(self, type_id: str) -> bool:
        """Whether volumes of a type are encrypted."""
        body = self._reader.get(f'/types/{type_id}/encryption')
        return bool(body and body.get('provider'))

    def list_pools(self) -> tuple[objects.VolumePool, ...]:
        """The backend pools that report to Cinder's scheduler."""
        body = self._reader.get('/scheduler-stats/get_pools?detail=True')
        return tuple(_pool(pool) for pool in body['pools'])

    def quotas(self) -> tuple[objects.QuotaLine, ...]:
        """The project's quotas, those per volume type included."""
        return self._reader.quotas(
            f'/os-quota-sets/{self.project_id}?usage=True',
            'quota_set',
            'in_use',
        )


def _volume(body: dict[str, Any], project_id: str) -> objects.Volume:
    metadata = body.get('metadata') or {}
    return objects.Volume(
        id=body['id'],
        name=body['name'] or '',
        description=body.get('description'),
        project_id=body.get(_PROJECT, project_id),
        status=body['status'],
        size_gib=body['size'],
        volume_type=body.get('volume_type'),
        bootable=values.is_true(body['bootable']),
        encrypted=values.is_true(body['encrypted']),
        multiattach=values.is_true(body['multiattach']),
        availability_zone=body.get('availability_zone'),
        host=body.get('os-vol-host-attr:host'),
        replication_status=body.get('replication_status'),
        metadata=values.pairs(metadata),
        image_metadata=values.pairs(body.get('volume_image_metadata')),
        attached_to=tuple(
            attachment['server_id']
            for attachment in body['attachments']
            if attachment.get('server_id')
        ),
        array=metadata.get('array_name'),
        # Never the metadata of the same meaning: its owner can write there
        # and would name a volume of somebody else.
        array_volume=body.get('provider_id'),
        created_at=values.time(body.get('created_at')),
    )


def _volume_type(body: dict[str, Any], encrypted: bool) -> objects.VolumeType:
    specs = body.get('extra_specs') or {}
    return objects.VolumeType(
        id=body['id'],
        name=body['name'],
        description=body.get('description'),
        is_public=bool(body.get('is_public', True)),
        backend=specs.get('volume_backend_name'),
        replication_enabled=values.is_true(
            specs.get('replication_enabled', False)
        ),
        replication_type=_operand(specs.get('replication_type')),
        encrypted=encrypted,
    )


def _operand(spec: str | None) -> str | None:
    """The bare word of an extra spec such as ``<in> async``."""
    return spec.rpartition(' ')[2] if spec else None


def _pool(body: dict[str, Any]) -> objects.VolumePool:
    capabilities = body.get('capabilities') or {}
    free = None
    with contextlib.suppress(TypeError, ValueError):
        free = float(capabilities.get('free_capacity_gb', 'unknown'))
    return objects.VolumePool(
        name=body['name'],
        backend=capabilities.get('volume_backend_name', ''),
        free_gib=free,
    )
