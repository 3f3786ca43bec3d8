# SPDX-License-Identifier: Apache-2.0
"""The API's calls arrive at the endpoint, and its errors come back."""

from typing import Any
from unittest import mock

import fixtures

from aegis import models
from aegis.common import clock, exception, rpc
from aegis.engine import manager, rpcapi, services
from aegis.tests import base
from aegis.tests.fixtures import toy


class RpcTest(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        bus = rpc.Bus(self.conf)
        self.addCleanup(bus.close)
        self.submitted: list[str] = []
        self.services = mock.Mock(spec=services.Services, conf=self.conf)
        server = bus.server(
            rpcapi.TOPIC,
            'node-1',
            [manager.EngineManager(self.services, self.submitted.append)],
        )
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        self.api = rpcapi.EngineAPI(self.conf, bus)
        self.group = toy.make_group(self.context)

    def replace(self, name: str, function: Any) -> None:
        self.useFixture(fixtures.MonkeyPatch(f'aegis.engine.{name}', function))

    def test_an_operation_is_handed_to_the_pool(self) -> None:
        self.api.run_operation(self.context, 'op')

        toy.wait_until(lambda: self.submitted == ['op'], 'the cast')

    def test_a_server_becomes_a_member(self) -> None:
        def add(
            engine_services: Any,
            context: Any,
            group: models.FailoverGroup,
            server: str,
            wave: int,
        ) -> models.Member:
            self.assertEqual(self.group, group)
            self.assertEqual(self.context.project_id, context.project_id)
            self.assertEqual(('web', 3), (server, wave))
            return mock.Mock(id='member')

        self.replace('membership.add_member', add)

        self.assertEqual(
            'member',
            self.api.add_member(self.context, self.group.id, 'web', 3),
        )

    def test_a_foreign_group_does_not_exist(self) -> None:
        other = base.request_context(project_id=base.OTHER_PROJECT_ID)

        for call in (
            lambda: self.api.add_member(other, self.group.id, 'web', 1),
            lambda: self.api.list_recovery_points(other, self.group.id, 1),
        ):
            self.assertRaises(exception.FailoverGroupNotFound, call)

    def test_an_error_keeps_all_it_says(self) -> None:
        def refuse(*args: Any) -> None:
            raise exception.MemberIneligible(
                server='web',
                reason='encrypted.',
                remedy='Do not encrypt.',
                details=[{'volume': 'v1', 'reason': 'encrypted'}],
            )

        self.replace('membership.add_member', refuse)

        error = self.assertRaises(
            exception.MemberIneligible,
            self.api.add_member,
            self.context,
            self.group.id,
            'web',
            1,
        )

        self.assertEqual('aegis.member.ineligible', error.code)
        self.assertEqual(409, error.status)
        self.assertEqual(
            'Server web cannot be protected: encrypted.', error.detail
        )
        self.assertEqual('Do not encrypt.', error.remedy)
        self.assertEqual(
            [{'volume': 'v1', 'reason': 'encrypted'}], error.details
        )

    def test_recovery_points_are_documents(self) -> None:
        moment = clock.now()
        point = models.RecoveryPoint(
            'id', self.group.id, moment, moment, 1.5, 7, 2
        )
        self.replace('recovery_points.list_points', lambda *args: [point])

        (found,) = self.api.list_recovery_points(
            self.context, self.group.id, 5
        )

        self.assertEqual('id', found['id'])
        self.assertEqual(moment.isoformat(), found['created_at'])

    def test_sites_are_probed(self) -> None:
        status = models.SiteStatus('east', False, 'dead', clock.now())
        self.replace('probes.probe_sites', lambda *args: [status])

        (found,) = self.api.probe_sites(self.context)

        self.assertEqual('east', found['name'])
        self.assertFalse(found['reachable'])

    def test_the_callers_own_project_is_resolved(self) -> None:
        def resolve(
            engine_services: Any,
            project_id: str,
            local_site: str,
            protected_site: str,
        ) -> str:
            self.assertEqual(base.PROJECT_ID, project_id)
            self.assertEqual(('west', 'east'), (local_site, protected_site))
            return 'there'

        self.replace('membership.resolve_protected_project', resolve)

        self.assertEqual(
            'there',
            self.api.resolve_protected_project(self.context, 'east'),
        )

    def test_a_silent_engine_is_unavailable(self) -> None:
        self.config(group='engine', rpc_timeout=1)
        self.useFixture(
            fixtures.MonkeyPatch('aegis.engine.rpcapi.TOPIC', 'nobody')
        )
        bus = rpc.Bus(self.conf)
        self.addCleanup(bus.close)
        api = rpcapi.EngineAPI(self.conf, bus)

        error = self.assertRaises(
            exception.EngineUnavailable, api.probe_sites, self.context
        )

        self.assertEqual('No engine answered in 1 seconds.', error.detail)
