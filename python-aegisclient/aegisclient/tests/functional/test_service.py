# SPDX-License-Identifier: Apache-2.0
"""The commands against the service itself, with clouds in memory.

API, policy, database, engine and flows are the real ones. Only where the
service is installed beside the client.
"""

import functools
import logging
import threading
import unittest

from werkzeug import serving

from aegisclient.tests.functional import base, emulator

try:
    # It chooses how oslo.service works, which has to be the first thing.
    import aegis.tests  # noqa: F401

    # isort: split
    from aegis.api import app
    from aegis.common import context as aegis_context
    from aegis.engine import manager
    from aegis.tests.fixtures import application, ledger
    from aegis.tests.unit.api import base as api_base
except ImportError as missing:
    raise unittest.SkipTest('the service is not installed') from missing


def _without_bus(method):
    """Raise a refusal itself, as the bus does at the caller's end."""

    @functools.wraps(method)
    def call(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except manager.messaging.ExpectedException as error:
            raise error.exc_info[1] from None

    return call


class Engine(manager.EngineManager):
    """The engine's endpoint, called without a bus; runs in threads."""

    add_member = _without_bus(manager.EngineManager.add_member)
    list_recovery_points = _without_bus(
        manager.EngineManager.list_recovery_points
    )
    resolve_protected_project = _without_bus(
        manager.EngineManager.resolve_protected_project
    )

    def __init__(self, protected: application.Application) -> None:
        super().__init__(protected.services, self._run_soon)
        self._protected = protected
        self.threads: list[threading.Thread] = []

    def _run_soon(self, operation_id: str) -> None:
        operation = application.operations.get_operation(
            aegis_context.admin_context(), operation_id
        )
        thread = threading.Thread(
            target=self._protected.run, args=(operation,)
        )
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join()


class ServiceTest(base.FunctionalTest, api_base.ApiTestCase):
    persona = 'manager'

    def setUp(self):
        super().setUp()
        self._silence_service()
        self.protected = self.useFixture(
            application.Application(self.conf, self.context)
        )
        self.engine = Engine(self.protected)
        self.addCleanup(self.engine.join)
        self.app = app.build_application(self.conf, self.engine)
        self.tokens.add_token_data(
            token_id=emulator.TOKEN,
            user_id=api_base.base.USER_ID,
            user_name='ann',
            project_id=self.context.project_id,
            project_name='finance',
            role_list=list(api_base.ROLES[self.persona]),
        )
        self.cloud.endpoint = self._serve()

    def _silence_service(self):
        # It lives in the same process and would log to our standard error.
        logging.getLogger().handlers = []
        for name in ('aegis', 'keystonemiddleware', 'taskflow', 'oslo_db'):
            logger = logging.getLogger(name)
            self.addCleanup(setattr, logger, 'propagate', logger.propagate)
            logger.propagate = False
            quiet = logging.NullHandler()
            logger.addHandler(quiet)
            self.addCleanup(logger.removeHandler, quiet)

    def _serve(self):
        server = serving.make_server(
            '127.0.0.1',
            0,
            self.app,
            threaded=True,
            request_handler=emulator.QuietHandler,
        )
        thread = threading.Thread(
            target=server.serve_forever, kwargs={'poll_interval': 0.01}
        )
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f'http://127.0.0.1:{server.server_port}'

    def _protect(self):
        self.run_json('failover-group', 'add', 'server', 'ledger', 'web')
        self.run_json(
            'failover-group',
            'add',
            'server',
            '--wave',
            '2',
            'ledger',
            'database',
        )


class GroupTest(ServiceTest):
    def test_life_of_a_group(self):
        created = self.run_json(
            'failover-group',
            'create',
            '--protected-site',
            'east',
            '--mapping',
            'network:a=b',
            '--description',
            'Books',
            'books',
        )
        self.assertEqual('unprotected', created['state'])
        result = self.run_dr(
            'failover-group',
            'set',
            '--name',
            'library',
            '--mapping',
            'flavor:c=d',
            'books',
        )
        self.assertEqual((0, ''), (result.code, result.err))
        shown = self.run_json('failover-group', 'show', 'library')
        self.assertEqual(
            {'network', 'flavor'},
            {mapping['resource_type'] for mapping in shown['mappings']},
        )
        self.assertGreater(shown['revision'], created['revision'])
        result = self.run_dr('failover-group', 'delete', 'library')
        self.assertEqual((0, ''), (result.code, result.err))
        names = [
            group['Name'] for group in self.run_json('failover-group', 'list')
        ]
        self.assertEqual(['ledger'], names)

    def test_long_list_in_pages(self):
        self.config(group='api', max_limit=2)
        for number in range(4):
            self.run_json(
                'failover-group',
                'create',
                '--protected-site',
                'east',
                f'group-{number}',
            )
        listed = self.run_json('failover-group', 'list', '--long')
        self.assertEqual(5, len(listed))
        first = self.run_json(
            'failover-group', 'list', '--limit', '3', '--sort', 'name:desc'
        )
        self.assertEqual(
            ['ledger', 'group-3', 'group-2'],
            [group['Name'] for group in first],
        )
        rest = self.run_json(
            'failover-group',
            'list',
            '--sort',
            'name:desc',
            '--marker',
            first[-1]['ID'],
        )
        self.assertEqual(
            ['group-1', 'group-0'], [group['Name'] for group in rest]
        )

    def test_name_that_is_taken(self):
        result = self.run_dr(
            'failover-group', 'create', '--protected-site', 'east', 'ledger'
        )
        self.assertEqual(1, result.code)
        self.assertRegex(
            result.err,
            r'You already have a failover group named ledger.\n'
            r'Choose another name. '
            r'\(aegis.failover_group.exists, HTTP 409, req-',
        )

    def test_site_that_is_not(self):
        result = self.run_dr('site', 'show', 'moon')
        self.assertEqual(1, result.code)
        self.assertIn('aegis.site.not_found, HTTP 404', result.err)

    def test_sites(self):
        listed = self.run_json('site', 'list')
        self.assertEqual(
            [('east', False), ('west', True)],
            [(site['Name'], site['Local']) for site in listed],
        )

    def test_services_are_not_for_tenants(self):
        result = self.run_dr('service', 'list')
        self.assertEqual(1, result.code)
        self.assertIn('aegis.forbidden, HTTP 403', result.err)


class AdministratorTest(ServiceTest):
    persona = 'admin'

    def test_services(self):
        self.assertEqual([], self.run_json('service', 'list'))

    def test_all_projects(self):
        for kind in ('failover-group', 'operation'):
            result = self.run_dr(kind, 'list', '--all-projects')
            self.assertEqual((0, ''), (result.code, result.err))


class MemberTest(ServiceTest):
    def test_life_of_a_member(self):
        (added,) = self.run_json(
            'failover-group', 'add', 'server', '--wave', '3', 'ledger', 'web'
        )
        self.assertEqual(('web', 3), (added['Name'], added['Wave']))
        (listed,) = self.run_json(
            'failover-group', 'member', 'list', '--long', 'ledger'
        )
        self.assertEqual(added['Volumes'], listed['Volumes'])
        self.assertEqual('web-0', listed['Volumes'][0]['name'])
        self.assertEqual(
            ledger.FLOATING_IP, listed['Addresses'][0]['floating_ip']
        )
        result = self.run_dr(
            'failover-group', 'remove', 'server', 'ledger', 'web'
        )
        self.assertEqual((0, ''), (result.code, result.err))
        self.assertEqual(
            [], self.run_json('failover-group', 'member', 'list', 'ledger')
        )

    def test_unknown_server_and_the_same_one_twice(self):
        result = self.run_dr(
            'failover-group',
            'add',
            'server',
            'ledger',
            'nothing',
            'web',
            'web',
        )
        self.assertEqual(1, result.code)
        self.assertIn('server nothing: ', result.err)
        self.assertIn('aegis.server.not_found, HTTP 404', result.err)
        self.assertIn('aegis.member.exists, HTTP 409', result.err)
        self.assertEqual(1, result.out.count('| web '))

    def test_group_with_members_is_not_deleted(self):
        self._protect()
        result = self.run_dr('failover-group', 'delete', 'ledger')
        self.assertEqual(1, result.code)
        self.assertIn('aegis.failover_group.in_use', result.err)


class OperationTest(ServiceTest):
    def setUp(self):
        super().setUp()
        self._protect()

    def test_failover_without_recovery_point_is_reverted(self):
        result = self.run_dr(
            'failover-group',
            'failover',
            '--wait',
            '--interval',
            '0.05',
            'ledger',
        )
        self.assertEqual(1, result.code)
        self.assertIn('aegis.recovery_point.none', result.err)
        self.assertIn('was reverted', result.err)

    def test_failover_that_is_waited_for(self):
        self.protected.replicate()
        (point,) = self.run_json('recovery-point', 'list', 'ledger')
        self.assertEqual(4, point['Volumes'])
        self.protected.lose_east()
        result = self.run_dr(
            'failover-group',
            'failover',
            '--recovery-point',
            point['ID'],
            '--reason',
            'east is down',
            '--wait',
            '--interval',
            '0.05',
            'ledger',
            '-f',
            'json',
        )
        self.assertEqual(0, result.code, result.err)
        self.assertEqual('succeeded', result.json['state'])
        self.assertEqual(
            ['prepare', 'web', 'database', 'finish'],
            [
                lane['name']
                for lane in sorted(
                    result.json['lanes'], key=lambda lane: lane['wave']
                )
            ],
        )
        self.assertIn('web: succeeded', result.err)
        self.assertIn('The recovered data is from', result.err)
        group = self.run_json('failover-group', 'show', 'ledger')
        self.assertEqual(
            ('failed_over', 'west'), (group['state'], group['active_site'])
        )
        again = self.run_dr('failover-group', 'failover', 'ledger')
        self.assertEqual(1, again.code)
        self.assertIn('aegis.failover_group.state', again.err)

    def _fail_over(self):
        self.protected.replicate()
        started = self.run_json('failover-group', 'failover', 'ledger')
        self.engine.join()
        return started['id']

    def test_operation_is_listed_shown_and_watched(self):
        operation_id = self._fail_over()
        (listed,) = self.run_json('operation', 'list', '--group', 'ledger')
        self.assertEqual(operation_id, listed['ID'])
        result = self.run_dr('operation', 'show', '--long', operation_id)
        self.assertRegex(
            result.out, r'\| web +create_server +succeeded +[0-9.]+s'
        )
        watched = self.run_dr('operation', 'watch', operation_id)
        self.assertEqual(0, watched.code, watched.out)
        self.assertIn(f'Failover {operation_id} succeeded', watched.out)

    def test_retry_and_cancel_of_what_has_succeeded(self):
        operation_id = self._fail_over()
        for verb in ('retry', 'cancel'):
            result = self.run_dr('operation', verb, operation_id)
            self.assertEqual(1, result.code)
            self.assertIn('aegis.operation.state, HTTP 409', result.err)

    def test_retry_of_what_has_failed(self):
        failed = self.run_dr(
            'failover-group',
            'failover',
            '--wait',
            '--interval',
            '0.05',
            'ledger',
            '-f',
            'json',
        )
        self.protected.replicate()
        retried = self.run_dr(
            'operation',
            'retry',
            '--wait',
            '--interval',
            '0.05',
            failed.json['id'],
            '-f',
            'json',
        )
        self.assertEqual(0, retried.code, retried.err)
        self.assertEqual(2, retried.json['attempt'])
