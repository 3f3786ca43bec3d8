# SPDX-License-Identifier: Apache-2.0
"""Bad input and bad luck: a clear answer, and nothing left behind."""

import dataclasses

from flasharray_simulator import door

from aegis.tests.integration.failover import rig
from aegis.tests.integration.failover.rig import aegis, blueprint

from scenario import clouds, observe  # isort: skip


def plan() -> blueprint.ApplicationPlan:
    """A good server, one with a local volume, and a spare one."""
    farm = blueprint.farm(3)
    names = ('good', 'mixed', 'spare')
    good, mixed, spare = map(blueprint.renamed, farm.servers, names)
    local = dataclasses.replace(mixed.volumes[1], volume_type='local')
    return dataclasses.replace(
        farm,
        servers=(
            good,
            dataclasses.replace(mixed, volumes=(mixed.volumes[0], local)),
            spare,
        ),
    )


class RefusalTest(rig.SitesTestCase):
    """East is well all the time, unless a test says otherwise."""

    mode = aegis.STANDALONE

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.application = cls.build(plan())
        cls.build(blueprint.retail())
        cls.finance = cls.connection(cls.sites.west, 'fiona', 'finance')
        cls.fiona = cls.user('fiona')

    def group(self, *servers: str) -> str:
        """A group for one test; it goes with the test."""
        name = f'group-{self.id().rpartition(".")[2][-40:]}'
        self.protect(name, *servers)
        self.addCleanup(self.forget, name)
        return name

    def forget(self, group: str) -> None:
        members = self.fiona.ask(
            'dr', 'failover-group', 'member', 'list', group
        )
        for member in members:
            self.fiona.run(
                'dr',
                'failover-group',
                'remove',
                'server',
                group,
                member['Name'],
            )
        self.fiona.run('dr', 'failover-group', 'delete', group)

    def add(self, group: str, server: str) -> rig.command.Answer:
        return self.fiona.attempt(
            'dr', 'failover-group', 'add', 'server', group, server
        )

    def fail_over(self, group: str, *options: str) -> rig.command.Answer:
        return self.fiona.attempt(
            'dr', 'failover-group', 'failover', '--wait', group, *options
        )

    def refused_failover(self, group: str, code: str) -> None:
        """A failover that ends with a code and changes nothing at west."""
        before = observe.project(self.finance)
        answer = self.fail_over(group)
        self.assertNotEqual(0, answer.exit_code)
        operation = self.newest_operation(group)
        self.assertEqual(code, operation['error_code'], operation)
        self.assertEqual('reverted', operation['state'], operation)
        self.assertTrue(operation['state_reason'])
        after = observe.project(self.finance)
        self.assertEqual([], observe.differences(before, after))
        live = [
            volume['name']
            for volume in door.Door(self.sites.west.array.door_url).objects()[
                'volumes'
            ]
            if not volume['destroyed'] and volume['name'].startswith('aegis-')
        ]
        self.assertEqual([], live)

    def test_an_unknown_server(self) -> None:
        group = self.group()
        self.assert_refused(
            self.add(group, 'nobody'), 'aegis.server.not_found'
        )

    def test_a_server_of_another_project(self) -> None:
        group = self.group()
        east = clouds.connect(
            self.sites.east, self.sites.east.user('rita', 'retail')
        )
        (shop,) = [server.id for server in east.compute.servers()]
        self.assert_refused(self.add(group, shop), 'aegis.server.not_found')

    def test_a_server_that_is_in_a_group(self) -> None:
        first = self.group('good')
        self.assert_refused(self.add(first, 'good'), 'aegis.member.exists')

    def test_a_server_with_a_local_volume(self) -> None:
        group = self.group()
        self.assert_refused(
            self.add(group, 'mixed'),
            'aegis.member.ineligible',
            'mixed-data',
        )

    def test_a_group_name_that_is_taken(self) -> None:
        group = self.group()
        self.assert_refused(
            self.fiona.attempt(
                'dr',
                'failover-group',
                'create',
                '--protected-site',
                'east',
                group,
            ),
            'aegis.failover_group.exists',
        )

    def test_an_unknown_site(self) -> None:
        self.assert_refused(
            self.fiona.attempt(
                'dr',
                'failover-group',
                'create',
                '--protected-site',
                'atlantis',
                'lost',
            ),
            'aegis.request.invalid',
            'atlantis',
        )

    def test_failover_of_a_group_without_members(self) -> None:
        group = self.group()
        self.assert_refused(
            self.fail_over(group), 'aegis.failover_group.empty'
        )

    def test_another_tenants_group(self) -> None:
        group = self.group('good')
        shown = self.fiona.ask('dr', 'failover-group', 'show', group)
        rita = self.user('rita', 'retail')
        self.assert_refused(
            rita.attempt('dr', 'failover-group', 'failover', shown['id']),
            'There is no failover group',
        )

    def test_an_unknown_recovery_point(self) -> None:
        group = self.group('good')
        self.replicate()
        answer = self.fail_over(
            group,
            '--recovery-point',
            '00000000-0000-4000-8000-000000000000',
        )
        self.assertEqual(1, answer.exit_code)
        self.assertEqual(
            'aegis.recovery_point.not_found',
            self.newest_operation(group)['error_code'],
        )

    def test_quota_short_at_the_recovery_site(self) -> None:
        group = self.group('good')
        self.replicate()
        west = self.sites.west
        operator = clouds.connect(west, west.admin)
        project = self.finance.current_project_id
        operator.set_compute_quotas(project, instances=0)
        self.addCleanup(operator.set_compute_quotas, project, instances=10)
        self.refused_failover(group, 'aegis.preflight.quota')

    def test_a_dark_recovery_array(self) -> None:
        group = self.group('good')
        self.replicate()
        array = door.Door(self.sites.west.array.door_url)
        array.set_power(False)
        self.addCleanup(array.set_power, True)
        self.restart(self.aegis.plan)
        answer = self.fiona.attempt('dr', 'recovery-point', 'list', group)
        self.assert_refused(answer, 'aegis.storage.unreachable')
        self.assertNotEqual(0, self.fail_over(group).exit_code)
        self.assertEqual(
            'aegis.storage.unreachable',
            self.newest_operation(group)['error_code'],
        )

    def test_a_wrong_token_of_the_recovery_array(self) -> None:
        group = self.group('good')
        self.replicate()
        usual = self.aegis.plan
        self.addCleanup(self.restart, usual)
        wrong = ('array:fa-west', 'api_token', 'not-the-token')
        self.restart(dataclasses.replace(usual, extra=(wrong,)))

        self.refused_failover(group, 'aegis.storage.authentication')

        log = self.aegis.logs / f'{self.aegis.engines[0]}.log'
        self.assertNotIn('not-the-token', log.read_text(errors='replace'))

    def restart(self, plan: aegis.Plan) -> None:
        """Run Aegis with other options from now on."""
        self.aegis.kill_engine(self.aegis.engines[0])
        self.aegis.plan = plan
        self.aegis.start()
