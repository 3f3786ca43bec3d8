# SPDX-License-Identifier: Apache-2.0
"""What a client does with two arrays, in any REST version."""

from typing import Any

from tests import support
from tests.version_base import Base

_HOUR = support.HOUR


class ReplicationSteps(Base):
    """Protection groups with targets, stretched pods, replica links."""

    def protection_groups(self) -> None:
        """A group with members, schedules, retention and snapshots."""
        if not self.has('2.1'):
            return
        group, name = self.name('pg'), self.name('protected')
        self.volume(name)
        self.good(self.client.post_protection_groups(names=[group]))
        body = self.models.ProtectionGroup
        self.good(
            self.client.patch_protection_groups(
                names=[group],
                protection_group=body(
                    replication_schedule=self.models.ReplicationSchedule(
                        frequency=_HOUR
                    ),
                    target_retention=self.models.RetentionPolicy(
                        all_for_sec=14400, days=7, per_day=3
                    ),
                ),
            )
        )
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[group], member_names=[name]
            )
        )
        shown = self.one(self.client.get_protection_groups(names=[group]))
        self.case.assertEqual(1, shown.volume_count)
        self.case.assertEqual(_HOUR, shown.replication_schedule.frequency)
        self._replicate(group, name)
        member = {'group_names': [group], 'member_names': [name]}
        ended = self.client.delete_protection_groups_volumes(**member)
        self.case.assertEqual(200, ended.status_code)
        self.bad(
            self.client.delete_protection_groups_volumes(**member),
            'could not be found',
        )
        self.destroy('protection_groups', [group])
        self.destroy('volumes', [name])

    def _replicate(self, group: str, name: str) -> None:
        there = f'{self.array.name}:{group}'
        target = {'group_names': [group], 'member_names': [self.peer_name]}
        self.good(self.client.post_protection_groups_targets(**target))
        self.bad(
            self.client.post_protection_groups_targets(**target),
            'already includes',
        )
        support.eventually(
            lambda: (
                self.peer.get_protection_groups(names=[there]).status_code
                == 200
            )
        )
        self.good(
            self.peer.patch_protection_groups_targets(
                group_names=[there],
                target=self.models.TargetProtectionGroupPostPatch(
                    allowed=True
                ),
            )
        )
        support.eventually(
            lambda: (
                self.one(
                    self.client.get_protection_groups_targets(
                        group_names=[group]
                    )
                ).allowed
            )
        )
        taken = self.one(
            self.client.post_protection_group_snapshots(
                source_names=[group], **self.since('2.4', replicate_now=True)
            )
        )
        members = self.client.get_volume_snapshots(
            filter=f"name='{taken.name}.*'"
        )
        self.case.assertEqual([f'{taken.name}.{name}'], self.names_of(members))
        if self.has('2.4'):
            self._arrive(there, taken.suffix, name)
        removed = self.client.delete_protection_groups_targets(**target)
        self.case.assertEqual(200, removed.status_code)

    def _arrive(self, there: str, suffix: str, name: str) -> None:
        def complete() -> list[Any]:
            response = self.peer.get_protection_group_snapshots_transfer(
                names=[there],
                destroyed=False,
                filter='progress="1.0"',
                sort=['started-'],
            )
            # The group is there before the first of its snapshots.
            return list(response.items) if response.status_code == 200 else []

        record = support.eventually(complete)[0]
        self.case.assertEqual(f'{there}.{suffix}', record.name)
        members = self.peer.get_volume_snapshots(
            filter=f"name='{there}.{suffix}.*'"
        )
        snapshot = self.one(members)
        self.case.assertEqual(
            f'{self.array.name}:{name}', snapshot.source.name
        )
        self.good(self.peer.get_protection_group_snapshots(names=[there]))

    def pods(self) -> None:
        """A pod is stretched, seen from both sides, and ended."""
        if not self.has('2.1'):
            return
        pod = self.name('pod')
        volume = f'{pod}::v'
        self.good(
            self.client.post_pods(names=[pod], pod=self.models.PodPost())
        )
        serial = self.volume(volume).serial
        self._stretch(pod)
        there = self.one(self.peer.get_volumes(names=[volume]))
        self.case.assertEqual(serial, there.serial)
        self._unstretch(pod)
        self.destroy('volumes', [volume])
        self.destroy('pods', [pod])

    def _stretch(self, pod: str) -> None:
        if self.has('2.36'):
            members = {'pod_names': [pod], 'member_names': [self.peer_name]}
            self.good(self.client.post_pods_members(**members))
            self.good(self.client.get_pods_members(pod_names=[pod]))
        else:
            arrays = {'group_names': [pod], 'member_names': [self.peer_name]}
            self.good(self.client.post_pods_arrays(**arrays))
        self.good(self.client.get_pods_arrays(group_names=[pod]))
        support.eventually(
            lambda: (
                [one.status for one in self._pod(pod).arrays]
                == ['online', 'online']
            ),
            what=f'{pod} online',
        )

    def _unstretch(self, pod: str) -> None:
        ended = self.client.delete_pods_arrays(
            group_names=[pod], member_names=[self.peer_name]
        )
        self.case.assertEqual(200, ended.status_code, ended)
        self.case.assertEqual(1, len(self._pod(pod).arrays))

    def _pod(self, name: str) -> Any:
        return self.one(self.client.get_pods(names=[name]))

    def replica_links(self) -> None:
        """A pod is replicated and failed over to the other array."""
        if not self.has('2.2'):
            return
        here, there = self.name('here'), self.name('there')
        link = {
            'local_pod_names': [here],
            'remote_pod_names': [there],
        }
        post, patch = self.models.PodPost, self.models.PodPatch
        self.good(self.client.post_pods(names=[here], pod=post()))
        self.good(self.peer.post_pods(names=[there], pod=post()))
        demoted = patch(requested_promotion_state='demoted')
        self.good(self.peer.patch_pods(names=[there], pod=demoted))
        self.good(
            self.client.post_pod_replica_links(
                remote_names=[self.peer_name], **link
            )
        )
        support.eventually(
            lambda: self._link(here).status == 'replicating',
            what=f'{here} replicating',
        )
        self.good(self.client.get_pod_replica_links_lag())
        self.good(self.peer.get_pod_replica_links())
        promoted = patch(requested_promotion_state='promoted')
        self.good(self.peer.patch_pods(names=[there], pod=promoted))
        ended = self.client.delete_pod_replica_links(**link)
        self.case.assertEqual(200, ended.status_code, ended)
        self.destroy('pods', [here])

    def _link(self, pod: str) -> Any:
        return self.one(
            self.client.get_pod_replica_links(local_pod_names=[pod])
        )
