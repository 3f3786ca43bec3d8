# SPDX-License-Identifier: Apache-2.0
"""Services that crash in the middle of a failover and come back.

A service is ended while an engine is held just before, or just after, a
call that needs it. The engine goes on at once and so meets the failure; the
service takes some seconds to come back.
"""

import dataclasses

from aegis.tests.integration.failover import lone, rig
from aegis.tests.integration.failover.rig import aegis

SHARED = 'shared'
WITHOUT_SHARED = 'without-bus-and-database'
WITHOUT_CLOUD = 'without-its-cloud'


@dataclasses.dataclass(frozen=True)
class Outage:
    """Services that end while an engine is held at a point.

    ``notice`` is in the log of the engine that has met the outage.
    """

    step: str
    moment: str
    site: str
    services: tuple[str, ...]
    notice: str


# A service that has its bus back sends before the one that is to receive has
# its queue back, and what was sent is lost: a boot that Nova never does. So the
# bus goes where Aegis is not about to ask for anything that is sent.
SHARED_OUTAGES = (
    Outage(
        'promote_volumes',
        'acting',
        SHARED,
        ('mariadb', 'rabbitmq'),
        'is let go',
    ),
    Outage(
        'manage_volumes',
        'before',
        SHARED,
        ('mariadb',),
        'does not answer, or does not work',
    ),
    Outage(
        'activate_recovery_site',
        'acting',
        SHARED,
        ('mariadb', 'rabbitmq'),
        'is let go',
    ),
)
# Of nova-compute this is the only moment: the driver that stands for its
# hypervisor forgets servers with the process, and there is none yet.
CLOUD_OUTAGES = (
    Outage(
        'manage_volumes',
        'before',
        'west',
        (
            'keystone-api',
            'glance-api',
            'cinder-api',
            'cinder-scheduler',
            'cinder-volume',
        ),
        'Step manage_volumes is repeated',
    ),
    Outage(
        'create_ports',
        'before',
        'west',
        ('neutron-api', 'neutron-rpc-server'),
        'Step create_ports is repeated',
    ),
    Outage(
        'create_server',
        'before',
        'west',
        (
            'placement-api',
            'nova-api',
            'nova-scheduler',
            'nova-conductor',
            'nova-compute',
        ),
        'Step create_server is repeated',
    ),
)


class ServiceFaultsTest(lone.LoneServersTestCase):
    mode = aegis.DISTRIBUTED
    names = (WITHOUT_SHARED, WITHOUT_CLOUD)

    def test_bus_and_database(self) -> None:
        self.fail_over_with_outages(WITHOUT_SHARED, SHARED_OUTAGES)

    def test_services_of_the_recovery_site(self) -> None:
        self.fail_over_with_outages(WITHOUT_CLOUD, CLOUD_OUTAGES)

    def fail_over_with_outages(
        self, group: str, outages: tuple[Outage, ...]
    ) -> None:
        for outage in outages:
            self.point(outage.step, outage.moment).hold()
        self.begin(group)
        for outage in outages:
            with self.output.step(f'{outage.step}: {outage.services}'):
                self.interrupt(group, outage)
        self.finish(group)

    def interrupt(self, group: str, outage: Outage) -> None:
        """End the services, let an engine notice, start them again."""
        point = self.point(outage.step, outage.moment)
        self.reach(group, point)
        known = self.count(outage.notice)
        rig.clouds_command('stop', outage.site, *outage.services)
        point.release()
        self.wait_for(
            f'notice of the end of {outage.services}',
            lambda: self.count(outage.notice) > known,
        )
        rig.clouds_command('up', self.sites.west.name)
        # It waits until every service has reported anew.
        rig.clouds_command('restore', self.sites.west.name)

    def count(self, notice: str) -> int:
        """How often the engines have said something."""
        return sum(
            (self.aegis.logs / f'{engine}.log').read_text().count(notice)
            for engine in self.aegis.engines
        )
