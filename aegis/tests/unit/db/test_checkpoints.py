# SPDX-License-Identifier: Apache-2.0
from aegis import models
from aegis.common import exception
from aegis.db import checkpoints
from aegis.tests import base
from aegis.tests.fixtures import samples


def _resource(name: str) -> models.CheckpointResource:
    return models.CheckpointResource(
        member_id=None,
        service='neutron',
        resource_type='network',
        resource_id=f'id-of-{name}',
        name=name,
        document={'mtu': 1500, 'tags': ['a'], 'nested': {'x': None}},
    )


class CheckpointsTest(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context)

    def _save(self, *names: str) -> models.Checkpoint:
        return checkpoints.save_checkpoint(
            self.context,
            self.group.id,
            'east',
            [_resource(name) for name in names],
        )

    def test_a_group_without_checkpoints_has_no_latest(self):
        self.assertIsNone(
            checkpoints.latest_checkpoint(self.context, self.group.id)
        )

    def test_the_latest_is_read_back_with_its_resources(self):
        self._save('old')
        saved = self._save('blue', 'green')
        self.assertEqual(
            saved, checkpoints.latest_checkpoint(self.context, self.group.id)
        )

    def test_versions_count_up(self):
        self.assertEqual([1, 2], [self._save().version for _ in range(2)])

    def test_pruning_keeps_the_newest(self):
        for name in 'abc':
            self._save(name)
        gone = checkpoints.prune(self.context, self.group.id, keep=1)
        self.assertEqual(2, gone)
        latest = checkpoints.latest_checkpoint(self.context, self.group.id)
        self.assertEqual(3, latest.version)
        self.assertEqual(4, self._save().version)

    def test_pruning_never_takes_the_last(self):
        self._save()
        self.assertEqual(
            0, checkpoints.prune(self.context, self.group.id, keep=0)
        )

    def test_a_foreign_group_has_no_checkpoints(self):
        self._save()
        other = base.request_context(base.OTHER_PROJECT_ID)
        self.assertRaises(
            exception.FailoverGroupNotFound,
            checkpoints.latest_checkpoint,
            other,
            self.group.id,
        )
