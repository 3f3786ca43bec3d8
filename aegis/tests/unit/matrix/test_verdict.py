# SPDX-License-Identifier: Apache-2.0
"""Which ends of a run with a fault are right."""

import dataclasses
from typing import Any

from aegis import models
from aegis.common import exception
from aegis.tests import base
from aegis.tests.matrix import (
    cases,
    ends,
    faultcases,
    landscape,
    verdict,
)

WEB = 'aaaaaaaa-0000-0000-0000-000000000000'
DATABASE = 'bbbbbbbb-0000-0000-0000-000000000000'
REASON = (
    'nova at west answered 403 to POST /servers: no. '
    f'{exception.CloudForbidden.remedy}'
)
CALL = faultcases.Request('west', 'nova', 'POST', '/v2.1/servers')
FENCING = faultcases.Request(
    'east', 'nova', 'POST', '/v2.1/servers/{id}/action os-stop'
)
Lane, State = models.LaneState, models.OperationState


def thing(
    place: str, name: str, member: str = '', status: str = 'ACTIVE'
) -> landscape.Standing:
    return landscape.Standing(
        f'id-of-{name}',
        member[:8],
        ends.Thing(place, 'servers', name, status),
    )


OLD = thing('east', 'old')
STOPPED = thing('east', 'old', status='SHUTOFF')
NEW = {WEB: thing('west', 'web', WEB), DATABASE: thing('west', 'db', DATABASE)}


def lane(member: str, state: Lane, reason: str | None = None) -> models.Lane:
    return models.Lane(
        id=f'lane-of-{member}',
        operation_id='operation',
        member_id=member,
        name='web' if member == WEB else 'database',
        flow='flow',
        wave=1,
        state=state,
        direction=models.LaneDirection.EXECUTE,
        attempt=1,
        reason=reason,
        error_code=exception.CloudForbidden.code if reason else None,
        owner=None,
        lease_expires_at=None,
        fence=1,
        started_at=None,
        finished_at=None,
    )


def ended(
    state: State,
    lanes: tuple[models.Lane, ...],
    *standings: landscape.Standing,
    group: str = 'failed_over',
    **values: Any,
) -> verdict.Ended:
    return verdict.Ended(
        state=state,
        states={
            'group': group,
            'operation': str(state),
            **{each.name: str(each.state) for each in lanes},
        },
        lanes=lanes,
        debts=values.get('debts', ()),
        report=values.get('report', {}),
        landscape=landscape.Landscape(standings),
    )


BOTH = (lane(WEB, Lane.SUCCEEDED), lane(DATABASE, Lane.SUCCEEDED))
ONE = (lane(WEB, Lane.REVERTED, REASON), lane(DATABASE, Lane.SUCCEEDED))
NONE = (lane(WEB, Lane.REVERTED, REASON), lane(DATABASE, Lane.SKIPPED))
CLEAN = verdict.Clean(
    before=landscape.Landscape((OLD,)),
    group='protected',
    ended=ended(State.SUCCEEDED, BOTH, STOPPED, *NEW.values()),
    protected=frozenset({'east'}),
)
PARTIAL = ended(State.PARTIAL, ONE, STOPPED, NEW[DATABASE])


def debt(resource_type: str, resource_id: str, owner: str) -> verdict.Debt:
    return verdict.Debt(
        owner[:8],
        models.Leftover('nova', resource_type, resource_id, 'web', 'no'),
    )


class JudgeTest(base.TestCase):
    def judge(
        self,
        end: verdict.Ended,
        times: faultcases.Times = faultcases.Times.EVER,
        call: faultcases.Request = CALL,
    ) -> str:
        run = cases.Run(
            models.OperationType.FAILOVER,
            cases.World.ALIVE,
            cases.Way.FORWARD,
        )
        case = faultcases.FaultCase(
            run, call, faultcases.Effect.FORBIDDEN, times
        )
        return '; '.join(verdict.judge(case, CLEAN, end))

    def test_the_clean_end_is_right(self) -> None:
        for times in faultcases.Times:
            self.assertEqual('', self.judge(CLEAN.ended, times))

    def test_one_member_failed_well(self) -> None:
        self.assertEqual('', self.judge(PARTIAL))

    def test_all_failed_well(self) -> None:
        end = ended(State.REVERTED, NONE, OLD, group='protected')

        self.assertEqual('', self.judge(end))

    def test_a_single_fault_must_not_be_noticed(self) -> None:
        self.assertIn(
            'a single fault was noticed',
            self.judge(PARTIAL, faultcases.Times.ONCE),
        )

    def test_success_must_not_hide_what_is_missing(self) -> None:
        end = ended(State.SUCCEEDED, BOTH, STOPPED, NEW[DATABASE])

        self.assertIn('missing: servers web', self.judge(end))

    def test_the_lost_side_may_stay_as_it_was_if_the_report_tells(
        self,
    ) -> None:
        told = {'fence': 'nova at east answered 403 to POST /servers/1/action'}
        standings = (OLD, *NEW.values())

        self.assertEqual(
            '',
            self.judge(
                ended(State.SUCCEEDED, BOTH, *standings, report=told),
                call=FENCING,
            ),
        )
        self.assertIn(
            'the report does not tell',
            self.judge(ended(State.SUCCEEDED, BOTH, *standings), call=FENCING),
        )

    def test_a_reason_that_names_no_call(self) -> None:
        lanes = (lane(WEB, Lane.REVERTED, 'It failed. Check it.'), ONE[1])
        end = dataclasses.replace(PARTIAL, lanes=lanes)

        self.assertIn('the call is not told: web', self.judge(end))

    def test_a_failure_without_a_reason(self) -> None:
        lanes = (lane(WEB, Lane.REVERTED), ONE[1])
        end = dataclasses.replace(PARTIAL, lanes=lanes)

        self.assertIn('no lane says why', self.judge(end))

    def test_what_is_left_has_to_be_listed(self) -> None:
        standings = (STOPPED, *NEW.values())
        end = ended(State.PARTIAL, ONE, *standings)
        listed = dataclasses.replace(
            end, debts=[debt('server', NEW[WEB].id, WEB)]
        )

        self.assertIn('not listed: servers web', self.judge(end))
        self.assertEqual('', self.judge(listed))

    def test_what_is_listed_has_to_be_left(self) -> None:
        end = dataclasses.replace(
            PARTIAL, debts=[debt('server', NEW[WEB].id, WEB)]
        )

        self.assertIn('listed and not left: nova server', self.judge(end))

    def test_a_step_that_could_not_look_may_have_left_its_own(self) -> None:
        end = ended(State.PARTIAL, ONE, STOPPED, *NEW.values())
        own = dataclasses.replace(end, debts=[debt('step', '1', WEB)])
        other = dataclasses.replace(end, debts=[debt('step', '1', DATABASE)])

        self.assertEqual('', self.judge(own))
        self.assertIn('not listed: servers web', self.judge(other))

    def test_a_site_that_could_not_be_asked_may_have_kept_anything(
        self,
    ) -> None:
        end = ended(State.FAILED, NONE, STOPPED)

        self.assertEqual(
            '',
            self.judge(
                dataclasses.replace(end, debts=[debt('site', 'east', '')])
            ),
        )
        self.assertIn('missing: servers old', self.judge(end))

    def test_a_reverted_group_is_what_it_was(self) -> None:
        end = ended(State.REVERTED, NONE, OLD, group='failed_over')

        self.assertIn('not protected as before', self.judge(end))

    def test_an_end_that_is_none(self) -> None:
        end = dataclasses.replace(PARTIAL, state=State.RUNNING)

        self.assertIn('the operation is running', self.judge(end))


class RemedyTest(base.TestCase):
    def test_the_usual_one(self) -> None:
        self.assertTrue(
            verdict.has_remedy(exception.CloudForbidden.code, REASON)
        )

    def test_a_better_one_in_its_place(self) -> None:
        self.assertTrue(
            verdict.has_remedy(
                exception.CloudError.code,
                'nova at west answered 200: not JSON. See what answers.',
            )
        )

    def test_what_a_service_says_is_none(self) -> None:
        self.assertFalse(
            verdict.has_remedy(
                exception.CloudError.code, 'nova answered 500: Oh. The end.'
            )
        )

    def test_a_bug_has_none(self) -> None:
        self.assertFalse(
            verdict.has_remedy(exception.AegisError.code, 'Bug. See the log.')
        )
