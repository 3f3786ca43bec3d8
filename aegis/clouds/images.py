# SPDX-License-Identifier: Apache-2.0
"""Glance, as far as Aegis uses it.

A plain keystoneauth adapter: an SDK resource costs some 70 times the CPU of
the JSON it is made from.
"""

from typing import Any

from keystoneauth1 import adapter

from aegis.clouds import objects, paging, values

_ATTRIBUTES = frozenset(
    {
        'checksum',
        'container_format',
        'created_at',
        'direct_url',
        'disk_format',
        'file',
        'id',
        'locations',
        'min_disk',
        'min_ram',
        'name',
        'os_hash_algo',
        'os_hash_value',
        'os_hidden',
        'owner',
        'protected',
        'schema',
        'self',
        'size',
        'status',
        'stores',
        'tags',
        'updated_at',
        'virtual_size',
        'visibility',
    }
)


class Images:
    """The images that one project sees at one site."""

    def __init__(self, client: adapter.Adapter, site: str, project_id: str):
        self._client = client
        self.site = site
        self.project_id = project_id

    def get_image(self, image_id: str) -> objects.Image:
        """One image.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        """
        return _image(self._get(f'/images/{image_id}'))

    def list_images(
        self, name: str | None = None
    ) -> tuple[objects.Image, ...]:
        """The images the project may use, of one name or all."""
        query = {} if name is None else {'name': name}
        return tuple(
            _image(image)
            for image in paging.items(self._get, '/images', 'images', query)
        )

    def _get(self, path: str) -> Any:
        body = self._client.get(path).json()
        if 'next' in body:
            body['images_links'] = [{'rel': 'next', 'href': body['next']}]
        return body


def _image(body: dict[str, Any]) -> objects.Image:
    return objects.Image(
        id=body['id'],
        name=body.get('name') or '',
        status=body['status'],
        visibility=body['visibility'],
        size_bytes=body.get('size'),
        properties=values.pairs(
            {
                key: value
                for key, value in body.items()
                if key not in _ATTRIBUTES
            }
        ),
    )
