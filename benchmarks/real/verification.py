# SPDX-License-Identifier: Apache-2.0
"""Did a contender bring up what it was to bring up?"""

from collections.abc import Iterator

from flasharray_simulator import door

from benchmarks.real import rig


class Wrong(Exception):
    """A contender said that it was done, but it was not."""


def verify(running: rig.Rig, source: rig.Source, share: rig.Share) -> None:
    """See that all servers run on the bytes of the recovery point.

    :raises Wrong: when they do not.
    """
    problems = list(_problems(running, source, share))
    if problems:
        raise Wrong(' '.join(problems))


def _problems(
    running: rig.Rig, source: rig.Source, share: rig.Share
) -> Iterator[str]:
    cloud = running.connect()
    array = door.Door(running.sites.west.array.door_url)
    digests = {each.volume: each.digest for each in source.contents}
    servers = {each.name: each for each in cloud.compute.servers()}
    volumes = {each.id: each for each in cloud.block_storage.volumes()}
    wanted = {server.plan.name for server in share.servers}
    if servers.keys() != wanted:
        yield f'The servers are {sorted(servers)}, not {sorted(wanted)}.'
        return
    if len(volumes) != sum(len(each.volumes) for each in share.servers):
        yield f'There are {len(volumes)} volumes.'
    for built in share.servers:
        server = servers[built.plan.name]
        if server.status != 'ACTIVE':
            yield f'{server.name} is {server.status}.'
        names = []
        for attached in server.attached_volumes:
            volume = volumes[attached['id']]
            names.append(volume.name)
            digest = array.digest(f'volume-{volume.id}-cinder')
            if digest != digests[volume.name]:
                yield f'{volume.name} holds something else.'
        if sorted(names) != sorted(each.plan.name for each in built.volumes):
            yield f'{server.name} has {names}.'
