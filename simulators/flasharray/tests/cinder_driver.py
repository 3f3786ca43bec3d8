# SPDX-License-Identifier: Apache-2.0
"""Cinder's own Pure driver with a database, but without its services."""

import os
import uuid
from pathlib import Path
from typing import Any

os.environ.setdefault('OS_CINDER_DISABLE_EVENTLET_PATCHING', 'true')

from cinder import context, coordination, objects
from oslo_config import cfg

# Cinder's manager uses the objects while it is imported.
objects.register_all()

from cinder.common import config as common_config  # noqa: E402, F401
from cinder.db import migration  # noqa: E402
from cinder.volume import (  # noqa: E402
    configuration,
    group_types,
    manager,
)
from cinder.volume.drivers import pure  # noqa: E402

from tests.support import ArrayProcess  # noqa: E402

CONF = cfg.CONF
ASYNC_SPECS = {
    'replication_enabled': '<is> True',
    'replication_type': '<in> async',
}


def prepare(directory: Path) -> None:
    """Give Cinder a database and a place for locks; once per process."""
    CONF([], project='cinder', default_config_files=[])
    CONF.set_override(
        'connection', f'sqlite:///{directory}/cinder.db', 'database'
    )
    CONF.set_override('lock_path', str(directory), 'oslo_concurrency')
    CONF.set_override('state_path', str(directory))
    CONF.set_override(
        'backend_url', f'file://{directory}/coordination', 'coordination'
    )
    migration.db_sync()
    coordination.COORDINATOR.start()


def end() -> None:
    coordination.COORDINATOR.stop()


def admin() -> Any:
    return context.RequestContext('user', str(uuid.uuid4()), is_admin=True)


def driver(
    primary: ArrayProcess, *secondaries: ArrayProcess, **options: Any
) -> Any:
    """Return a PureISCSIDriver that has been set up against arrays."""
    group = f'backend_{uuid.uuid4().hex[:8]}'
    config = configuration.Configuration(
        manager.volume_backend_opts, config_group=group
    )
    made = pure.PureISCSIDriver(configuration=config, host='host@pure')
    settings = {
        'volume_backend_name': 'pure',
        'san_ip': primary.target,
        'pure_api_token': primary.token,
        **options,
    }
    if secondaries:
        settings['replication_device'] = [
            {
                'backend_id': secondary.name,
                'san_ip': secondary.target,
                'api_token': secondary.token,
                'type': 'async',
            }
            for secondary in secondaries
        ]
    for name, value in settings.items():
        CONF.set_override(name, value, group)
    made.do_setup(admin())
    made.check_for_setup_error()
    return made


def volume_type(name: str, **extra_specs: str) -> Any:
    made = objects.VolumeType(
        admin(),
        name=f'{name}-{uuid.uuid4().hex[:6]}',
        extra_specs=extra_specs,
        is_public=True,
        projects=[],
        description='',
    )
    made.create()
    return objects.VolumeType.get_by_id(admin(), made.id)


def volume(kind: Any, size: int = 1, **fields: Any) -> Any:
    """Return a Cinder volume that no array has yet."""
    ctxt = admin()
    made = objects.Volume(
        ctxt,
        size=size,
        volume_type_id=kind.id if kind else None,
        host='host@pure#pure',
        status='creating',
        display_name='test',
        project_id=ctxt.project_id,
        user_id=ctxt.user_id,
        availability_zone='nova',
        **fields,
    )
    made.create()
    return reload(made)


def reload(stored: Any) -> Any:
    return objects.Volume.get_by_id(admin(), stored.id)


def keep(stored: Any, update: dict[str, Any] | None) -> Any:
    """Store what the driver returned for a volume, as Cinder would."""
    if update:
        stored.update(update)
        stored.save()
    return reload(stored)


def snapshot(stored: Any) -> Any:
    made = objects.Snapshot(
        admin(),
        volume_id=stored.id,
        volume_size=stored.size,
        status='creating',
        project_id=stored.project_id,
        user_id=stored.user_id,
        display_name='snap',
    )
    made.create()
    return objects.Snapshot.get_by_id(admin(), made.id)


def connector(name: str) -> dict[str, Any]:
    return {
        'host': name,
        'initiator': f'iqn.1993-08.org.debian:{name}',
        'multipath': True,
        'ip': '127.0.0.1',
        'system uuid': str(uuid.uuid4()),
    }


def group(kind: Any) -> Any:
    """Return a consistency group for volumes of a type."""
    ctxt = admin()
    made_type = group_types.create(
        ctxt,
        f'cg-{uuid.uuid4().hex[:6]}',
        {'consistent_group_snapshot_enabled': '<is> True'},
    )
    made = objects.Group(
        ctxt,
        name='group',
        host='host@pure#pure',
        group_type_id=made_type.id,
        volume_type_ids=[kind.id],
        status='creating',
        project_id=ctxt.project_id,
        user_id=ctxt.user_id,
    )
    made.create()
    return objects.Group.get_by_id(ctxt, made.id)


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
    return objects.GroupSnapshot.get_by_id(admin(), made.id)
