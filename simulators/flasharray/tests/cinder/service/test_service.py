# SPDX-License-Identifier: Apache-2.0
"""A real Cinder: its API, scheduler and volume services, as processes."""

import unittest
import uuid
from collections.abc import Callable
from typing import Any

from flasharray_simulator.door import Door
from tests import support
from tests.cinder import arrays
from tests.cinder.service import broker, database, rig

RIG: rig.Rig
REPLICATED = {'replication_enabled': '<is> True'}
_MISSING = (404, 405, 500)


def setUpModule() -> None:
    if not (broker.is_installed() and database.is_installed()):
        raise unittest.SkipTest('RabbitMQ or MariaDB is not installed here')
    global RIG
    RIG = unittest.enterModuleContext(rig.running())


class ServiceCase(unittest.TestCase):
    """A test may leave no error in the logs of Cinder and the arrays.

    ``expected`` are parts of lines that Cinder logs as errors by design.
    """

    expected: tuple[str, ...] = ()
    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.rig = RIG
        self.cinder: Any = RIG.client
        self.east = RIG.east
        self.west = RIG.west
        marks = RIG.marks()
        for array in (self.east, self.west):
            self.addCleanup(self._check_calls, array.door, _moment(array.door))
        self.addCleanup(self._check_logs, marks)

    def _check_logs(self, marks: dict[str, int]) -> None:
        unexpected = [
            line
            for line in self.rig.trouble(marks)
            if not any(part in line for part in self.expected)
        ]
        self.assertEqual([], unexpected)

    def _check_calls(self, door: Door, since: int) -> None:
        wrong = [
            (call['method'], call['path'], call['query'], call['status'])
            for call in door.call_log(since)
            if call['status'] in _MISSING
        ]
        self.assertEqual([], wrong)

    def type(self, backend: rig.Backend, kind: str = 'none') -> Any:
        """Return a new volume type of a backend."""
        made = self.cinder.volume_types.create(f'type-{uuid.uuid4().hex[:8]}')
        specs = {'volume_backend_name': backend.name}
        if kind != 'none':
            specs |= REPLICATED | {'replication_type': f'<in> {kind}'}
        made.set_keys(specs)
        return made

    def volume(self, kind: Any, **fields: Any) -> Any:
        """Return a new volume that is available."""
        made = self.cinder.volumes.create(
            fields.pop('size', 1), volume_type=kind.id, **fields
        )
        return self.until(made, 'available')

    def until(self, made: Any, status: str = 'available') -> Any:
        """Wait for a status, and return what has it."""

        def look() -> Any:
            found = made.manager.get(made.id)
            if found.status.startswith('error') and status != found.status:
                tail = self.rig.scheduler.text()[-3000:]
                raise AssertionError(f'{found} is {found.status}: {tail}')
            return found if found.status == status else None

        return support.eventually(look, 60, f'{made} being {status}')

    def gone(self, made: Any) -> None:
        """Wait until an object of Cinder is not there any more."""

        def look() -> bool:
            return made.id not in [one.id for one in made.manager.list()]

        support.eventually(look, 60, f'the end of {made}')

    def array_name(self, volume: Any) -> str:
        """Return the name that Cinder says the array has for a volume."""
        found = self.cinder.volumes.get(volume.id)
        return str(found.metadata['array_volume_name'])

    def row(self, volume: Any, array: Any = None) -> dict[str, Any]:
        """Return what the array has of a volume."""
        found: dict[str, Any] = arrays.objects(array or self.east, 'volumes')[
            self.array_name(volume)
        ]
        return found


class VolumeServiceTest(ServiceCase):
    def each(self, test: Callable[[rig.Backend], None]) -> None:
        for backend in rig.BACKENDS:
            with self.subTest(backend.name):
                test(backend)

    def test_all_backends_are_up(self) -> None:
        pools = {pool.name for pool in self.cinder.pools.list()}
        self.assertEqual({one.pool for one in rig.BACKENDS}, pools)

    def test_a_volume_lives(self) -> None:
        self.each(self._live)

    def _live(self, backend: rig.Backend) -> None:
        kind = self.type(backend)
        volume = self.volume(kind)
        name = self.array_name(volume)
        self.east.door.write(name, 0, b'written')
        self.cinder.volumes.extend(volume, 2)
        support.eventually(
            lambda: self.row(volume)['provisioned'] == 2 * support.GIB, 30
        )
        self.until(volume)
        snapshot = self.until(self.cinder.volume_snapshots.create(volume.id))
        self.east.door.write(name, 0, b'changed')
        restored = self.volume(kind, size=2, snapshot_id=snapshot.id)
        clone = self.volume(kind, size=2, source_volid=volume.id)
        self.cinder.volumes.revert_to_snapshot(volume, snapshot)
        self.until(volume)
        for one, expected in (
            (restored, b'written'),
            (clone, b'changed'),
            (volume, b'written'),
        ):
            self.assertEqual(
                expected, self.east.door.read(self.array_name(one), 0, 7)
            )
        snapshot.delete()
        self.gone(snapshot)
        for one in (restored, clone, volume):
            one.delete()
        self.gone(volume)
        row = arrays.objects(self.east, 'volumes')[name]
        self.assertIsNotNone(row['destroyed'])

    def test_a_volume_is_attached_and_detached(self) -> None:
        self.each(self._attach)

    def _attach(self, backend: rig.Backend) -> None:
        volume = self.volume(self.type(backend))
        host = f'compute-{backend.name}'
        connector = {
            'host': host,
            'ip': '127.0.0.1',
            'multipath': True,
            'initiator': f'iqn.1993-08.org.debian:01:{backend.name}',
            'nqn': f'nqn.2014-08.org.nvmexpress:uuid:{uuid.uuid4()}',
            'wwpns': ['10000090fa534cd0', '10000090fa534cd1'],
            'wwnns': ['20000090fa534cd0'],
            'system uuid': str(uuid.uuid4()),
        }
        found = self.cinder.volumes.initialize_connection(volume, connector)
        self.assertTrue(found['data'])
        self.assertIn(
            self.array_name(volume),
            [
                row['volume']
                for row in self.east.door.objects('connections')['connections']
            ],
        )
        self.cinder.volumes.terminate_connection(volume, connector)
        hosts = arrays.objects(self.east, 'hosts')
        self.assertFalse([name for name in hosts if name.startswith(host)])

    def test_a_volume_is_unmanaged_and_managed(self) -> None:
        self.each(self._manage)

    def _manage(self, backend: rig.Backend) -> None:
        volume = self.volume(self.type(backend))
        name = self.array_name(volume)
        self.cinder.volumes.unmanage(volume)
        self.gone(volume)
        reference = f'{name}-unmanaged'
        listed = {
            entry.reference['name']: entry
            for entry in self.cinder.volumes.list_manageable(
                backend.pool, detailed=True
            )
        }
        self.assertTrue(listed[reference].safe_to_manage)
        managed = self.until(
            self.cinder.volumes.manage(
                backend.pool,
                {'source-name': reference},
                volume_type=self.type(backend, 'async').name,
            )
        )
        self.assertNotEqual(volume.id, managed.id)
        self.assertIn(
            self.array_name(managed),
            arrays.members(self.east, 'cinder-group'),
        )

    def test_a_snapshot_is_unmanaged_and_managed(self) -> None:
        volume = self.volume(self.type(rig.ISCSI))
        snapshot = self.until(self.cinder.volume_snapshots.create(volume.id))
        self.cinder.volume_snapshots.unmanage(snapshot)
        self.gone(snapshot)
        names = [
            name
            for name in arrays.objects(self.east, 'volume_snapshots')
            if name.startswith(self.array_name(volume))
        ]
        managed = self.cinder.volume_snapshots.manage(
            volume.id, {'source-name': names[0]}
        )
        managed = self.until(managed)
        self.assertEqual(1, managed.size)

    def test_a_volume_is_retyped(self) -> None:
        self.each(self._retype)

    def _retype(self, backend: rig.Backend) -> None:
        volume = self.volume(self.type(backend))
        for kind in ('async', 'none'):
            target = self.type(backend, kind)
            self.cinder.volumes.retype(volume, target.name, 'never')
            support.eventually(
                lambda target=target: (
                    self.cinder.volumes.get(volume.id).volume_type
                    == target.name
                ),
                60,
                f'the type {kind}',
            )
            self.until(volume)
            members = arrays.members(self.east, 'cinder-group')
            self.assertEqual(
                kind == 'async', self.array_name(volume) in members
            )

    def test_a_volume_is_retyped_into_the_pod(self) -> None:
        volume = self.volume(self.type(rig.FC))
        serial = self.row(volume)['serial']
        target = self.type(rig.FC, 'sync')
        self.cinder.volumes.retype(volume, target.name, 'never')
        support.eventually(
            lambda: (
                self.cinder.volumes.get(volume.id).volume_type == target.name
            ),
            60,
            'the synchronous type',
        )
        self.until(volume)
        for array in (self.east, self.west):
            self.assertEqual(serial, self.row(volume, array)['serial'])


class GroupServiceTest(ServiceCase):
    def group(self, kind: Any, **keys: str) -> Any:
        group_type = self.cinder.group_types.create(
            f'group-{uuid.uuid4().hex[:8]}'
        )
        group_type.set_keys(
            {'consistent_group_snapshot_enabled': '<is> True', **keys}
        )
        made = self.cinder.groups.create(group_type.id, kind.id, name='group')
        return self.until(made)

    def test_a_group_and_its_snapshot(self) -> None:
        kind = self.type(rig.NVME)
        group = self.group(kind)
        volume = self.volume(kind, group_id=group.id)
        self.east.door.write(self.array_name(volume), 0, b'then')
        snapshot = self.until(self.cinder.group_snapshots.create(group.id))
        self.east.door.write(self.array_name(volume), 0, b'now!')
        made = self.cinder.groups.create_from_src(snapshot.id, None, 'copy')
        copy = self.until(self.cinder.groups.get(made['id']))
        [made] = [
            one
            for one in self.cinder.volumes.list(detailed=True)
            if one.group_id == copy.id
        ]
        self.assertEqual(
            b'then', self.east.door.read(self.array_name(made), 0, 4)
        )
        self.cinder.groups.delete(copy, delete_volumes=True)
        self.gone(copy)
        snapshot.delete()
        self.gone(snapshot)
        self.cinder.groups.delete(group, delete_volumes=True)
        self.gone(group)

    def test_a_replicated_group_fails_over_and_back(self) -> None:
        kind = self.type(rig.ISCSI, 'async')
        group = self.group(
            kind, consistent_group_replication_enabled='<is> True'
        )
        volume = self.volume(kind, group_id=group.id)
        name = self.array_name(volume)
        self.east.door.write(name, 0, b'replicated')
        for call, status in (
            (self.cinder.groups.enable_replication, 'enabled'),
            (self.cinder.groups.disable_replication, 'disabled'),
            (self.cinder.groups.enable_replication, 'enabled'),
        ):
            call(group)
            self._replication(group, status)
        arrays.replicate(
            self.east, self.west, f'consisgroup-{group.id}-cinder'
        )
        self.cinder.groups.failover_replication(
            group, secondary_backend_id='fa-west'
        )
        self._replication(group, 'failed-over')
        self.assertEqual(b'replicated', self.west.door.read(name, 0, 10))
        self.cinder.groups.failover_replication(
            group, secondary_backend_id='default'
        )
        self._replication(group, 'enabled')
        self.assertEqual('error', self.cinder.volumes.get(volume.id).status)

    def _replication(self, group: Any, status: str) -> None:
        support.eventually(
            lambda: (
                self.cinder.groups.get(group.id).replication_status == status
            ),
            60,
            f'replication being {status}',
        )


class FailoverCase(ServiceCase):
    def fail_over(self, backend: rig.Backend) -> None:
        """Fail a backend over until the test ends, and enable it.

        Cinder disables it, and then places no snapshot or extension there.
        """
        self.addCleanup(self.fail_back, backend)
        self.cinder.services.failover_host(backend.host, 'fa-west')
        self._await(backend, 'failed-over')
        self.assertEqual('disabled', self._service(backend).status)
        # Cinder 29 answers a call to enable a service but does not do it.
        self.cinder.services.freeze_host(backend.host)
        self._await(backend, 'frozen', 'disabled_reason')
        self.cinder.services.thaw_host(backend.host)
        support.eventually(
            lambda: backend.pool in [one.name for one in self._pools()],
            60,
            f'{backend.pool} in the scheduler',
        )

    def _pools(self) -> Any:
        return self.cinder.pools.list()

    def fail_back(self, backend: rig.Backend) -> None:
        """Fail a backend back; nothing happens if it is not over."""
        if self._service(backend).replication_status != 'failed-over':
            return
        self.cinder.services.failover_host(backend.host, 'default')
        self._await(backend, 'enabled')
        self.assertEqual('enabled', self._service(backend).status)

    def _await(
        self,
        backend: rig.Backend,
        status: str,
        field: str = 'replication_status',
    ) -> None:
        support.eventually(
            lambda: getattr(self._service(backend), field) == status,
            60,
            f'{backend.name} being {status}',
        )

    def _service(self, backend: rig.Backend) -> Any:
        [found] = self.cinder.services.list(
            host=backend.host, binary='cinder-volume'
        )
        return found


class FailoverServiceTest(FailoverCase):
    def test_asynchronously_and_back(self) -> None:
        volume = self.volume(self.type(rig.NVME, 'async'))
        local = self.volume(self.type(rig.NVME))
        name = self.array_name(volume)
        self.east.door.write(name, 0, b'replicated')
        arrays.replicate(self.east, self.west)
        self.fail_over(rig.NVME)
        self.assertEqual(
            'failed-over',
            self.cinder.volumes.get(volume.id).replication_status,
        )
        self.until(local, 'error')
        self.assertEqual(b'replicated', self.west.door.read(name, 0, 10))
        snapshot = self.until(self.cinder.volume_snapshots.create(volume.id))
        self.assertIn(
            f'{name}.snapshot-{snapshot.id}',
            arrays.objects(self.west, 'volume_snapshots'),
        )
        self.fail_back(rig.NVME)
        self.until(volume, 'error')

    def test_synchronously_and_back(self) -> None:
        volume = self.volume(self.type(rig.FC, 'sync'))
        self.fail_over(rig.FC)
        self.until(volume)
        self.cinder.volumes.extend(volume, 2)
        self.until(volume)
        self.fail_back(rig.FC)
        self.until(volume)
        for array in (self.east, self.west):
            self.assertEqual(
                2 * support.GIB, self.row(volume, array)['provisioned']
            )


class RestartServiceTest(FailoverCase):
    def test_a_restart_sets_up_again_and_goes_on(self) -> None:
        before = arrays.objects(self.east, 'protection_groups')
        moment = _moment(self.east.door)
        self.rig.restart_volume()
        self.assertEqual(
            before['cinder-group'],
            arrays.objects(self.east, 'protection_groups')['cinder-group'],
        )
        made = [
            call
            for call in self.east.door.call_log(moment)
            if call['method'] == 'POST'
            and call['path'].endswith('/protection-groups')
        ]
        self.assertEqual(
            [400] * len(rig.BACKENDS), [call['status'] for call in made]
        )
        self.volume(self.type(rig.FC))

    def test_a_restart_keeps_a_failover(self) -> None:
        volume = self.volume(self.type(rig.ISCSI, 'async'))
        name = self.array_name(volume)
        arrays.replicate(self.east, self.west)
        self.fail_over(rig.ISCSI)
        self.rig.restart_volume()
        self.cinder.volumes.extend(volume, 3)
        self.until(volume)
        self.assertEqual(
            3 * support.GIB,
            arrays.objects(self.west, 'volumes')[name]['provisioned'],
        )
        self.fail_back(rig.ISCSI)
        self.until(volume, 'error')


def _moment(door: Door) -> int:
    log = door.call_log()
    return int(log[-1]['sequence']) if log else 0
