# SPDX-License-Identifier: Apache-2.0
"""Bytes on volumes, and copies of them at the other site."""

import datetime
import hashlib
from dataclasses import dataclass

from flasharray_simulator import door
from pypureclient import configuration, flasharray

from deployment import facts
from scenario import build
from sites import errors, waiting

_MIB = 1024 * 1024
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Content:
    """What a volume held at one moment: SHA-256 of all its bytes."""

    volume: str
    digest: str


@dataclass(frozen=True)
class Snapshot:
    """A replicated snapshot; ``created`` is by the source array's clock."""

    name: str
    created: datetime.datetime


def array_volume(volume: build.BuiltVolume) -> str:
    """The name Cinder's driver gives a volume on the array."""
    return f'volume-{volume.id}-cinder'


def write(
    array: facts.Array, application: build.Application, chapter: str
) -> None:
    """Write recognisable bytes to every volume, at three places each."""
    side_door = door.Door(array.door_url)
    for volume in application.volumes:
        size = volume.plan.size_gib * 1024 * _MIB
        for offset in (0, size // 2, size - _BLOCK):
            side_door.write(
                array_volume(volume),
                offset,
                _block(f'{chapter}/{volume.plan.name}/{offset}'),
            )


def contents(
    array: facts.Array, application: build.Application
) -> tuple[Content, ...]:
    """Fingerprint every volume of an application."""
    side_door = door.Door(array.door_url)
    return tuple(
        Content(volume.plan.name, side_door.digest(array_volume(volume)))
        for volume in application.volumes
    )


def replicate(
    sites: facts.Sites, group: str, waiter: waiting.Waiter
) -> Snapshot:
    """Take a snapshot at east and wait until west has all of it."""
    east = client(sites.east.array)
    answer = east.post_protection_group_snapshots(
        source_names=[group], replicate_now=True
    )
    if not isinstance(answer, flasharray.ValidResponse):
        raise errors.CloudsError(f'fa-east took no snapshot: {answer.errors}')
    taken = next(iter(answer.items))
    name = f'{sites.east.array.name}:{taken.name}'
    west = client(sites.west.array)
    waiter.until(
        f'{name} at {sites.west.array.name}',
        lambda: _complete(west, name),
        deadline=120,
    )
    return Snapshot(
        name,
        datetime.datetime.fromtimestamp(taken.created / 1000, datetime.UTC),
    )


def client(array: facts.Array) -> flasharray.Client:
    """A storage administrator's session at an array."""
    return flasharray.Client(
        target=array.management,
        api_token=array.api_token,
        verify_ssl=True,
        # The client overlooks the file when it is given as ssl_cert.
        configuration=configuration.Configuration(
            ssl_ca_cert=array.certificate
        ),
    )


def _complete(west: flasharray.Client, name: str) -> bool:
    answer = west.get_protection_group_snapshots_transfer(names=[name])
    if not isinstance(answer, flasharray.ValidResponse):
        return False
    return any(
        transfer.progress == 1.0 and getattr(transfer, 'completed', None)
        for transfer in answer.items
    )


def _block(seed: str) -> bytes:
    return hashlib.shake_256(seed.encode()).digest(_BLOCK)
