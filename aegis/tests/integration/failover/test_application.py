# SPDX-License-Identifier: Apache-2.0
"""The main job on real sites, with each way to run Aegis."""

import re

from flasharray_simulator import door

from aegis.tests.integration.failover import rig
from aegis.tests.integration.failover.rig import (
    aegis,
    blueprint,
    clouds,
    data,
)

from scenario import checks, observe  # isort: skip

GROUP = 'ledger'


class ApplicationMixin:
    """One application is protected, lost and recovered."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()  # type: ignore[misc]
        cls.application = cls.build(blueprint.finance())
        cls.bystander = cls.build(blueprint.retail(), cls.sites.west)
        cls.protect(
            GROUP,
            *(server.plan.name for server in cls.application.servers),
        )
        array = cls.sites.east.array
        data.write(array, cls.application, 'before')
        cls.contents = data.contents(array, cls.application)
        cls.snapshot = cls.replicate()
        rig_link(cls, up=False)
        data.write(array, cls.application, 'after')
        cls.lose_east()
        west = cls.sites.west
        cls.retail = cls.connection(west, 'rita', 'retail')
        cls.finance = cls.connection(west, 'fiona', 'finance')
        cls.before = observe.project(cls.retail)
        cls.exit_code = cls.user('fiona').stream(
            'dr', 'failover-group', 'failover', '--wait', GROUP
        )

    def test_the_command_succeeds(self) -> None:
        self.assertEqual(0, self.exit_code)

    def test_the_application_is_what_it_was(self) -> None:
        found = list(
            checks.application(
                self.finance,
                clouds.connect(self.sites.west, self.sites.west.admin),
                self.sites.west.array,
                self.application,
                self.contents,
            )
        )
        self.assertEqual([], [each for each in found if not each.passed])
        self.assertGreater(len(found), 40)

    def test_there_is_one_of_each_and_no_stray(self) -> None:
        servers = self.application.servers
        found = checks.nothing_left_over(
            self.finance,
            self.sites.west.array,
            servers=len(servers),
            volumes=len(self.application.volumes),
            ports=sum(len(server.plan.interfaces) for server in servers),
        )
        self.assertEqual([], [each for each in found if not each.passed])

    def test_the_bystander_is_untouched(self) -> None:
        after = observe.project(self.retail)
        self.assertEqual([], observe.differences(self.before, after))

    def test_the_group_is_active_at_west(self) -> None:
        group = self.user('fiona').ask('dr', 'failover-group', 'show', GROUP)
        self.assertEqual(
            ('failed_over', 'west', 1),
            (group['state'], group['active_site'], group['epoch']),
        )

    def test_the_report_splits_the_time(self) -> None:
        report = self.newest_operation(GROUP)['report']
        self.assertIn('nova', report['seconds']['create_server'])
        self.assertIn('cinder', report['seconds']['manage_volumes'])
        self.assertIn('array', report['seconds']['promote_volumes'])

    def test_another_tenant_sees_nothing_of_it(self) -> None:
        rita = self.user('rita', 'retail')
        group = self.user('fiona').ask('dr', 'failover-group', 'show', GROUP)
        self.assert_refused(
            rita.attempt('dr', 'failover-group', 'show', group['id']),
            'There is no failover group',
        )

    def test_a_second_failover_is_refused(self) -> None:
        answer = self.user('fiona').attempt(
            'dr', 'failover-group', 'failover', GROUP
        )
        self.assert_refused(answer, 'aegis.failover_group.state')

    def test_a_reader_reads_and_no_more(self) -> None:
        olga = self.user('olga')
        olga.run('dr', 'failover-group', 'list')
        self.assert_refused(
            olga.attempt('dr', 'failover-group', 'failover', GROUP), '403'
        )

    def test_no_log_holds_a_secret(self) -> None:
        secrets = self.sites.secrets()
        logs = sorted(self.aegis.logs.glob('*.log'))
        self.assertLessEqual(len(self.aegis.engines), len(logs))
        for path in logs:
            text = path.read_text(errors='replace')
            self.assertTrue(text, f'{path} is empty')
            leaked = [secret for secret in secrets if secret in text]
            self.assertEqual([], leaked, f'{path} holds a secret')
            tokens = re.findall(r'gAAAA[A-Za-z0-9_-]{20,}', text)
            self.assertEqual([], tokens, f'{path} holds a token')

    def test_log_lines_carry_the_operation_and_the_request(self) -> None:
        operation = self.newest_operation(GROUP)
        text = ''.join(
            (self.aegis.logs / f'{engine}.log').read_text(errors='replace')
            for engine in self.aegis.engines
        )
        lines = [line for line in text.splitlines() if 'aegis.engine' in line]
        self.assertTrue(
            any(
                operation['id'] in line and operation['request_id'] in line
                for line in lines
            )
        )

    def test_cinder_had_no_trouble_with_the_array(self) -> None:
        for site in (self.sites.east, self.sites.west):
            text = (site.log_directory / 'cinder-volume.log').read_text()
            found = [
                line
                for line in text.splitlines()
                if ' ERROR ' in line and 'pure' in line
            ]
            self.assertEqual([], found, site.name)


class StandaloneTest(ApplicationMixin, rig.SitesTestCase):
    """API and engine in one process, on SQLite and without a bus."""

    mode = aegis.STANDALONE


class DistributedTest(ApplicationMixin, rig.SitesTestCase):
    """uwsgi, two engines, MariaDB and RabbitMQ."""

    mode = aegis.DISTRIBUTED


def rig_link(test: type[rig.SitesTestCase], up: bool) -> None:
    """Cut or mend the replication line between the arrays."""
    door.Door(test.sites.east.array.door_url).set_link(
        test.sites.west.array.name, up
    )
