# SPDX-License-Identifier: Apache-2.0
"""Rows of Cinder's database, as its API would have made them."""

import uuid
from typing import Any

from cinder import context, objects
from cinder.volume import group_types, qos_specs

HOST = 'host@pure#pure'


def admin() -> Any:
    return context.RequestContext('user', str(uuid.uuid4()), is_admin=True)


def volume_type(
    extra_specs: dict[str, str], qos: dict[str, str] | None = None
) -> Any:
    """Return a new volume type; qos are its back-end QoS specs."""
    ctxt = admin()
    made = objects.VolumeType(
        ctxt,
        name=f'type-{uuid.uuid4().hex[:8]}',
        extra_specs=extra_specs,
        is_public=True,
        projects=[],
        description='',
    )
    made.create()
    if qos:
        specs = qos_specs.create(
            ctxt, f'qos-{made.id}', {'consumer': 'back-end', **qos}
        )
        qos_specs.associate_qos_with_type(ctxt, specs.id, made.id)
    return objects.VolumeType.get_by_id(admin(), made.id)


def volume(kind: Any, size: int = 1, **fields: Any) -> Any:
    """Return a Cinder volume that no array has yet."""
    ctxt = admin()
    made = objects.Volume(
        ctxt,
        **{
            'size': size,
            'volume_type_id': kind.id if kind else None,
            'host': HOST,
            'status': 'creating',
            'display_name': 'test',
            'project_id': ctxt.project_id,
            'user_id': ctxt.user_id,
            'availability_zone': 'nova',
            **fields,
        },
    )
    made.create()
    return reload(made)


def reload(stored: Any) -> Any:
    return type(stored).get_by_id(admin(), stored.id)


def keep(stored: Any, update: dict[str, Any] | None) -> Any:
    """Store what the driver returned for a volume, as Cinder would."""
    if update:
        stored.update(update)
        stored.save()
    return reload(stored)


def snapshot(stored: Any, **fields: Any) -> Any:
    made = objects.Snapshot(
        admin(),
        volume_id=stored.id,
        volume_size=stored.size,
        volume_type_id=stored.volume_type_id,
        status='creating',
        project_id=stored.project_id,
        user_id=stored.user_id,
        display_name='snap',
        **fields,
    )
    made.create()
    return reload(made)


def attachment(stored: Any, host: str, instance: str) -> Any:
    """Record that a server on a host uses the volume."""
    made = objects.VolumeAttachment(
        admin(),
        volume_id=stored.id,
        attached_host=host,
        instance_uuid=instance,
        attach_status='attached',
        mountpoint='/dev/vdb',
        attach_mode='rw',
    )
    made.create()
    return made


def group(kinds: list[Any], replicated: bool = False) -> Any:
    """Return a consistency group for volumes of some types."""
    ctxt = admin()
    specs = {'consistent_group_snapshot_enabled': '<is> True'}
    if replicated:
        specs['consistent_group_replication_enabled'] = '<is> True'
    made_type = group_types.create(ctxt, f'cg-{uuid.uuid4().hex[:8]}', specs)
    kind_ids = [kind.id for kind in kinds]
    made = objects.Group(
        ctxt,
        name='group',
        host=HOST,
        group_type_id=made_type.id,
        volume_type_ids=kind_ids,
        status='creating',
        project_id=ctxt.project_id,
        user_id=ctxt.user_id,
    )
    made.create()
    stored = reload(made)
    # Cinder's API sends them along; the database does not give them back.
    stored.volume_type_ids = kind_ids
    stored.obj_reset_changes()
    return stored


def group_snapshot(stored: Any) -> Any:
    made = objects.GroupSnapshot(
        admin(),
        group_id=stored.id,
        group_type_id=stored.group_type_id,
        name='snapshot',
        status='creating',
        project_id=stored.project_id,
        user_id=stored.user_id,
    )
    made.create()
    return reload(made)
