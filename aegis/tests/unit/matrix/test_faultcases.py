# SPDX-License-Identifier: Apache-2.0
"""What fails in the fault matrix, and by which words it is told."""

from aegis import models
from aegis.tests import base
from aegis.tests.matrix import cases, faultcases

RUN = cases.Run(
    models.OperationType.FAILOVER, cases.World.ALIVE, cases.Way.FORWARD
)
STOP = faultcases.Request(
    'west', 'nova', 'POST', '/v2.1/servers/{id}/action os-stop'
)


class CasesTest(base.TestCase):
    def test_each_call_fails_in_every_way_so_many_times(self) -> None:
        found = list(faultcases.cases(RUN, [STOP]))

        self.assertEqual(27, len(set(map(str, found))))
        self.assertIn(
            f'{RUN} west:nova POST /v2.1/servers/{{id}}/action os-stop 503 '
            'ever',
            map(str, found),
        )

    def test_no_call_no_case(self) -> None:
        self.assertEqual([], list(faultcases.cases(RUN, [])))


class EffectTest(base.TestCase):
    def test_statuses_are_numbers(self) -> None:
        self.assertEqual(
            [400, 403, 404, 409, 500, 503, None, None, None],
            [effect.status for effect in faultcases.Effect],
        )

    def test_for_ever_has_no_number(self) -> None:
        self.assertEqual(
            [1, 3, None], [times.number for times in faultcases.Times]
        )


class NamedTest(base.TestCase):
    def test_by_service_method_and_path(self) -> None:
        self.assertTrue(
            STOP.is_named_in(
                'nova at west answered 500 to POST /servers/71-a/action: no.'
            )
        )

    def test_by_a_path_that_tells_the_version(self) -> None:
        request = faultcases.Request('west', 'neutron', 'GET', '/v2.0/ports')

        self.assertTrue(
            request.is_named_in('neutron did not answer to GET /v2.0/ports: x')
        )

    def test_not_by_another_call(self) -> None:
        for text in (
            'nova at west answered 500 to DELETE /servers/71-a: no.',
            'nova at west answered 500 to GET /servers/71-a/action: no.',
            'cinder at west answered 500 to POST /servers/71-a/action: no.',
            'The server was not built.',
        ):
            self.assertFalse(STOP.is_named_in(text), text)

    def test_a_token_by_keystone_alone(self) -> None:
        request = faultcases.Request(
            'west', 'keystone', 'POST', '/v3/auth/tokens'
        )

        self.assertTrue(request.is_named_in('No answer of keystone.'))
        self.assertFalse(request.is_named_in('No answer of nova.'))

    def test_an_array_without_its_calls(self) -> None:
        request = faultcases.Request('fa-west', 'array', 'GET', 'volumes')

        self.assertTrue(
            request.is_named_in('A storage array refused a change.')
        )
        self.assertFalse(request.is_named_in('Something failed.'))
