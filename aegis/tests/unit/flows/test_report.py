# SPDX-License-Identifier: Apache-2.0
import datetime
from typing import Any

from aegis import models
from aegis.common import documents, names
from aegis.flows import report
from aegis.storage import base as storage_base
from aegis.tasks import base as task_base
from aegis.tasks import compute, fence, network, results, storage
from aegis.tests import base
from aegis.tests.fixtures import journal

NOW = journal.NOW


def later(seconds: float) -> datetime.datetime:
    return NOW + datetime.timedelta(seconds=seconds)


def step(
    task: type[task_base.JournaledTask] | str,
    result: Any = None,
    **values: Any,
) -> models.Step:
    name = task if isinstance(task, str) else task.step
    return models.Step(
        **{
            'id': name,
            'lane_id': journal.LANE_ID,
            'attempt': 1,
            'ordinal': 1,
            'name': name,
            'state': models.StepState.SUCCEEDED,
            'intent': {},
            'result': documents.to_document(result),
            'message': None,
            'error_code': None,
            'reversible': True,
            'leftovers': (),
            'service_seconds': {},
            'started_at': NOW,
            'finished_at': later(1),
            **values,
        }
    )


POINT = step(
    storage.ResolveRecoveryPoint,
    results.ChosenPoint(
        array='fa-west',
        point=storage_base.RecoveryPoint(
            group=storage_base.ReplicationGroup('fa-east', 'pg'),
            name='fa-east:pg.7',
            created_at=NOW,
            completed_at=NOW,
            size_bytes=1,
            volumes=(),
        ),
        array_now=later(90.5),
    ),
)


class FailoverReportTest(base.TestCase):
    def report(
        self, *steps: models.Step, lanes: tuple[models.Lane, ...] = ()
    ) -> dict[str, Any]:
        operation = journal.make_operation(created_at=NOW)
        lanes = lanes or (journal.make_lane(member_id='m1'),)
        return report.failover(operation, lanes, steps)

    def test_a_run_that_did_nothing(self) -> None:
        found = self.report()
        self.assertIsNone(found['fence'])
        self.assertEqual({}, found['seconds'])
        self.assertNotIn('rpo_seconds', found)
        self.assertNotIn('rto_seconds', found)

    def test_the_recovery_point_and_its_age(self) -> None:
        found = self.report(POINT)
        self.assertEqual(90.5, found['rpo_seconds'])
        self.assertEqual(
            names.recovery_point_id('fa-east:pg.7'),
            found['recovery_point']['id'],
        )

    def test_no_array_is_named(self) -> None:
        self.assertNotIn('fa-', str(self.report(POINT)))

    def test_the_recovery_time_ends_with_the_last_server(self) -> None:
        found = self.report(
            *(
                step(
                    compute.CreateServer,
                    results.CreatedServer(f's{seconds}', later(seconds)),
                )
                for seconds in (40, 70.25, 60)
            )
        )
        self.assertEqual(70.25, found['rto_seconds'])

    def test_a_server_that_was_never_launched_has_no_time(self) -> None:
        found = self.report(
            step(compute.CreateServer, results.CreatedServer('s', None))
        )
        self.assertNotIn('rto_seconds', found)

    def test_what_became_of_the_protected_side(self) -> None:
        found = self.report(
            step(
                fence.FenceProtectedSite,
                results.FenceReport(False, 'east is dead', (), False, False),
            )
        )
        self.assertEqual(
            {
                'fenced': False,
                'reason': 'east is dead',
                'replication_paused': False,
            },
            found['fence'],
        )

    def test_a_line_per_member(self) -> None:
        lanes = (
            journal.make_lane(id='l0', name='prepare'),
            journal.make_lane(
                id='l1',
                name='web',
                member_id='m1',
                state=models.LaneState.SUCCEEDED,
            ),
            journal.make_lane(
                id='l2',
                name='database',
                member_id='m2',
                state=models.LaneState.REVERTED,
                error_code='aegis.cloud.quota',
                reason='Quota.',
            ),
        )

        found = self.report(
            step(
                compute.CreateServer,
                results.CreatedServer('s1', NOW),
                lane_id='l1',
            ),
            step(
                network.AssociateFloatingIps,
                (results.AssociatedFloatingIp(0, 'f', 'new', 'old'),),
                lane_id='l1',
            ),
            lanes=lanes,
        )

        self.assertEqual(
            [
                {
                    'member_id': 'm1',
                    'name': 'web',
                    'result': 'succeeded',
                    'error_code': None,
                    'reason': None,
                    'server_id': 's1',
                    'floating_ips': [{'was': 'old', 'is': 'new'}],
                },
                {
                    'member_id': 'm2',
                    'name': 'database',
                    'result': 'reverted',
                    'error_code': 'aegis.cloud.quota',
                    'reason': 'Quota.',
                    'server_id': None,
                    'floating_ips': [],
                },
            ],
            found['members'],
        )

    def test_what_an_earlier_attempt_did_does_not_count(self) -> None:
        found = self.report(
            step(
                compute.CreateServer,
                results.CreatedServer('old', later(5)),
                attempt=1,
            ),
            lanes=(journal.make_lane(member_id='m1', attempt=2),),
        )
        self.assertIsNone(found['members'][0]['server_id'])
        self.assertEqual({}, found['seconds'])


class TimeSplitTest(base.TestCase):
    def test_what_no_service_took_is_our_own(self) -> None:
        found = report.time_split(
            [
                step(
                    'create_server',
                    service_seconds={'nova': 6.5, 'neutron': 1.25},
                    finished_at=later(10),
                )
            ]
        )
        self.assertEqual(
            {
                'create_server': {
                    'wall': 10.0,
                    'aegis': 2.25,
                    'nova': 6.5,
                    'neutron': 1.25,
                }
            },
            found,
        )

    def test_steps_of_one_name_are_summed_up(self) -> None:
        found = report.time_split(
            [
                step('a', service_seconds={'nova': 1.0}),
                step('a', service_seconds={'nova': 1.0}),
                step('b'),
            ]
        )
        self.assertEqual(2.0, found['a']['nova'])
        self.assertEqual(2.0, found['a']['wall'])
        self.assertEqual({'wall': 1.0, 'aegis': 1.0}, found['b'])

    def test_calls_side_by_side_take_no_time_from_us(self) -> None:
        found = report.time_split([step('a', service_seconds={'nova': 8.0})])
        self.assertEqual(0.0, found['a']['aegis'])

    def test_a_step_that_has_not_ended_is_left_out(self) -> None:
        self.assertEqual({}, report.time_split([step('a', finished_at=None)]))


class CaptureReportTest(base.TestCase):
    def test_how_long_it_took(self) -> None:
        found = report.capture(
            journal.make_operation(),
            [journal.make_lane()],
            [step('capture_group', service_seconds={'nova': 0.75})],
        )
        self.assertEqual(
            {
                'seconds': {
                    'capture_group': {
                        'wall': 1.0,
                        'aegis': 0.25,
                        'nova': 0.75,
                    }
                }
            },
            found,
        )
