# SPDX-License-Identifier: Apache-2.0
"""Clients that do what they must not, each beside the one that does right.

Every function takes the py-pure-client of an array and does one small piece
of work; it raises Refused when the array said no. What a wrong one does is
a mistake that has been made.
"""

from collections.abc import Callable
from typing import Any

from pypureclient import flasharray as fa

COPYABLE = 'progress="1.0"'


class Refused(Exception):
    """The array answered with something other than 200."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        super().__init__(response.errors[0].message)


def done(response: Any) -> list[Any]:
    """Return the items of a response; raise Refused if it has none."""
    if response.status_code != 200:
        raise Refused(response)
    return list(response.items or [])


def copy(client: Any, source: str, target: str, **options: Any) -> Any:
    (volume,) = done(
        client.post_volumes(
            names=[target],
            volume=fa.VolumePost(source=fa.Reference(name=source)),
            **options,
        )
    )
    return volume


def make(client: Any, name: str, size: int = 2**20) -> Any:
    (volume,) = done(
        client.post_volumes(
            names=[name], volume=fa.VolumePost(provisioned=size)
        )
    )
    return volume


def change(client: Any, volume_name: str, **fields: Any) -> Any:
    (volume,) = done(
        client.patch_volumes(
            names=[volume_name], volume=fa.VolumePatch(**fields)
        )
    )
    return volume


def promote_newest(client: Any, group: str, volume: str, target: str) -> None:
    """Wrong: take the newest snapshot, complete or not."""
    snapshots = done(client.get_protection_group_snapshots(names=[group]))
    newest = max(snapshots, key=lambda snapshot: snapshot.created)
    copy(client, f'{newest.name}.{volume}', target)


def promote_newest_transfer(
    client: Any, group: str, volume: str, target: str
) -> None:
    """Wrong: take the newest that has a transfer record at all."""
    records = done(
        client.get_protection_group_snapshots_transfer(
            names=[group], sort=['started-']
        )
    )
    copy(client, f'{records[0].name}.{volume}', target)


def promote_complete(
    client: Any, group: str, volume: str, target: str
) -> None:
    """Right: take the newest whose transfer is complete."""
    records = done(
        client.get_protection_group_snapshots_transfer(
            names=[group], filter=COPYABLE, sort=['started-']
        )
    )
    copy(client, f'{records[0].name}.{volume}', target)


def reuse_the_name(client: Any, name: str) -> None:
    """Wrong: take a destroyed volume's name for free."""
    change(client, name, destroyed=True)
    make(client, name)


def eradicate_and_reuse(client: Any, name: str) -> None:
    """Right: eradicate what holds the name first."""
    change(client, name, destroyed=True)
    done(client.delete_volumes(names=[name]))
    make(client, name)


def manage_in_place(client: Any, name: str, managed: str) -> None:
    """Wrong: rename a pod's volume, then look for it outside of the pod."""
    change(client, name, name=managed)
    done(client.get_volumes(names=[managed]))


def manage_by_moving(client: Any, name: str, managed: str) -> None:
    """Wrong: take a volume out of a stretched pod."""
    change(client, name, pod=fa.Reference(name=''))
    done(client.get_volumes(names=[managed]))


def manage_a_clone(client: Any, name: str, managed: str) -> None:
    """Right: clone it out of the pod, and manage the clone."""
    copy(client, name, 'cloned-from-pod')
    change(client, 'cloned-from-pod', name=managed)
    done(client.get_volumes(names=[managed]))


def move_into_pod(client: Any, name: str, pod: str, peer: str) -> None:
    """Wrong: move a local volume into a stretched pod."""
    change(client, name, pod=fa.Reference(name=pod))


def move_by_ghost_pod(
    client: Any,
    name: str,
    pod: str,
    peer: str,
    wait: Callable[[Callable[[], Any]], Any],
) -> None:
    """Right: move it between pods that are stretched alike."""
    ghost = {'group_names': ['ghost'], 'member_names': [peer]}
    done(client.post_pods(names=['ghost'], pod=fa.PodPost()))
    change(client, name, pod=fa.Reference(name='ghost'))
    done(client.post_pods_arrays(**ghost))

    def online() -> bool:
        (found,) = done(client.get_pods(names=['ghost']))
        return len(found.arrays) == 2 and all(
            array.status == 'online' for array in found.arrays
        )

    wait(online)
    change(client, f'ghost::{name}', pod=fa.Reference(name=pod))
    done(client.delete_pods_arrays(**ghost))
    done(
        client.patch_pods(
            names=['ghost'],
            pod=fa.PodPatch(destroyed=True),
            destroy_contents=True,
        )
    )


def delete(client: Any, name: str) -> None:
    """Wrong: DELETE, which eradicates, a volume that lives."""
    done(client.delete_volumes(names=[name]))


def destroy_and_delete(client: Any, name: str) -> None:
    """Right: destroy it first."""
    change(client, name, destroyed=True)
    done(client.delete_volumes(names=[name]))


def connect(client: Any, host: str, volume: str) -> Any:
    """Right for the first time only."""
    (connection,) = done(
        client.post_connections(
            host_names=[host],
            volume_names=[volume],
            connection=fa.ConnectionPost(),
        )
    )
    return connection


def connect_at_zero(client: Any, host: str, volume: str) -> Any:
    """Wrong: ask for LUN 0, which is the array's own."""
    # The library does not let it be asked for.
    zero = fa.ConnectionPost.construct(lun=0)
    (connection,) = done(
        client.post_connections(
            host_names=[host], volume_names=[volume], connection=zero
        )
    )
    return connection


def connect_or_find(client: Any, host: str, volume: str) -> Any:
    """Right: an attachment that is there already is good too."""
    try:
        return connect(client, host, volume)
    except Refused as refusal:
        if 'already exists' not in str(refusal):
            raise
    (connection,) = done(
        client.get_connections(host_names=[host], volume_names=[volume])
    )
    return connection


def exists_by_emptiness(client: Any, name: str) -> bool:
    """Wrong: expect an empty list for a name that is not there."""
    return bool(list(client.get_volumes(names=[name]).items))


def exists(client: Any, name: str) -> bool:
    """Right: a name that is not there is an error with a text."""
    response = client.get_volumes(names=[name])
    if response.status_code == 200:
        return True
    if 'does not exist' in response.errors[0].message:
        return False
    raise Refused(response)


def names_on_first_page(get: Callable[..., dict[str, Any]]) -> list[str]:
    """Wrong: read one answer. ``get`` returns the raw body of a list."""
    return [item['name'] for item in get()['items']]


def names_on_all_pages(get: Callable[..., dict[str, Any]]) -> list[str]:
    """Right: go on while there are more."""
    body = get()
    found = [item['name'] for item in body['items']]
    while body['more_items_remaining']:
        body = get(continuation_token=body['continuation_token'])
        found += [item['name'] for item in body['items']]
    return found


def create_and_believe(client: Any, name: str) -> bool:
    """Wrong: take every status but 400 for success, as one driver does."""
    response = client.post_volumes(
        names=[name], volume=fa.VolumePost(provisioned=2**20)
    )
    return bool(response.status_code != 400)


def create_and_repeat(client: Any, name: str) -> None:
    """Wrong: create again after an answer that says nothing sure."""
    try:
        make(client, name)
    except Refused as refusal:
        if refusal.status != 500:
            raise
        make(client, name)


def create_and_look(client: Any, name: str) -> bool:
    """Right: read what was made, whatever the answer was."""
    client.post_volumes(names=[name], volume=fa.VolumePost(provisioned=2**20))
    return exists(client, name)


def wait_for_primary(primary: Any, secondary: Any) -> Any:
    """Wrong: need the primary array to start. Both open a client."""
    return [primary(), secondary()]


def start_with_either(primary: Any, secondary: Any) -> Any:
    """Right: start with what answers."""
    found = []
    for open_client in (primary, secondary):
        try:
            found.append(open_client())
        except Exception as error:
            if not _is_unreachable(error):
                raise
    return found


def _is_unreachable(error: Exception) -> bool:
    return 'Max retries exceeded' in str(error)
