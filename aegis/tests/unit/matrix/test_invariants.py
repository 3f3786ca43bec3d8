# SPDX-License-Identifier: Apache-2.0
"""What must always hold is seen when it does not."""

import dataclasses
import datetime

from aegis import models
from aegis.tests import base
from aegis.tests.fixtures import journal
from aegis.tests.matrix import books, invariants, residents, stock

OPERATION = '0f0f0f0f-0000-4000-8000-000000000000'
MEMBER = '1e1e1e1e-0000-4000-8000-000000000000'
NOW = journal.NOW


def resident(**values: object) -> residents.Resident:
    return residents.Resident(
        **{
            'place': 'west',
            'kind': 'servers',
            'id': 'id',
            'name': 'web',
            'operation': '',
            'member': '',
            'status': 'p ACTIVE',
            'ties': frozenset(),
            'said': frozenset(),
            **values,
        }
    )


def account(
    state: models.OperationState, *lanes: models.Lane, **values: object
) -> books.Account:
    operation = journal.make_operation(id=OPERATION, state=state, **values)
    return books.Account(operation, lanes, ())


def scene(
    *now: residents.Resident,
    before: tuple[residents.Resident, ...] = (),
    accounts: tuple[books.Account, ...] = (),
    placements: tuple[models.Placement, ...] = (),
    points: tuple[stock.Point, ...] = (),
    unseen: frozenset[str] = frozenset(),
    group: models.FailoverGroup | None = None,
) -> invariants.Scene:
    return invariants.Scene(
        residents.Census(now, unseen),
        books.Books(group or journal.make_group(), (), placements, accounts),
        {each.key: each for each in before},
        {},
        points,
    )


def placement(site: str, server_id: str) -> models.Placement:
    return models.Placement(MEMBER, site, server_id, (), ())


class AlwaysTest(base.TestCase):
    def problems(self, found: invariants.Scene) -> list[str]:
        return list(invariants.always(found))

    def test_what_stays_as_it_was_is_right(self) -> None:
        found = scene(resident(), before=(resident(),))

        self.assertEqual([], self.problems(found))

    def test_what_is_gone(self) -> None:
        self.assertEqual(1, len(self.problems(scene(before=(resident(),)))))

    def test_what_cannot_be_seen_is_not_gone(self) -> None:
        found = scene(before=(resident(),), unseen=frozenset({'west'}))

        self.assertEqual([], self.problems(found))

    def test_our_own_may_go(self) -> None:
        found = scene(before=(resident(operation='0f0f0f0f'),))

        self.assertEqual([], self.problems(found))

    def test_a_bystander_that_was_stopped(self) -> None:
        found = scene(resident(status='p SHUTOFF'), before=(resident(),))

        self.assertEqual(1, len(self.problems(found)))

    def test_a_member_may_be_stopped(self) -> None:
        found = scene(
            resident(status='p SHUTOFF'),
            before=(resident(),),
            placements=(placement('east', 'id'),),
        )

        self.assertEqual([], self.problems(found))

    def test_a_member_that_lost_its_disk(self) -> None:
        found = scene(
            resident(),
            before=(resident(ties=frozenset({'disk'})),),
            placements=(placement('east', 'id'),),
        )

        self.assertEqual(1, len(self.problems(found)))

    def test_replication_that_others_need(self) -> None:
        values = {'kind': 'replication', 'ties': frozenset({'other'})}
        found = scene(
            resident(status='off', **values),
            before=(resident(status='on', **values),),
        )

        self.assertEqual(1, len(self.problems(found)))


class AtRestTest(base.TestCase):
    def problems(self, found: invariants.Scene) -> list[str]:
        return list(invariants.at_rest(found))

    def lane(self, **values: object) -> models.Lane:
        lane = journal.make_lane(
            operation_id=OPERATION,
            member_id=MEMBER,
            state=models.LaneState.SUCCEEDED,
        )
        return dataclasses.replace(lane, **values)

    def test_an_orphan(self) -> None:
        found = scene(
            resident(operation='0f0f0f0f', member='1e1e1e1e'),
            accounts=(account(models.OperationState.CANCELLED),),
        )

        self.assertIn('orphan', self.problems(found)[0])

    def test_what_was_recovered_is_no_orphan(self) -> None:
        found = scene(
            resident(operation='0f0f0f0f', member='1e1e1e1e'),
            accounts=(account(models.OperationState.PARTIAL, self.lane()),),
        )

        self.assertFalse([e for e in self.problems(found) if 'orphan' in e])

    def test_a_second_server(self) -> None:
        found = scene(
            *(
                resident(id=id_, operation='0f0f0f0f', member='1e1e1e1e')
                for id_ in ('one', 'two')
            ),
            accounts=(account(models.OperationState.PARTIAL, self.lane()),),
            placements=(placement('west', 'one'),),
        )

        self.assertIn('2 servers', ' '.join(self.problems(found)))

    def test_a_success_with_a_lane_that_failed(self) -> None:
        failed = self.lane(state=models.LaneState.FAILED)
        found = scene(
            accounts=(account(models.OperationState.SUCCEEDED, failed),)
        )

        self.assertIn('it succeeded, but', self.problems(found)[0])

    def test_a_failure_without_a_remedy(self) -> None:
        failed = self.lane(error_code='aegis.internal', reason='Oops.')
        found = scene(
            accounts=(account(models.OperationState.FAILED, failed),)
        )

        self.assertIn('no remedy', ' '.join(self.problems(found)))

    def test_a_server_that_is_not_where_it_was_recorded(self) -> None:
        found = scene(placements=(placement('west', 'id'),))

        self.assertIn('not there', self.problems(found)[0])

    def test_two_sides_that_nobody_tells_of(self) -> None:
        found = scene(
            resident(place='east', id='old'),
            resident(id='new'),
            placements=(placement('east', 'old'), placement('west', 'new')),
        )

        self.assertIn('both sites', ' '.join(self.problems(found)))

    def test_two_sides_that_are_told_of(self) -> None:
        told = {'fence': {'fenced': False, 'reason': 'It does not answer.'}}
        found = scene(
            resident(place='east', id='old'),
            resident(id='new'),
            accounts=(
                account(
                    models.OperationState.PARTIAL, self.lane(), report=told
                ),
            ),
            placements=(placement('east', 'old'), placement('west', 'new')),
        )

        self.assertNotIn('both sites', ' '.join(self.problems(found)))

    def test_a_newer_point_that_was_not_chosen(self) -> None:
        minute = datetime.timedelta(minutes=1)
        points = (
            stock.Point('old', NOW, NOW),
            stock.Point('new', NOW + minute, NOW + minute),
        )
        report = {'recovery_point': {'id': 'old'}, 'rpo_seconds': 180.0}
        found = scene(
            accounts=(account(models.OperationState.PARTIAL, report=report),),
            points=points,
        )

        self.assertIn('is newer than', ' '.join(self.problems(found)))
