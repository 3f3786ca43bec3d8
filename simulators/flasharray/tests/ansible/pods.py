# SPDX-License-Identifier: Apache-2.0
"""purefa_pod and _pod_replica: stretched pods and replica links."""

from typing import Any

from tests.ansible.cases import ModulesCase
from tests.support import GIB, eventually


class PodModules(ModulesCase):
    def pod(self, name: str, client: Any = None) -> Any:
        found = (client or self.client).get_pods(names=[name])
        return self.one(found)

    def online(self, name: str) -> bool:
        """Whether a pod is online at both arrays."""
        arrays = self.pod(name).arrays
        return [array.status for array in arrays] == ['online'] * 2

    def test_a_pod_is_made_and_limited(self) -> None:
        self.twice('pod', name='p-made', quota='10G')
        self.twice('pod', name='p-made', quota='20G')
        self.assertEqual(20 * GIB, self.pod('p-made').quota_limit)
        self.twice('volume', name='p-made::v', size='1G')
        self.assertEqual('p-made', self.volume('p-made::v').pod.name)

    def test_a_pod_is_destroyed_and_eradicated(self) -> None:
        self.twice('pod', name='p-gone')
        self.good('pod', name='p-gone', state='absent')
        self.assertTrue(self.pod('p-gone').destroyed)
        # The module looks for a live one only, and tries to create it.
        self.fails('pod', 'creation failed', name='p-gone')
        self.good('pod', name='p-gone', state='absent', eradicate=True)
        self.gone(self.client.get_pods(names=['p-gone']))

    def test_a_pod_is_cloned(self) -> None:
        self.good('pod', name='p-origin')
        self.good('volume', name='p-origin::v', size='1G')
        self.east.door.write('p-origin::v', 0, b'bytes')
        self.good('pod', name='p-origin', target='p-clone')
        self.assertEqual(b'bytes', self.east.door.read('p-clone::v', 0, 5))

    def test_a_failover_preference_is_set(self) -> None:
        self.good('pod', name='p-prefer')
        # The module compares names with references: each run changes.
        self.good('pod', name='p-prefer', failover=['fa-east'])
        (preferred,) = self.pod('p-prefer').failover_preferences
        self.assertEqual('fa-east', preferred.name)

    def test_the_original_playbook_clones_out_of_a_stretched_pod(self) -> None:
        """As sdodsley/openstack-dr does for synchronous replication."""
        self.good('pod', name='cinder-pod')
        self.good('volume', name='cinder-pod::v', size='1G')
        self.east.door.write('cinder-pod::v', 0, b'bytes')
        self.twice('pod', name='cinder-pod', stretch='fa-west')
        eventually(lambda: self.online('cinder-pod'))
        self.assertEqual(b'bytes', self.west.door.read('cinder-pod::v', 0, 5))
        self.twice(
            'volume',
            self.west,
            name='cinder-pod::v',
            target='cloned-from-v',
        )
        self.assertEqual(b'bytes', self.west.door.read('cloned-from-v', 0, 5))
        self.twice('pod', name='cinder-pod', stretch='fa-west', state='absent')
        self.assertEqual(1, self.pod('cinder-pod').array_count)

    def test_a_pod_is_replicated_and_failed_over(self) -> None:
        self.good('pod', name='dr-here')
        self.good('volume', name='dr-here::v', size='1G')
        self.east.door.write('dr-here::v', 0, b'bytes')
        self.good('pod', self.west, name='dr-there')
        self.good('pod', self.west, name='dr-there', promote=False)
        self.twice(
            'pod_replica',
            name='dr-here',
            target_array='fa-west',
            target_pod='dr-there',
        )
        eventually(lambda: self._link().status == 'replicating')
        self.twice('pod_replica', name='dr-here', pause=True)
        self.twice('pod_replica', name='dr-here', pause=False)
        eventually(lambda: self._link().status == 'replicating')
        self.good('pod', self.west, name='dr-there', promote=True, undo=False)
        eventually(
            lambda: (
                self.pod('dr-there', self.peer).promotion_status == 'promoted'
            )
        )
        self.assertEqual(b'bytes', self.west.door.read('dr-there::v', 0, 5))
        self.twice('pod_replica', name='dr-here', state='absent')

    def _link(self) -> Any:
        return self.one(
            self.client.get_pod_replica_links(local_pod_names=['dr-here'])
        )
