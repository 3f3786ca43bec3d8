# SPDX-License-Identifier: Apache-2.0
"""purefa_volume, _volume_tags, _snap and _vg."""

from tests.ansible.cases import ModulesCase
from tests.support import GIB

# The module reads a field that the client has from this version on.
TAGS_SINCE = 33


class VolumeModules(ModulesCase):
    def test_a_volume_is_made_and_grown(self) -> None:
        self.twice('volume', name='grow', size='1G')
        self.twice('volume', name='grow', size='2G')
        self.assertEqual(2 * GIB, self.volume('grow').provisioned)

    def test_limits_are_set_and_cleared(self) -> None:
        self.good('volume', name='limited', size='1G')
        self.twice('volume', name='limited', bw_qos='100M', iops_qos='1000')
        qos = self.volume('limited').qos
        self.assertEqual(
            (100 * 2**20, 1000), (qos.bandwidth_limit, qos.iops_limit)
        )

    def test_a_volume_is_renamed(self) -> None:
        self.good('volume', name='before', size='1G')
        first = self.good('volume', name='before', rename='after')
        self.assertTrue(first['changed'])
        self.assertEqual('after', self.volume('after').name)

    def test_a_clone_has_the_bytes(self) -> None:
        self.good('volume', name='original', size='1G')
        self.east.door.write('original', 0, b'first')
        self.twice('volume', name='original', target='cloned')
        self.east.door.write('original', 0, b'later')
        self.assertEqual(b'first', self.east.door.read('cloned', 0, 5))
        serial = self.volume('cloned').serial
        again = self.good(
            'volume', name='original', target='cloned', overwrite=True
        )
        self.assertTrue(again['changed'])
        self.assertEqual(b'later', self.east.door.read('cloned', 0, 5))
        self.assertEqual(serial, self.volume('cloned').serial)

    def test_a_volume_is_destroyed_recovered_and_eradicated(self) -> None:
        self.good('volume', name='mortal', size='1G')
        self.twice('volume', name='mortal', state='absent')
        self.assertTrue(self.volume('mortal').destroyed)
        # Without a size a live volume is taken for the source of a copy.
        self.twice('volume', name='mortal', size='1G')
        self.assertFalse(self.volume('mortal').destroyed)
        self.twice('volume', name='mortal', state='absent', eradicate=True)
        self.gone(self.client.get_volumes(names=['mortal']))

    def test_many_volumes_are_made_at_once(self) -> None:
        self.good(
            'volume', name='many', count=3, digits=2, suffix='x', size='1G'
        )
        names = [f'many{number:02}x' for number in range(3)]
        found = self.client.get_volumes(names=names)
        self.assertEqual(names, [volume.name for volume in found.items])

    def test_priority_is_adjusted(self) -> None:
        self.good('volume', name='urgent', size='1G')
        self.twice(
            'volume',
            name='urgent',
            size='1G',
            priority_operator='+',
            priority_value=10,
        )
        found = self.volume('urgent').priority_adjustment
        self.assertEqual(10, found.priority_adjustment_value)

    def test_a_missing_source_is_told(self) -> None:
        found = self.run_module('volume', name='nothing', target='copy')
        self.assertTrue(found['failed'])

    def test_tags_are_put_and_changed(self) -> None:
        self.good('volume', name='tagged', size='1G')
        pairs = {'name': 'tagged', 'namespace': 'aegis'}
        if self.minor < TAGS_SINCE:
            self.crashes('volume_tags', kvp=['a:1'], **pairs)
            return
        self.twice('volume_tags', kvp=['a:1', 'b:2'], **pairs)
        tags = self.client.get_volumes_tags(
            resource_names=['tagged'], namespaces=['aegis']
        )
        self.assertEqual(
            {('a', '1'), ('b', '2')}, {(t.key, t.value) for t in tags.items}
        )
        self.twice('volume_tags', kvp=['a:2'], **pairs)


class SnapshotModules(ModulesCase):
    def test_a_snapshot_is_taken_and_copied(self) -> None:
        self.good('volume', name='shot', size='1G')
        self.east.door.write('shot', 0, b'early')
        self.good('snap', name='shot', suffix='one')
        self.fails('snap', 'already exists', name='shot', suffix='one')
        self.east.door.write('shot', 0, b'later')
        copy = {'name': 'shot', 'suffix': 'one', 'target': 'shot-copy'}
        self.assertTrue(self.good('snap', state='copy', **copy)['changed'])
        self.assertEqual(b'early', self.east.door.read('shot-copy', 0, 5))
        self.assertFalse(self.good('snap', state='copy', **copy)['changed'])
        self.good('snap', state='copy', overwrite=True, **copy)
        self.assertEqual('shot', self.volume('shot-copy').source.name)

    def test_a_snapshot_is_renamed(self) -> None:
        self.good('volume', name='named', size='1G')
        self.good('snap', name='named', suffix='one')
        found = self.good(
            'snap', name='named', suffix='one', target='two', state='rename'
        )
        self.assertTrue(found['changed'])
        self.one(self.client.get_volume_snapshots(names=['named.two']))

    def test_a_snapshot_is_destroyed_and_eradicated(self) -> None:
        self.good('volume', name='fading', size='1G')
        snapshot = {'name': 'fading', 'suffix': 'one'}
        self.good('snap', **snapshot)
        self.twice('snap', state='absent', **snapshot)
        shown = self.client.get_volume_snapshots(names=['fading.one'])
        self.assertTrue(self.one(shown).destroyed)
        self.twice('snap', state='absent', eradicate=True, **snapshot)
        self.gone(self.client.get_volume_snapshots(names=['fading.one']))


class VolumeGroupModules(ModulesCase):
    def test_a_volume_group_holds_volumes(self) -> None:
        self.twice('vg', name='vg', bw_qos='100M', iops_qos='2000')
        group = self.one(self.client.get_volume_groups(names=['vg']))
        self.assertEqual(2000, group.qos.iops_limit)
        self.twice('volume', name='vg/inside', size='1G')
        self.good('volume', name='outside', size='1G')
        self.good('volume', name='outside', move='vg')
        self.assertEqual('vg', self.volume('vg/outside').volume_group.name)
        self.good('volume', name='vg/outside', move='local')
        self.assertEqual('outside', self.volume('outside').name)
        # The module then looks for it by its bare name, and crashes.
        self.crashes('volume', name='vg/inside', rename='renamed')
        self.assertEqual('vg/renamed', self.volume('vg/renamed').name)

    def test_a_volume_group_is_renamed_destroyed_and_eradicated(self) -> None:
        self.twice('vg', name='short')
        self.good('vg', name='short', rename='long')
        self.twice('vg', name='long', state='absent')
        self.twice('vg', name='long')
        self.twice('vg', name='long', state='absent', eradicate=True)
        self.gone(self.client.get_volume_groups(names=['long']))
