# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Any

import hypothesis
from hypothesis import strategies

from aegis.catalog import manifest
from aegis.clouds import objects
from aegis.readiness import base, eligibility
from aegis.storage import base as storage
from aegis.tests import base as test_base
from aegis.tests.fixtures import clouds

GROUP = storage.ReplicationGroup('fa-east', 'pg-1')
OTHER = storage.ReplicationGroup('fa-east', 'pg-2')
RECOVERY = frozenset({'fa-west'})


def targets(*arrays: str) -> tuple[storage.ReplicationTarget, ...]:
    return tuple(
        storage.ReplicationTarget(array, True, 'replicating')
        for array in arrays
    )


def volume(name: str = 'disk', **values: Any) -> objects.Volume:
    return clouds.FakeSite().add_volume('p', name, **{'id': name, **values})


def facts_of(
    cinder: objects.Volume | None = None, **values: Any
) -> eligibility.VolumeFacts:
    """A volume in the protection group, replicated to fa-west."""
    cinder = cinder or volume()
    resolved = storage.ResolvedVolume(
        **{
            'volume_id': cinder.id,
            'array': 'fa-east',
            'name': f'volume-{cinder.id}',
            'groups': (GROUP,),
            'targets': targets('fa-west'),
            **values,
        }
    )
    return eligibility.VolumeFacts(cinder, resolved)


def member(
    flavor_values: dict[str, Any] | None = None, **values: Any
) -> manifest.MemberManifest:
    site = clouds.FakeSite()
    flavor = site.add_flavor('small', **(flavor_values or {}))
    server = site.add_server('p', 'web', flavor, boots_from_image=False)
    return manifest.MemberManifest(
        member_id='m',
        server=dataclasses.replace(server, **values),
        flavor=flavor,
        keypair=None,
        volumes=(),
        ports=(),
        floating_ips=(),
        server_groups=(),
    )


def facts(
    *volumes: eligibility.VolumeFacts, **values: Any
) -> eligibility.EligibilityFacts:
    return eligibility.EligibilityFacts(
        **{
            'member': member(),
            'volumes': volumes,
            'replication': None,
            'recovery_arrays': RECOVERY,
            **values,
        }
    )


class EligibilityTestCase(test_base.TestCase):
    def failed(
        self, judged: eligibility.EligibilityFacts
    ) -> dict[str, tuple[str, str]]:
        """Codes of the checks that said no, with reason and remedy."""
        verdicts = base.judge(eligibility.CHECKS, judged)
        return {
            each.code: (each.reason, each.remedy)
            for each in base.blocking(verdicts, force=True)
        }


class ServerTest(EligibilityTestCase):
    def test_a_server_that_may_join(self) -> None:
        self.assertEqual({}, self.failed(facts(facts_of())))

    def test_a_server_that_boots_from_an_image(self) -> None:
        judged = facts(facts_of(), member=member(boots_from_image=True))
        self.assertEqual(
            {
                'aegis.member.boots_from_image': (
                    'Its root disk is not a volume.',
                    'Build the server again with a boot volume.',
                )
            },
            self.failed(judged),
        )

    def test_a_server_without_volumes(self) -> None:
        reason, _ = self.failed(facts())['aegis.member.boots_from_image']
        self.assertEqual('It has no volumes.', reason)

    def test_a_server_with_an_ephemeral_disk(self) -> None:
        judged = facts(facts_of(), member=member({'ephemeral_gib': 5}))
        self.assertEqual(
            {
                'aegis.member.local_disks': (
                    'Its flavor small has an ephemeral disk, which is not '
                    'replicated.',
                    'Use a flavor without ephemeral disks.',
                )
            },
            self.failed(judged),
        )

    def test_a_swap_disk_is_not_missed(self) -> None:
        judged = facts(facts_of(), member=member({'swap_mib': 512}))
        self.assertEqual({}, self.failed(judged))


class VolumeTest(EligibilityTestCase):
    def refused(
        self,
        code: str,
        reason: str,
        judged: eligibility.EligibilityFacts,
    ) -> None:
        (refusal,) = [
            each
            for each in eligibility.refusals(judged)
            if each.volume_id == 'disk'
        ]
        self.assertEqual(
            ('disk', code, reason),
            (refusal.name, refusal.code, refusal.reason),
        )
        told, remedy = self.failed(judged)['aegis.member.ineligible']
        self.assertIn(f'Volume disk {reason}.', told)
        self.assertIn('Retype the volumes named', remedy)

    def test_encrypted(self) -> None:
        self.refused(
            'encrypted',
            'is encrypted',
            facts(facts_of(volume(encrypted=True))),
        )

    def test_at_several_servers(self) -> None:
        self.refused(
            'shared',
            'is attached to several servers',
            facts(facts_of(volume(multiattach=True, attached_to=('a', 'b')))),
        )

    def test_a_volume_that_could_be_at_several_servers(self) -> None:
        judged = facts(facts_of(volume(multiattach=True, attached_to=('a',))))
        self.assertEqual({}, self.failed(judged))

    def test_on_no_known_array(self) -> None:
        for judged in (
            facts(eligibility.VolumeFacts(volume(), None)),
            facts(facts_of(name=None)),
        ):
            self.refused(
                'unknown_storage',
                'is not on an array that Aegis knows',
                judged,
            )

    def test_in_no_protection_group(self) -> None:
        self.refused(
            'not_replicated',
            'is in no protection group',
            facts(facts_of(groups=(), targets=())),
        )

    def test_replicated_elsewhere(self) -> None:
        for elsewhere in (
            targets('fa-south'),
            (storage.ReplicationTarget('fa-west', False, 'paused'),),
        ):
            self.refused(
                'not_replicated_to_recovery_site',
                'is not replicated to an array of the recovery site',
                facts(facts_of(targets=elsewhere)),
            )

    def test_in_another_protection_group_than_the_failover_groups(
        self,
    ) -> None:
        self.refused(
            'other_protection_group',
            "is not in the failover group's protection group",
            facts(facts_of(groups=(OTHER,)), replication=GROUP),
        )

    def test_in_another_protection_group_than_the_other_volumes(self) -> None:
        self.refused(
            'protection_groups_differ',
            "shares no protection group with the server's other volumes",
            facts(facts_of(), facts_of(volume('second'), groups=(OTHER,))),
        )

    def test_a_volume_without_a_name_is_told_by_its_id(self) -> None:
        cinder = dataclasses.replace(volume(encrypted=True), name='')
        reason, _ = self.failed(facts(facts_of(cinder)))[
            'aegis.member.ineligible'
        ]
        self.assertEqual('Volume disk is encrypted.', reason)

    def test_no_name_of_an_array_is_told(self) -> None:
        judged = facts(
            facts_of(groups=(), targets=()),
            facts_of(volume('second'), targets=targets('fa-south')),
        )
        told = str(self.failed(judged)) + str(eligibility.refusals(judged))
        for name in ('fa-east', 'fa-west', 'fa-south', 'pg-1', 'volume-disk'):
            self.assertNotIn(name, told)


class SharedGroupTest(test_base.TestCase):
    def test_the_failover_groups_own_goes_first(self) -> None:
        judged = facts(facts_of(groups=(GROUP, OTHER)), replication=OTHER)
        self.assertEqual(OTHER, eligibility.shared_group(judged))

    def test_of_several_the_first_by_name(self) -> None:
        judged = facts(facts_of(groups=(OTHER, GROUP)))
        self.assertEqual(GROUP, eligibility.shared_group(judged))

    def test_the_arrays_of_the_recovery_site_may_be_unknown(self) -> None:
        judged = facts(
            facts_of(targets=targets('fa-south')),
            recovery_arrays=frozenset(),
        )
        self.assertEqual(GROUP, eligibility.shared_group(judged))

    @hypothesis.given(
        strategies.lists(
            strategies.builds(
                lambda encrypted, groups, array, known: facts_of(
                    volume(encrypted=encrypted),
                    groups=tuple(groups),
                    targets=targets(array),
                    name='v' if known else None,
                ),
                encrypted=strategies.booleans(),
                groups=strategies.sets(
                    strategies.sampled_from([GROUP, OTHER])
                ),
                array=strategies.sampled_from(['fa-west', 'fa-south']),
                known=strategies.booleans(),
            ),
            max_size=4,
        ),
        strategies.sampled_from([None, GROUP, OTHER]),
    )
    def test_who_may_join_has_one_group_that_holds_everything(
        self,
        volumes: list[eligibility.VolumeFacts],
        replication: storage.ReplicationGroup | None,
    ) -> None:
        judged = facts(*volumes, replication=replication)
        verdicts = base.judge(eligibility.CHECKS, judged)
        shared = eligibility.shared_group(judged)

        if base.blocking(verdicts, force=True):
            return
        self.assertIsNotNone(shared)
        for each in volumes:
            self.assertFalse(each.volume.encrypted)
            self.assertIn(shared, each.resolved.groups)
            self.assertEqual('fa-west', each.resolved.targets[0].array)
        if replication is not None:
            self.assertEqual(replication, shared)

    @hypothesis.given(
        strategies.lists(
            strategies.sets(strategies.sampled_from([GROUP, OTHER])),
            min_size=1,
            max_size=4,
        )
    )
    def test_who_shares_no_group_is_told_why(
        self, groups: list[set[storage.ReplicationGroup]]
    ) -> None:
        judged = facts(*(facts_of(groups=tuple(each)) for each in groups))

        refused = eligibility.refusals(judged)

        self.assertEqual(
            eligibility.shared_group(judged) is None, bool(refused)
        )
