# SPDX-License-Identifier: Apache-2.0
"""What a pair of arrays should do, written down as plainly as possible.

It shares no code with the simulator: objects refer to each other, names
are put together when they are asked for, bytes are kept as bytes, and
look-ups walk through everything. A call that an array has to refuse
raises Refusal with words that its message must hold.
"""

from collections.abc import Iterator

from tests.reference_objects import (
    BLOCK,
    DAY,
    DESTROYED,
    EXISTS,
    MISSING,
    Bytes,
    Group,
    GroupSnapshot,
    Host,
    Part,
    Pod,
    Refusal,
    Snapshot,
    Volume,
    VolumeGroup,
    existing,
    find,
    living,
    placed,
    refuse_if,
    refuse_taken,
)

Source = tuple[Volume | None, int, Bytes, Pod | None]


class Array:
    """One array: what it keeps, and what each call does to it."""

    def __init__(self, name: str, now: int) -> None:
        self.name = name
        self.now = now
        self.linked = True
        self.volumes: list[Volume] = []
        self.snapshots: list[Snapshot] = []
        self.volume_groups: list[VolumeGroup] = []
        self.pods: list[Pod] = []
        self.groups: list[Group] = []
        self.group_snapshots: list[GroupSnapshot] = []
        self.hosts: list[Host] = []
        self.waiting: list[GroupSnapshot] = []
        self.known_allowed: set[Group] = set()

    # Volumes

    def new_volume(self, name: str, size: int, content: Bytes) -> Volume:
        pod, rest = self._pod_of(name)
        container, slash, base = rest.rpartition('/')
        group = living(self.volume_groups, container) if slash else None
        refuse_taken(self.volumes, name)
        volume = Volume(base, size, content, group, pod=pod)
        self.volumes.append(volume)
        return volume

    def _pod_of(self, name: str) -> tuple[Pod | None, str]:
        pod, colons, rest = name.rpartition('::')
        return (living(self.pods, pod) if colons else None), rest

    def create(self, name: str, size: int) -> None:
        self.new_volume(name, size, Bytes())

    def copy(self, source: str, name: str, overwrite: bool) -> None:
        origin, size, content, pod = self._source(source)
        target = find(self.volumes, name)
        into = target.pod if target else self._pod_of(name)[0]
        outside = into is not None and into.stretched and pod is not into
        if overwrite and target is not None:
            refuse_if(target.destroyed is not None, DESTROYED)
            refuse_if(outside)
            target.size, target.content = size, content
            return
        refuse_if(outside)
        made = self.new_volume(name, size, content)
        if origin is not None:
            made.tags = {
                key: tag for key, tag in origin.tags.items() if tag[1]
            }

    def _source(self, name: str) -> Source:
        volume = find(self.volumes, name)
        if volume is not None:
            refuse_if(volume.destroyed is not None, DESTROYED)
            return volume, volume.size, volume.content, volume.pod
        for label, destroyed, thing in self.all_snapshots():
            if label.lower() == name.lower():
                refuse_if(destroyed is not None, DESTROYED)
                return thing.volume, thing.size, thing.content, thing.pod
        raise Refusal(MISSING)

    def all_snapshots(
        self,
    ) -> Iterator[tuple[str, int | None, Snapshot | Part]]:
        """Yield name, time of destruction and what is in it."""
        for snapshot in self.snapshots:
            yield snapshot.name, snapshot.destroyed, snapshot
        for whole in self.group_snapshots:
            for part in whole.parts:
                yield f'{whole.name}.{part.name}', whole.destroyed, part

    def resize(self, name: str, size: int, truncate: bool) -> None:
        volume = living(self.volumes, name)
        refuse_if(size < volume.size and not truncate)
        volume.size = size
        volume.content = volume.content.cut(size)

    def rename(self, name: str, new: str) -> None:
        """``new`` is a bare name: the volume stays where it is."""
        volume = living(self.volumes, name)
        full = placed(new, volume.pod, volume.group)
        if find(self.volumes, full) is not volume:
            refuse_taken(self.volumes, full)
        volume.base = new
        self._follow(volume)

    def _follow(self, volume: Volume) -> None:
        for whole in self.group_snapshots:
            whole.follow(volume)

    def move(self, name: str, container: str) -> None:
        volume = living(self.volumes, name)
        group = None
        if container:
            group = living(self.volume_groups, container)
            refuse_if(volume.pod is not None)
        if group is volume.group:
            return
        full = placed(volume.base, volume.pod, group)
        refuse_taken(self.volumes, full)
        volume.group = group
        self._follow(volume)

    def destroy(self, name: str) -> None:
        volume = living(self.volumes, name)
        refuse_if(self.connected(volume))
        volume.destroyed = self.now
        for snapshot in self.snapshots:
            if snapshot.volume is volume and snapshot.destroyed is None:
                snapshot.destroyed = self.now

    def connected(self, volume: Volume) -> int:
        return sum(volume in host.luns.values() for host in self.hosts)

    def recover(self, name: str) -> None:
        volume = existing(self.volumes, name)
        if volume.destroyed is None:
            return
        for home in (volume.group, volume.pod):
            refuse_if(home and home.destroyed is not None, DESTROYED)
        self._recover(volume)

    def _recover(self, volume: Volume) -> None:
        for snapshot in self.snapshots:
            if (
                snapshot.volume is volume
                and snapshot.destroyed == volume.destroyed
            ):
                snapshot.destroyed = None
        volume.destroyed = None

    def eradicate(self, name: str) -> None:
        volume = existing(self.volumes, name)
        refuse_if(volume.destroyed is None)
        self._forget(volume)

    def _forget(self, volume: Volume) -> None:
        for whole in self.group_snapshots:
            for part in whole.parts:
                if part.volume is volume:
                    part.volume = None
        self.volumes.remove(volume)
        self.snapshots = [s for s in self.snapshots if s.volume is not volume]
        for group in self.groups:
            if volume in group.members:
                group.members.remove(volume)

    def write(self, name: str, offset: int, data: bytes) -> None:
        volume = find(self.volumes, name)
        volume.content = volume.content.written(offset, data)

    # Tags

    def tag(self, name: str, key: str, value: str, copyable: bool) -> None:
        existing(self.volumes, name).tags[key] = (value, copyable)

    def untag(self, name: str, key: str) -> None:
        existing(self.volumes, name).tags.pop(key, None)

    # Snapshots of volumes

    def snapshot(self, name: str, suffix: str) -> None:
        volume = living(self.volumes, name)
        refuse_taken(self.snapshots, f'{volume.name}.{suffix}')
        self.snapshots.append(
            Snapshot(volume, suffix, volume.size, volume.content)
        )

    def rename_snapshot(self, name: str, suffix: str) -> None:
        snapshot = living(self.snapshots, name)
        full = f'{snapshot.volume.name}.{suffix}'
        if find(self.snapshots, full) is not snapshot:
            refuse_taken(self.snapshots, full)
        snapshot.suffix = suffix

    def destroy_snapshot(self, name: str) -> None:
        living(self.snapshots, name).destroyed = self.now

    def recover_snapshot(self, name: str) -> None:
        snapshot = existing(self.snapshots, name)
        refuse_if(snapshot.volume.destroyed is not None, DESTROYED)
        snapshot.destroyed = None

    def eradicate_snapshot(self, name: str) -> None:
        snapshot = existing(self.snapshots, name)
        refuse_if(snapshot.destroyed is None)
        self.snapshots.remove(snapshot)

    # Volume groups

    def create_volume_group(self, name: str) -> None:
        refuse_taken(self.volume_groups, name)
        self.volume_groups.append(VolumeGroup(name))

    def rename_volume_group(self, name: str, new: str) -> None:
        group = living(self.volume_groups, name)
        if find(self.volume_groups, new) is not group:
            refuse_taken(self.volume_groups, new)
        group.name = new
        for volume in self.volumes_in(group):
            self._follow(volume)

    def volumes_in(self, group: VolumeGroup) -> list[Volume]:
        return [v for v in self.volumes if v.group is group]

    def destroy_volume_group(self, name: str, contents: bool) -> None:
        group = living(self.volume_groups, name)
        inside = [v for v in self.volumes_in(group) if v.destroyed is None]
        refuse_if(inside and not contents)
        refuse_if(any(self.connected(volume) for volume in inside))
        for volume in inside:
            self.destroy(volume.name)
        group.destroyed = self.now

    def recover_volume_group(self, name: str) -> None:
        existing(self.volume_groups, name).destroyed = None

    def eradicate_volume_group(self, name: str, contents: bool) -> None:
        group = existing(self.volume_groups, name)
        refuse_if(group.destroyed is None)
        inside = self.volumes_in(group)
        with_it = [v for v in inside if (v.destroyed or 0) >= group.destroyed]
        refuse_if(with_it and not contents)
        for volume in inside:
            self._forget(volume)
        self.volume_groups.remove(group)

    # Protection groups

    def own(self, name: str) -> Group:
        group: Group = living(self.groups, name)
        refuse_if(group.source is not None)
        return group

    def create_group(self, name: str) -> None:
        pod, base = self._pod_of(name)
        refuse_taken(self.groups, name)
        self.groups.append(Group(base, pod=pod))

    def join(self, name: str, volume_name: str) -> None:
        group = self.own(name)
        volume = living(self.volumes, volume_name)
        refuse_if(volume.pod is not group.pod)
        refuse_if(volume in group.members, 'already belongs to')
        group.members.append(volume)

    def leave(self, name: str, volume_name: str) -> None:
        group = self.own(name)
        volume = existing(self.volumes, volume_name)
        refuse_if(volume not in group.members, 'could not be found')
        group.members.remove(volume)

    def destroy_group(self, name: str) -> None:
        group = living(self.groups, name)
        for whole in self.snapshots_of(group):
            if whole.destroyed is None:
                self._destroy_whole(whole)
        group.destroyed = self.now

    def snapshots_of(self, group: Group) -> list[GroupSnapshot]:
        return [s for s in self.group_snapshots if s.group is group]

    def recover_group(self, name: str) -> None:
        group = existing(self.groups, name)
        if group.destroyed is not None and group.pod is not None:
            refuse_if(group.pod.destroyed is not None, DESTROYED)
        self._recover_group(group)

    def _recover_group(self, group: Group) -> None:
        for whole in self.snapshots_of(group):
            if whole.destroyed == group.destroyed:
                whole.destroyed = None
        group.destroyed = None

    def eradicate_group(self, name: str) -> None:
        group = existing(self.groups, name)
        refuse_if(group.destroyed is None)
        self._forget_group(group)

    def _forget_group(self, group: Group) -> None:
        self.groups.remove(group)
        for whole in self.snapshots_of(group):
            self._forget_whole(whole)

    def target(self, name: str) -> None:
        """Let the peer be a target of the group."""
        group = self.own(name)
        refuse_if(group.targeted, 'already includes')
        refuse_if(not self.linked, 'not connected')
        group.targeted = True

    def allow(self, name: str, allowed: bool) -> None:
        """Say at the target whether a peer's group may replicate."""
        group = living(self.groups, name)
        refuse_if(group.source is None)
        word = 'allowed' if allowed else 'disallowed'
        refuse_if(allowed == group.allowed, f'already {word} on')
        group.allowed = allowed

    # Snapshots of protection groups

    def expect_target(self, name: str) -> None:
        refuse_if(self.own(name) not in self.known_allowed)

    def group_snapshot(self, name: str, suffix: str, send: bool) -> None:
        group = self.own(name)
        if send:
            self.expect_target(name)
        refuse_taken(self.group_snapshots, f'{group.name}.{suffix}')
        whole = GroupSnapshot(
            group,
            suffix,
            self.now,
            [
                Part(
                    volume,
                    volume.name.rpartition('::')[2],
                    volume.size,
                    volume.content,
                    group.pod,
                )
                for volume in group.members
                if volume.destroyed is None
            ],
        )
        self.group_snapshots.append(whole)
        if send:
            self.waiting.append(whole)

    def _destroy_whole(self, whole: GroupSnapshot) -> None:
        whole.destroyed = self.now
        if whole in self.waiting:
            self.waiting.remove(whole)

    def _forget_whole(self, whole: GroupSnapshot) -> None:
        self.group_snapshots.remove(whole)
        if whole in self.waiting:
            self.waiting.remove(whole)

    def destroy_group_snapshot(self, name: str) -> None:
        self._destroy_whole(living(self.group_snapshots, name))

    def recover_group_snapshot(self, name: str) -> None:
        whole = existing(self.group_snapshots, name)
        refuse_if(whole.group.destroyed is not None, DESTROYED)
        whole.destroyed = None

    def eradicate_group_snapshot(self, name: str) -> None:
        whole = existing(self.group_snapshots, name)
        refuse_if(whole.destroyed is None)
        self._forget_whole(whole)

    # Pods

    def create_pod(self, name: str) -> None:
        refuse_taken(self.pods, name)
        self.pods.append(Pod(name))

    def rename_pod(self, name: str, new: str) -> None:
        pod = living(self.pods, name)
        if find(self.pods, new) is not pod:
            refuse_taken(self.pods, new)
        pod.name = new

    def move_to_pod(self, name: str, pod_name: str) -> None:
        """Move a volume into a pod; '' moves it out of its pod."""
        volume = living(self.volumes, name)
        pod = living(self.pods, pod_name) if pod_name else None
        if pod is volume.pod:
            return
        places = [place for place in (pod, volume.pod) if place]
        refuse_if(any(place.stretched for place in places))
        memberships = [g for g in self.groups if volume in g.members]
        refuse_if(memberships and volume.pod is None)
        refuse_taken(self.volumes, placed(volume.base, pod))
        for group in memberships:
            group.members.remove(volume)
        for whole in self.group_snapshots:
            for part in whole.parts:
                if part.volume is volume and whole.group.pod is not pod:
                    part.volume = None
        volume.pod, volume.group = pod, None
        self._follow(volume)

    def inside(self, pod: Pod) -> list[Volume | Group]:
        things: list[Volume | Group] = [*self.volumes, *self.groups]
        return [thing for thing in things if thing.pod is pod]

    def destroy_pod(self, name: str, contents: bool) -> None:
        pod = living(self.pods, name)
        refuse_if(pod.stretched)
        live = [t for t in self.inside(pod) if t.destroyed is None]
        refuse_if(live and not contents)
        volumes = [t for t in live if isinstance(t, Volume)]
        refuse_if(any(self.connected(volume) for volume in volumes))
        for thing in live:
            if isinstance(thing, Volume):
                self.destroy(thing.name)
            else:
                self.destroy_group(thing.name)
        pod.destroyed = self.now

    def recover_pod(self, name: str) -> None:
        pod = existing(self.pods, name)
        for thing in self.inside(pod):
            if pod.destroyed is None or thing.destroyed != pod.destroyed:
                continue
            if isinstance(thing, Volume):
                self._recover(thing)
            else:
                self._recover_group(thing)
        pod.destroyed = None

    def eradicate_pod(self, name: str, contents: bool) -> None:
        pod = existing(self.pods, name)
        refuse_if(pod.destroyed is None)
        refuse_if(self.inside(pod) and not contents)
        self._forget_pod(pod)

    def _forget_pod(self, pod: Pod) -> None:
        for thing in self.inside(pod):
            if isinstance(thing, Volume):
                self._forget(thing)
            else:
                self._forget_group(thing)
        self.pods.remove(pod)

    # Hosts

    def create_host(self, name: str, iqn: str) -> None:
        refuse_taken(self.hosts, name)
        refuse_if(any(h.iqn == iqn for h in self.hosts), 'already in use')
        self.hosts.append(Host(name, iqn))

    def connect(self, host_name: str, volume_name: str) -> None:
        host = find(self.hosts, host_name)
        refuse_if(host is None, 'Host does not exist')
        volume = living(self.volumes, volume_name)
        refuse_if(volume in host.luns.values(), EXISTS)
        lun = next(n for n in range(1, 4096) if n not in host.luns)
        host.luns[lun] = volume

    def disconnect(self, host_name: str, volume_name: str) -> None:
        host = find(self.hosts, host_name)
        refuse_if(host is None, 'Host does not exist')
        volume = existing(self.volumes, volume_name)
        refuse_if(volume not in host.luns.values(), MISSING)
        host.luns = {n: v for n, v in host.luns.items() if v is not volume}

    def delete_host(self, name: str) -> None:
        host = existing(self.hosts, name)
        refuse_if(host.luns, 'cannot be deleted due to existing connections')
        self.hosts.remove(host)

    # Time

    def advance(self, milliseconds: int) -> None:
        self.now += milliseconds
        over = self.now - DAY
        for whole in list(self.group_snapshots):
            if _is_over(whole, over):
                self._forget_whole(whole)
        self.snapshots = [s for s in self.snapshots if not _is_over(s, over)]
        for volume in list(self.volumes):
            if _is_over(volume, over):
                self._forget(volume)
        for group in list(self.groups):
            if _is_over(group, over):
                self._forget_group(group)
        self.volume_groups = [
            g for g in self.volume_groups if not _is_over(g, over)
        ]
        for pod in list(self.pods):
            if _is_over(pod, over):
                self._forget_pod(pod)

    # Space

    def provisioned(self) -> int:
        return sum(volume.size for volume in self.volumes)

    def stored(self) -> int:
        """Return the bytes of all distinct blocks."""
        contents = [volume.content for volume in self.volumes]
        contents += [thing.content for _, _, thing in self.all_snapshots()]
        return BLOCK * len({b for c in contents for _, b in c.blocks})


def _is_over(
    thing: Volume | Snapshot | VolumeGroup | Group | GroupSnapshot | Pod,
    over: int,
) -> bool:
    return thing.destroyed is not None and thing.destroyed <= over
