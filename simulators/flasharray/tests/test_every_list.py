# SPDX-License-Identifier: Apache-2.0
"""Every list answers, well formed, with one of most things in it."""

from pypureclient import flasharray as fa

from flasharray_simulator import families, profiles
from tests import support, vendor, witness
from tests.raw import RawClient
from tests.wrong_clients import done

_NEWEST = list(profiles.PROFILES)[-1]
_NAMED = {'volumes/diff'}


class EveryListTest(support.OneArrayCase):
    options = ['--profile', _NEWEST]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        client = cls.client
        volume = fa.VolumePost(provisioned=2**20)
        tag = fa.Tag(key='k', value='v', namespace='tests', copyable=True)
        pair = {'host_names': ['h'], 'volume_names': ['v']}
        member = {'group_names': ['g'], 'member_names': ['v']}
        for response in (
            client.post_volumes(names=['v'], volume=volume),
            client.post_volume_snapshots(
                source_names=['v'], volume_snapshot=fa.VolumeSnapshotPost()
            ),
            client.put_volumes_tags_batch(resource_names=['v'], tag=[tag]),
            client.post_hosts(names=['h'], host=fa.HostPost(iqns=['iqn.h'])),
            client.post_host_groups(names=['hg']),
            client.post_connections(**pair),
            client.post_volume_groups(
                names=['vg'], volume_group=fa.VolumeGroupPost()
            ),
            client.post_protection_groups(names=['g']),
            client.post_protection_groups_volumes(**member),
            client.post_protection_group_snapshots(source_names=['g']),
            client.post_pods(names=['p'], pod=fa.PodPost()),
        ):
            done(response)

    def test_every_list_is_well_formed(self) -> None:
        served = {r.path for r in families.ROUTES if r.method == 'GET'}
        for version in ('2.0', *profiles.PROFILES):
            seen = witness.Witness(version)
            with RawClient(self.array, version) as client:
                for method, path in sorted(vendor.operations(version)):
                    if method != 'GET' or path not in served - _NAMED:
                        continue
                    with self.subTest(f'{version} {path}'):
                        response = client.call('GET', path)
                        self.assertEqual(200, response.status_code)
                        seen.look('GET', response.url, 200, response.content)
            self.assertEqual('', '\n'.join(seen.problems))
