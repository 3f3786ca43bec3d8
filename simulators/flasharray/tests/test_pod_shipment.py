# SPDX-License-Identifier: Apache-2.0
"""Images of pods and the shipping of their bytes, without processes."""

import random
import unittest
from typing import Any

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    pods,
    protection,
    volumes,
)
from flasharray_simulator.replication import pod_image, pod_stage, shipment
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.wire import Header

GIB = 2**30


class ShipmentCase(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.here = self.array('here')
        self.there = self.array('there')
        self.sent_blocks = 0
        with self.here.transaction():
            self.pod = pods.create(self.here, pods.NewPod('pod'))
            self.volume = volumes.create(
                self.here, volumes.NewVolume('pod::v', GIB)
            )

    def array(self, name: str) -> FlashArray:
        array = FlashArray(Setup(name), ':memory:')
        self.addCleanup(array.close)
        return array

    def send(self, verb: str, header: Header, payload: bytes) -> Header:
        self.sent_blocks += len(payload) // BLOCK
        with self.there.transaction():
            return pod_stage.verbs(self.there)[verb](header, payload)

    def write(self, offset: int, data: bytes) -> None:
        with self.here.transaction():
            volume = self.here.volumes[self.volume.id]
            content = self.here.content.write(volume.content, offset, data)
            self.here.volumes.put(
                model.Volume(**{**vars(volume), 'content': content})
            )

    def image(self) -> pod_image.PodImage:
        with self.here.transaction():
            return pod_image.take(self.here, self.pod.id)

    def shipment(self, image: pod_image.PodImage) -> shipment.Shipment:
        made = shipment.Shipment(
            self.here,
            Pacer(self.here, ''),
            image.pod.id,
            image.contents(),
            image.relatives(),
        )
        self.addCleanup(made.close)
        return made

    def ship(self, image: pod_image.PodImage) -> int:
        """Bring the image over; return how many blocks were sent."""
        before = self.sent_blocks
        made = self.shipment(image)
        while not made.done:
            made.step(self.send)
        made.close()
        self.install(image)
        return self.sent_blocks - before

    def install(self, image: pod_image.PodImage) -> None:
        with self.there.transaction():
            plain = pod_image.to_plain(image)
            pod_image.install(self.there, pod_image.from_plain(plain))
            pod_stage.clear(self.there, image.pod.id)

    def digest(self, array: FlashArray, name: str) -> str:
        stored: Any = array.volumes.find(name)
        stored = stored or array.volume_snapshots.find(name)
        with array.lock:
            return array.content.digest(stored.content, stored.provisioned)

    def assert_same(self) -> None:
        with self.there.transaction():
            there = pod_image.take(self.there, self.pod.id)
        self.assertEqual(set(self.image().objects), set(there.objects))


class ImageTest(ShipmentCase):
    def test_all_that_is_in_a_pod_is_made_the_same(self) -> None:
        with self.here.transaction():
            group = protection.create(self.here, 'pod::pg')
            group_members.add_volume(self.here, group, self.volume)
            volumes.snapshot(self.here, self.volume, 'one')
            group_snapshots.take_snapshot(self.here, group)
            self.here.tags.put(
                model.Tag(
                    volumes.tag_id(self.volume.id, 'n', 'k'),
                    self.volume.id,
                    'volumes',
                    'n',
                    'k',
                    'value',
                )
            )
        self.ship(self.image())
        self.assert_same()
        self.assertEqual(6, len(self.image().objects) - 2)

    def test_what_is_gone_here_goes_there(self) -> None:
        self.ship(self.image())
        with self.here.transaction():
            volumes.eradicate(self.here, self.here.volumes[self.volume.id])
        self.ship(self.image())
        self.assertEqual([], list(self.there.volumes))

    def test_bytes_that_did_not_arrive_stop_an_image(self) -> None:
        self.write(0, b'data')
        with self.assertRaises(pod_image.MissingContent):
            self.install(self.image())
        self.assertEqual([], list(self.there.pods))

    def test_an_image_can_take_the_name_of_another_pod(self) -> None:
        self.write(0, b'data')
        image = self.image()
        with self.there.transaction():
            target = pods.create(self.there, pods.NewPod('target'))
        self.ship(pod_image.renamed(image, target))
        self.assertEqual(
            self.digest(self.here, 'pod::v'),
            self.digest(self.there, 'target::v'),
        )


class BytesTest(ShipmentCase):
    def test_bytes_arrive(self) -> None:
        self.write(100_000, b'data' * 50_000)
        self.ship(self.image())
        self.assertEqual(
            self.digest(self.here, 'pod::v'),
            self.digest(self.there, 'pod::v'),
        )

    def test_only_changed_blocks_are_sent(self) -> None:
        self.write(0, random.Random(1).randbytes(200 * BLOCK))
        self.assertEqual(200, self.ship(self.image()))
        self.write(7 * BLOCK, b'changed')
        self.assertEqual(1, self.ship(self.image()))
        self.assert_same()

    def test_blocks_that_only_the_target_has_are_undone(self) -> None:
        self.write(0, random.Random(1).randbytes(20 * BLOCK))
        self.ship(self.image())
        volume = self.there.volumes[self.volume.id]
        with self.there.transaction():
            content = self.there.content.write(
                volume.content, 500 * BLOCK, b'lost'
            )
            self.there.volumes.put(
                model.Volume(**{**vars(volume), 'content': content})
            )
        self.write(0, b'new')
        self.assertEqual(1, self.ship(self.image()))
        self.assert_same()

    def test_a_shipment_goes_on_where_another_stopped(self) -> None:
        self.write(0, random.Random(1).randbytes(400 * BLOCK))
        first = self.shipment(self.image())
        while not first.progress.sent:
            first.step(self.send)
        arrived = self.sent_blocks
        self.assertLess(arrived, 400)
        self.assertEqual(400 - arrived, self.ship(self.image()))
        self.assert_same()

    def test_what_is_overwritten_meanwhile_is_sent_as_it_was(self) -> None:
        self.write(0, random.Random(1).randbytes(300 * BLOCK))
        image = self.image()
        old = self.digest(self.here, 'pod::v')
        made = self.shipment(image)
        while not made.progress.sent:
            made.step(self.send)
        self.write(0, random.Random(2).randbytes(300 * BLOCK))
        while not made.done:
            made.step(self.send)
        self.install(image)
        self.assertEqual(old, self.digest(self.there, 'pod::v'))

    def test_a_snapshot_costs_what_differs_from_its_volume(self) -> None:
        self.write(0, random.Random(1).randbytes(50 * BLOCK))
        self.ship(self.image())
        with self.here.transaction():
            volumes.snapshot(
                self.here, self.here.volumes[self.volume.id], 'one'
            )
        self.write(0, b'after')
        self.assertEqual(1, self.ship(self.image()))
        self.assertEqual(
            self.digest(self.here, 'pod::v.one'),
            self.digest(self.there, 'pod::v.one'),
        )

    def test_nothing_is_left_over(self) -> None:
        self.write(0, random.Random(1).randbytes(30 * BLOCK))
        self.ship(self.image())
        for array in (self.here, self.there):
            self.assertEqual(0, len(array.staged_contents))
            self.assertEqual(30 * BLOCK, array.content.stored_bytes())


class FreezeTest(ShipmentCase):
    def test_a_frozen_shipment_stops_at_its_progress(self) -> None:
        self.write(0, random.Random(1).randbytes(400 * BLOCK))
        self.here.environments.put(
            model.Environment(
                **{
                    **vars(self.here.environment),
                    'frozen': True,
                    'freeze_at': 0.25,
                }
            )
        )
        made = self.shipment(self.image())
        while not made.step(self.send):
            self.assertFalse(made.done)
        self.assertEqual(0.25, made.progress.fraction)
