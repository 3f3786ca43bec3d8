# SPDX-License-Identifier: Apache-2.0
"""The API and whoever answers on the bus, over the bus."""

import datetime

from aegis import models
from aegis.api import app
from aegis.common import documents, exception, rpc
from aegis.engine import rpcapi
from aegis.storage import errors
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base


class Endpoint:
    """What an engine offers on the bus; ``error`` is raised if it is set."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.contexts = []

    def add_member(self, context, group_id, server, wave):
        self._note(context)
        return samples.add_member(context, group_id, server, wave).id

    def list_recovery_points(self, context, group_id, limit):
        self._note(context)
        moment = datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.UTC)
        point = models.RecoveryPoint(
            id='0f8fad5b-d9cb-469f-a165-70867728950e',
            group_id=group_id,
            created_at=moment,
            completed_at=moment,
            age_seconds=1.0,
            size_bytes=limit,
            volume_count=2,
        )
        return [documents.to_document(point)]

    def resolve_protected_project(self, context, protected_site):
        self._note(context)
        return samples.PROTECTED_PROJECT_ID

    def _note(self, context) -> None:
        self.contexts.append(context)
        if self.error is not None:
            raise self.error


class BusTestCase(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.config(group='engine', rpc_timeout=1)
        self.bus = rpc.Bus(self.conf)
        self.addCleanup(self.bus.close)
        self.app = app.build_application(
            self.conf, rpcapi.EngineAPI(self.conf, self.bus)
        )
        self.group = samples.create_group(self.context)
        self.path = f'/v1/failover-groups/{self.group.id}'


class NobodyAnswersTest(BusTestCase):
    def test_a_call_ends_with_what_to_do(self):
        error = self.error(503, 'GET', f'{self.path}/recovery-points')
        self.assertEqual('aegis.engine.unavailable', error['code'])
        self.assertIn('service list', error['remedy'])

    def test_an_operation_is_accepted_all_the_same(self):
        samples.add_member(self.context, self.group.id)
        self.request(
            'POST',
            f'{self.path}/operations',
            {'operation': {'type': 'capture'}},
            expect=202,
        )


class EngineAnswersTest(BusTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.config(group='engine', rpc_timeout=60)
        self.app = app.build_application(
            self.conf, rpcapi.EngineAPI(self.conf, self.bus)
        )
        self.endpoint = Endpoint()
        server = self.bus.server(rpcapi.TOPIC, 'node-1', [self.endpoint])
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)

    def test_what_the_engine_says_is_answered(self):
        points = self.get(f'{self.path}/recovery-points?limit=7')
        (point,) = points['recovery_points']
        self.assertEqual('2026-01-02T03:00:00.000000Z', point['created_at'])
        self.assertEqual(7, point['size_bytes'])

    def test_the_engine_sees_who_asked_and_in_which_request(self):
        response = self.request(
            'POST',
            f'{self.path}/members',
            {'member': {'server': 'web'}},
            expect=201,
        )
        (context,) = self.endpoint.contexts
        self.assertEqual(
            response.headers['X-Openstack-Request-Id'], context.request_id
        )
        self.assertEqual(self.group.project_id, context.project_id)
        self.assertIsNone(context.auth_token)

    def test_an_error_of_the_engine_keeps_all_its_parts(self):
        details = [{'volume_id': 'v1', 'reason': 'it is encrypted'}]
        self.endpoint.error = exception.MemberIneligible(
            server='web', reason='1 of 2 volumes', details=details
        )
        error = self.error(
            409,
            'POST',
            f'{self.path}/members',
            {'member': {'server': 'web'}},
        )
        self.assertEqual('aegis.member.ineligible', error['code'])
        self.assertEqual(details, error['details'])
        self.assertIn('1 of 2 volumes', error['detail'])

    def test_an_error_nobody_foresaw_shows_nothing_of_the_inside(self):
        self.endpoint.error = KeyError('inside')
        response = self.request(
            'GET', f'{self.path}/recovery-points', expect=500
        )
        self.assertNotIn('inside', response.text)

    def test_an_error_of_an_array_says_nothing_of_the_array(self):
        self.endpoint.error = errors.ArrayUnreachable('fa-east: no route')
        response = self.request(
            'GET', f'{self.path}/recovery-points', expect=503
        )
        (error,) = response.json['errors']
        self.assertEqual('aegis.storage.unreachable', error['code'])
        self.assertNotIn('fa-east', response.text)
