# SPDX-License-Identifier: Apache-2.0
"""Transactions and what survives a restart."""

import unittest
from dataclasses import replace

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    protection,
    volumes,
)
from tests import support


class StateTest(unittest.TestCase):
    def setUp(self) -> None:
        self.path = self.enterContext(support.directory()) / 'db'
        self.array = FlashArray(Setup('fa'), self.path)

    def create(self, name: str) -> None:
        with self.array.transaction():
            volumes.create(self.array, volumes.NewVolume(name))

    def reopen(self) -> FlashArray:
        self.array.close()
        self.array = FlashArray(Setup('fa'), self.path)
        return self.array

    def test_a_failed_transaction_leaves_nothing_behind(self) -> None:
        with (
            self.assertRaises(errors.ApiError),
            self.array.transaction(),
        ):
            volumes.create(self.array, volumes.NewVolume('one'))
            volumes.create(self.array, volumes.NewVolume('ONE'))
        self.assertEqual(0, len(self.array.volumes))
        self.assertIsNone(self.array.volumes.find('one'))
        self.assertEqual(1, self.array.settings.next_serial)
        self.assertEqual(0, len(self.reopen().volumes))

    def test_a_failed_rename_keeps_the_old_name(self) -> None:
        self.create('one')
        with self.assertRaises(ZeroDivisionError), self.array.transaction():
            volume = volumes.find(self.array, 'one')
            volumes.rename(self.array, volume, 'two')
            raise ZeroDivisionError
        self.assertIsNotNone(self.array.volumes.find('one'))
        self.assertIsNone(self.array.volumes.find('two'))

    def test_objects_survive_a_restart(self) -> None:
        self.create('one')
        with self.array.transaction():
            group = protection.create(self.array, 'pg')
            volume = volumes.find(self.array, 'one')
            group_members.add_volume(self.array, group, volume)
            group_snapshots.take_snapshot(self.array, group)
        before = {
            'volume': self.array.volumes.find('one'),
            'group': self.array.protection_groups.find('pg'),
            'part': self.array.volume_snapshots.find('pg.1.one'),
            'settings': self.array.settings,
        }
        array = self.reopen()
        self.assertEqual(
            before,
            {
                'volume': array.volumes.find('one'),
                'group': array.protection_groups.find('pg'),
                'part': array.volume_snapshots.find('pg.1.one'),
                'settings': array.settings,
            },
        )

    def test_the_moved_clock_survives_a_restart(self) -> None:
        with self.array.transaction():
            self.array.clock.advance(10 * support.DAY)
            real, virtual, rate = self.array.clock.anchors()
            self.array.environments.put(
                replace(
                    self.array.environment,
                    clock_anchor_real=real,
                    clock_anchor_virtual=virtual,
                    clock_rate=rate,
                )
            )
        before = self.array.now()
        self.assertGreaterEqual(self.reopen().now(), before)

    def test_ids_and_serials_are_not_reused(self) -> None:
        self.create('one')
        first = self.array.volumes.find('one')
        with self.array.transaction():
            volumes.eradicate(self.array, first)
        self.reopen()
        self.create('one')
        second = self.array.volumes.find('one')
        self.assertNotEqual(first.id, second.id)
        self.assertNotEqual(first.serial, second.serial)

    def test_contents_nobody_uses_are_dropped(self) -> None:
        self.create('one')
        with self.array.transaction():
            volume = volumes.find(self.array, 'one')
            content = self.array.content.write('', 0, b'data')
            volume = self.array.volumes.put(replace(volume, content=content))
            snapshot = volumes.snapshot(self.array, volume, 'keep')
        self.assertGreater(self.array.content.stored_bytes(), 0)
        with self.array.transaction():
            volumes.overwrite(
                self.array, volume, volumes.Source('', 2**20, None, None)
            )
        self.assertTrue(self.array.content.has(content))
        with self.array.transaction():
            volumes.eradicate_snapshot(self.array, snapshot)
        self.assertFalse(self.array.content.has(content))
        self.assertEqual(0, self.array.content.stored_bytes())
