# SPDX-License-Identifier: Apache-2.0
"""A dozen servers with two volumes each; benchmarks/real has more."""

from aegis.tests.integration.failover import rig
from aegis.tests.integration.failover.rig import aegis, blueprint

from scenario import checks  # isort: skip

SERVERS = 12
GROUP = 'farm'


class FarmTest(rig.SitesTestCase):
    mode = aegis.DISTRIBUTED

    def test_a_dozen_servers_fail_over_together(self) -> None:
        self.allow_many()
        application = self.build(blueprint.farm(SERVERS))
        self.protect(
            GROUP, *(server.plan.name for server in application.servers)
        )
        self.replicate()
        self.lose_east()

        exit_code = self.user('fiona').stream(
            'dr', 'failover-group', 'failover', '--wait', GROUP
        )

        self.assertEqual(0, exit_code)
        finance = self.connection(self.sites.west, 'fiona', 'finance')
        servers = list(finance.compute.servers())
        self.assertEqual(
            {server.plan.name for server in application.servers},
            {server.name for server in servers if server.status == 'ACTIVE'},
        )
        found = checks.nothing_left_over(
            finance, self.sites.west.array, SERVERS, 2 * SERVERS, SERVERS
        )
        self.assertEqual([], [each for each in found if not each.passed])
        self.tell()

    def tell(self) -> None:
        """Say where the time went, by step and by service."""
        report = self.newest_operation(GROUP)['report']
        self.output.say(
            f'{SERVERS} servers: RTO {report["rto_seconds"]:.0f} s'
        )
        for step, split in report['seconds'].items():
            parts = ', '.join(
                f'{name} {seconds:.1f}'
                for name, seconds in sorted(split.items())
            )
            self.output.say(f'  {step}: {parts}')
        for service in ('nova', 'cinder', 'neutron', 'array'):
            self.assertTrue(
                any(service in split for split in report['seconds'].values()),
                service,
            )

    def allow_many(self) -> None:
        """Raise the quotas of finance at both sites."""
        for site in (self.sites.east, self.sites.west):
            operator = rig.clouds.connect(site, site.admin)
            project = operator.identity.find_project(
                'finance',
                domain_id=operator.identity.find_domain(site.tenant_domain).id,
            ).id
            operator.set_compute_quotas(
                project, instances=100, cores=200, ram=1000000
            )
            operator.set_volume_quotas(project, volumes=200, gigabytes=5000)
            operator.set_network_quotas(project, port=500)
