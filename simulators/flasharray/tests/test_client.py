# SPDX-License-Identifier: Apache-2.0
"""py-pure-client against one array, over TLS."""

from typing import Any

import requests
from pypureclient import PureError, flasharray

from tests import support


class ClientCase(support.OneArrayCase):
    def good(self, response: Any) -> list[Any]:
        """Return the items of a response that must be a 200."""
        self.assertEqual(200, response.status_code, response)
        return list(response.items or [])

    def bad(self, response: Any, message: str) -> None:
        self.assertEqual(400, response.status_code, response)
        self.assertIn(message, response.errors[0].message)

    def volume(self, name: str, size: int = support.GIB) -> Any:
        return self.good(
            self.client.post_volumes(
                names=[name],
                volume=flasharray.VolumePost(provisioned=size),
                with_default_protection=False,
            )
        )[0]

    def destroy(self, name: str) -> None:
        self.good(
            self.client.patch_volumes(
                names=[name], volume=flasharray.VolumePatch(destroyed=True)
            )
        )

    def copy(self, source: str, target: str, **options: Any) -> Any:
        return self.client.post_volumes(
            names=[target],
            volume=flasharray.VolumePost(
                source=flasharray.Reference(name=source)
            ),
            **options,
        )

    def raw(self, method: str, path: str, **options: Any) -> Any:
        """Call without the client library, with its session."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.array.certificate
        self.addCleanup(session.close)
        url = f'https://{self.array.target}/api/2.42'
        token = session.post(
            f'{url}/login', headers={'api-token': self.array.token}
        ).headers['x-auth-token']
        return session.request(
            method,
            f'{url}/{path}',
            headers={'x-auth-token': token, 'X-Request-ID': 'id-1'},
            **options,
        )


class SessionTest(ClientCase):
    def test_the_certificate_verifies(self) -> None:
        self.assertEqual('fa-one', self.good(self.client.get_arrays())[0].name)

    def test_another_certificate_does_not(self) -> None:
        with self.assertRaises(requests.exceptions.SSLError):
            requests.get(f'https://{self.array.target}/api/api_version')

    def test_versions_ascend_to_the_profile(self) -> None:
        versions = requests.get(
            f'https://{self.array.target}/api/api_version',
            verify=self.array.certificate,
        ).json()['version']
        self.assertEqual('2.0', versions[0])
        self.assertEqual('2.42', versions[-1])

    def test_a_wrong_token_is_refused(self) -> None:
        with self.assertRaises(PureError):
            self.array.client(api_token='wrong')

    def test_an_expired_session_is_renewed_by_the_client(self) -> None:
        client = self.array.client()
        self.good(client.get_arrays())
        self.door.expire_sessions()
        self.good(client.get_arrays())

    def test_an_idle_session_expires(self) -> None:
        client = self.array.client()
        self.good(client.get_arrays())
        self.door.clear_call_log()
        self.door.advance_clock(support.HOUR)
        self.good(client.get_arrays())
        self.assertEqual(
            [401, 401, 200, 200],
            [entry['status'] for entry in self.door.call_log()],
        )

    def test_the_read_only_user_cannot_write(self) -> None:
        client = self.array.client(api_token='token-read')
        self.good(client.get_volumes())
        response = client.post_volumes(
            names=['no'], volume=flasharray.VolumePost()
        )
        self.assertEqual(403, response.status_code)

    def test_the_request_id_is_echoed(self) -> None:
        response = self.raw('GET', 'arrays')
        self.assertEqual('id-1', response.headers['X-Request-ID'])

    def test_an_unknown_path_is_404(self) -> None:
        self.assertEqual(404, self.raw('GET', 'nothing').status_code)

    def test_an_unknown_parameter_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?colour=blue')
        self.assertEqual(400, response.status_code)
        self.assertIn('colour', response.json()['errors'][0]['message'])

    def test_an_unknown_field_is_refused(self) -> None:
        response = self.raw('POST', 'volumes?names=v', json={'colour': 'blue'})
        self.assertEqual(400, response.status_code)

    def test_a_body_that_is_no_json_is_refused(self) -> None:
        response = self.raw('POST', 'volumes?names=v', data=b'{')
        self.assertEqual(400, response.status_code)

    def test_the_own_name_is_accepted_as_context(self) -> None:
        for context in ('', 'fa-one'):
            response = self.raw('GET', f'volumes?context_names={context}')
            self.assertEqual(200, response.status_code)

    def test_another_context_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?context_names=fa-two')
        self.assertEqual(400, response.status_code)

    def test_sessions_are_listed(self) -> None:
        users = [s.user for s in self.good(self.client.get_sessions())]
        self.assertIn('pureuser', users)


class VolumeTest(ClientCase):
    def test_a_volume_is_created(self) -> None:
        volume = self.volume('create')
        self.assertEqual(support.GIB, volume.provisioned)
        self.assertRegex(volume.serial, r'^[0-9A-F]{24}$')
        self.assertEqual('fa-one', volume.context.name)

    def test_no_reference_is_ever_null(self) -> None:
        self.volume('references')
        item = self.raw('GET', 'volumes?names=references').json()['items'][0]
        for field in ('pod', 'source', 'volume_group', 'workload'):
            self.assertEqual({'name': None, 'id': None}, item[field])
        self.assertEqual(
            {'bandwidth_limit': None, 'iops_limit': None}, item['qos']
        )

    def test_a_missing_volume_is_refused(self) -> None:
        self.bad(
            self.client.get_volumes(names=['missing']),
            'Volume does not exist.',
        )

    def test_all_missing_names_are_told(self) -> None:
        response = self.client.get_volumes(names=['gone-a', 'gone-b'])
        self.assertEqual(
            ['gone-a', 'gone-b'], [e.context for e in response.errors]
        )

    def test_a_taken_name_is_refused_whatever_its_case(self) -> None:
        self.volume('taken')
        self.bad(
            self.client.post_volumes(
                names=['TAKEN'], volume=flasharray.VolumePost()
            ),
            'Volume already exists.',
        )

    def test_many_names_are_made_all_or_none(self) -> None:
        self.volume('all-b')
        response = self.client.post_volumes(
            names=['all-a', 'all-b'], volume=flasharray.VolumePost()
        )
        self.bad(response, 'already exists')
        self.bad(self.client.get_volumes(names=['all-a']), 'does not exist')

    def test_a_bad_name_is_refused(self) -> None:
        for name in ('fa-two:v', 'a.b', '-', 'v' * 64):
            with self.subTest(name):
                self.bad(
                    self.client.post_volumes(
                        names=[name], volume=flasharray.VolumePost()
                    ),
                    'Invalid volume name',
                )

    def test_a_bad_size_is_refused(self) -> None:
        for size in (1, 2**20 + 1, 2**53, '1G', True):
            with self.subTest(size):
                response = self.raw(
                    'POST', 'volumes?names=size', json={'provisioned': size}
                )
                self.assertEqual(400, response.status_code)

    def test_no_name_never_means_all(self) -> None:
        for method in ('POST', 'PATCH', 'DELETE'):
            for query in ('', '?names='):
                response = self.raw(method, f'volumes{query}', json={})
                self.assertEqual(400, response.status_code)
                self.assertEqual(
                    'Missing or invalid parameter.',
                    response.json()['errors'][0]['message'],
                )

    def test_a_volume_grows_but_shrinks_only_if_told(self) -> None:
        self.volume('resize')

        def resize(size: int, **options: Any) -> Any:
            return self.client.patch_volumes(
                names=['resize'],
                volume=flasharray.VolumePatch(provisioned=size),
                **options,
            )

        self.good(resize(2 * support.GIB))
        self.bad(resize(support.GIB), 'truncation')
        self.good(resize(support.GIB, truncate=True))

    def test_limits_out_of_range_are_refused(self) -> None:
        self.volume('limits')
        for limits in ({'iops_limit': 1}, {'bandwidth_limit': 2**40}):
            with self.subTest(limits):
                response = self.raw(
                    'PATCH', 'volumes?names=limits', json={'qos': limits}
                )
                self.assertEqual(400, response.status_code)

    def test_a_destroyed_volume_keeps_its_name(self) -> None:
        self.volume('kept')
        self.destroy('kept')
        response = self.client.post_volumes(
            names=['kept'], volume=flasharray.VolumePost()
        )
        self.bad(response, 'pending eradication')
        self.assertNotIn('already exists', response.errors[0].message)

    def test_a_destroyed_volume_counts_down_and_vanishes(self) -> None:
        self.volume('vanish')
        self.destroy('vanish')
        found = self.good(self.client.get_volumes(names=['vanish']))[0]
        self.assertTrue(found.destroyed)
        self.assertLessEqual(found.time_remaining, support.DAY)
        self.door.advance_clock(support.DAY + 1000)
        self.bad(self.client.get_volumes(names=['vanish']), 'does not exist')

    def test_a_destroyed_volume_can_be_recovered(self) -> None:
        self.volume('back')
        self.destroy('back')
        self.good(
            self.client.patch_volumes(
                names=['back'],
                volume=flasharray.VolumePatch(destroyed=False),
            )
        )
        self.assertFalse(
            self.good(self.client.get_volumes(names=['back']))[0].destroyed
        )

    def test_a_destroyed_volume_can_do_nothing(self) -> None:
        self.volume('dead')
        self.destroy('dead')
        self.bad(self.copy('dead', 'dead-copy'), 'has been destroyed')
        self.bad(
            self.client.patch_volumes(
                names=['dead'], volume=flasharray.VolumePatch(name='alive')
            ),
            'has been destroyed',
        )
        self.bad(
            self.client.post_volume_snapshots(
                source_names=['dead'],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            ),
            'has been destroyed',
        )

    def test_destroying_twice_is_refused(self) -> None:
        self.volume('twice')
        self.destroy('twice')
        patch = flasharray.VolumePatch(destroyed=True)
        response = self.client.patch_volumes(names=['twice'], volume=patch)
        self.bad(response, 'Volume has been destroyed.')

    def test_the_text_of_destroying_twice_can_be_chosen(self) -> None:
        self.addCleanup(
            self.door.set_switch,
            'destroyed_volume_text',
            'has been destroyed',
        )
        self.door.set_switch('destroyed_volume_text', 'does not exist')
        self.volume('twice-b')
        self.destroy('twice-b')
        patch = flasharray.VolumePatch(destroyed=True)
        response = self.client.patch_volumes(names=['twice-b'], volume=patch)
        self.bad(response, 'Volume does not exist.')

    def test_a_live_volume_cannot_be_eradicated(self) -> None:
        self.volume('living')
        self.assertEqual(
            400, self.client.delete_volumes(names=['living']).status_code
        )

    def test_a_copy_has_the_bytes_and_its_own_serial(self) -> None:
        original = self.volume('original')
        self.door.write('original', 4096, b'bytes')
        copied = self.good(self.copy('original', 'copied'))[0]
        self.assertEqual('original', copied.source.name)
        self.assertNotEqual(original.serial, copied.serial)
        self.assertEqual(b'bytes', self.door.read('copied', 4096, 5))
        self.assertEqual(
            self.door.digest('original'), self.door.digest('copied')
        )

    def test_a_copy_is_on_its_own(self) -> None:
        self.volume('mother')
        self.door.write('mother', 0, b'old')
        self.good(self.copy('mother', 'daughter'))
        self.door.write('mother', 0, b'new')
        self.assertEqual(b'old', self.door.read('daughter', 0, 3))

    def test_overwriting_keeps_the_identity(self) -> None:
        self.volume('over-source', 2 * support.GIB)
        before = self.volume('over-target')
        self.door.write('over-source', 0, b'x')
        after = self.good(
            self.copy(
                'over-source',
                'over-target',
                overwrite=True,
                with_default_protection=False,
            )
        )[0]
        self.assertEqual((before.id, before.serial), (after.id, after.serial))
        self.assertEqual(2 * support.GIB, after.provisioned)
        self.assertEqual(b'x', self.door.read('over-target', 0, 1))

    def test_overwriting_what_is_not_there_creates_it(self) -> None:
        self.volume('first-source')
        self.good(self.copy('first-source', 'first-copy', overwrite=True))

    def test_without_overwrite_a_copy_spares_what_is_there(self) -> None:
        self.volume('spare-source')
        self.volume('spared')
        self.bad(self.copy('spare-source', 'spared'), 'already exists')

    def test_a_renamed_volume_takes_its_snapshots_along(self) -> None:
        self.volume('rename-old')
        self.good(
            self.client.post_volume_snapshots(
                source_names=['rename-old'],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.good(
            self.client.patch_volumes(
                names=['rename-old'],
                volume=flasharray.VolumePatch(name='rename-new'),
            )
        )
        snapshot = self.good(
            self.client.get_volume_snapshots(names=['rename-new.s'])
        )[0]
        self.assertEqual('rename-new', snapshot.source.name)
        self.bad(
            self.client.get_volumes(names=['rename-old']), 'does not exist'
        )

    def test_renaming_and_destroying_at_once_is_refused(self) -> None:
        self.volume('both')
        self.bad(
            self.client.patch_volumes(
                names=['both'],
                volume=flasharray.VolumePatch(name='new', destroyed=True),
            ),
            'renamed alone',
        )


class BatchTest(ClientCase):
    def batch(self, *volumes: Any, **options: Any) -> Any:
        return self.client.post_volumes_batch(volume=list(volumes), **options)

    def test_different_volumes_are_made_in_one_call(self) -> None:
        self.good(self.client.post_protection_groups(names=['batch-pg']))
        for name in ('batch-a', 'batch-b'):
            self.volume(name)
            self.door.write(name, 0, name.encode())
        made = self.good(
            self.batch(
                *(
                    flasharray.VolumeBatchPost(
                        name=f'copy-of-{name}',
                        source=flasharray.Reference(name=name),
                        tags=[
                            flasharray.Tag(
                                key='run', value='1', namespace='test'
                            )
                        ],
                        add_to_protection_groups=[
                            flasharray.Reference(name='batch-pg')
                        ],
                    )
                    for name in ('batch-a', 'batch-b')
                ),
                with_default_protection=False,
            )
        )
        self.assertEqual(
            ['batch-a', 'batch-b'], [volume.source.name for volume in made]
        )
        self.assertEqual(b'batch-b', self.door.read('copy-of-batch-b', 0, 7))
        members = self.good(
            self.client.get_protection_groups_volumes(group_names=['batch-pg'])
        )
        self.assertEqual(2, len(members))
        tags = self.good(
            self.client.get_volumes_tags(resource_names=['copy-of-batch-a'])
        )
        self.assertEqual(['1'], [tag.value for tag in tags])

    def test_one_bad_volume_stops_the_batch(self) -> None:
        self.bad(
            self.batch(
                flasharray.VolumeBatchPost(name='batch-good'),
                flasharray.VolumeBatchPost(
                    name='batch-bad',
                    source=flasharray.Reference(name='missing'),
                ),
            ),
            'does not exist',
        )
        self.bad(
            self.client.get_volumes(names=['batch-good']), 'does not exist'
        )

    def test_before_its_version_there_is_no_batch(self) -> None:
        response = requests.post(
            f'https://{self.array.target}/api/2.26/login',
            headers={'api-token': self.array.token},
            verify=self.array.certificate,
        )
        response = requests.post(
            f'https://{self.array.target}/api/2.26/volumes/batch',
            headers={'x-auth-token': response.headers['x-auth-token']},
            json=[{'name': 'early'}],
            verify=self.array.certificate,
        )
        self.assertEqual(404, response.status_code)


class ListTest(ClientCase):
    COUNT = 2500

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for start in range(0, cls.COUNT, 500):
            response = cls.client.post_volumes_batch(
                volume=[
                    flasharray.VolumeBatchPost(
                        name=f'many-{number:04}',
                        provisioned=2**20 * (1 + number % 3),
                    )
                    for number in range(start, start + 500)
                ]
            )
            assert response.status_code == 200, response

    def test_all_pages_are_read_by_token(self) -> None:
        names = [v.name for v in self.good(self.client.get_volumes())]
        self.assertEqual(
            [f'many-{number:04}' for number in range(self.COUNT)], names
        )

    def test_all_pages_are_read_by_offset_when_sorted(self) -> None:
        names = [
            v.name for v in self.good(self.client.get_volumes(sort=['name-']))
        ]
        self.assertEqual(self.COUNT, len(set(names)))
        self.assertEqual('many-2499', names[0])

    def test_a_filter_is_read_page_by_page(self) -> None:
        found = self.good(
            self.client.get_volumes(filter="name='many-*' and provisioned>0")
        )
        self.assertEqual(self.COUNT, len(found))

    def test_a_page_has_at_most_a_thousand_items(self) -> None:
        body = self.raw('GET', 'volumes?limit=5000').json()
        self.assertEqual(1000, len(body['items']))
        self.assertTrue(body['more_items_remaining'])
        self.assertIsNone(body['total_item_count'])

    def test_limit_and_offset_cut_a_piece(self) -> None:
        body = self.raw('GET', 'volumes?limit=2&offset=1200').json()
        self.assertEqual(
            ['many-1200', 'many-1201'], [v['name'] for v in body['items']]
        )

    def test_limit_zero_only_counts(self) -> None:
        body = self.raw('GET', 'volumes?limit=0').json()
        self.assertEqual([], body['items'])
        self.assertEqual(self.COUNT, body['total_item_count'])

    def test_the_count_is_that_of_all_pages(self) -> None:
        body = self.raw('GET', 'volumes?limit=1&total_item_count=true').json()
        self.assertEqual(self.COUNT, body['total_item_count'])

    def test_totals_are_sums(self) -> None:
        body = self.raw(
            'GET', "volumes?total_only=true&filter=name='many-000*'"
        ).json()
        self.assertEqual([], body['items'])
        self.assertEqual(
            2**20 * (1 + 2 + 3 + 1 + 2 + 3 + 1 + 2 + 3 + 1),
            body['total'][0]['provisioned'],
        )

    def test_several_sort_fields_apply_in_order(self) -> None:
        body = self.raw('GET', 'volumes?limit=2&sort=provisioned-,name').json()
        self.assertEqual(
            ['many-0002', 'many-0005'], [v['name'] for v in body['items']]
        )

    def test_names_may_hold_wildcards(self) -> None:
        body = self.raw('GET', 'volumes?names=many-24*').json()
        self.assertEqual(100, len(body['items']))

    def test_an_empty_names_is_as_none(self) -> None:
        body = self.raw('GET', 'volumes?names=&limit=1').json()
        self.assertEqual(1, len(body['items']))

    def test_an_unknown_sort_field_is_refused(self) -> None:
        self.assertEqual(
            400, self.raw('GET', 'volumes?sort=colour').status_code
        )

    def test_a_bad_filter_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?filter=name=')
        self.assertEqual(400, response.status_code)
        self.assertIn(
            'Invalid filter', response.json()['errors'][0]['message']
        )

    def test_a_bad_token_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?continuation_token=x')
        self.assertEqual(400, response.status_code)


class SnapshotTest(ClientCase):
    def snapshot(self, volume: str, suffix: str | None = None) -> Any:
        return self.client.post_volume_snapshots(
            source_names=[volume],
            volume_snapshot=flasharray.VolumeSnapshotPost(suffix=suffix),
        )

    def patch(self, snapshot: str, **fields: Any) -> Any:
        return self.client.patch_volume_snapshots(
            names=[snapshot],
            volume_snapshot=flasharray.VolumeSnapshotPatch(**fields),
        )

    def test_a_snapshot_keeps_the_old_bytes(self) -> None:
        self.volume('snap')
        self.door.write('snap', 0, b'old')
        self.good(self.snapshot('snap', 'before'))
        self.door.write('snap', 0, b'new')
        self.good(self.copy('snap.before', 'snap', overwrite=True))
        self.assertEqual(b'old', self.door.read('snap', 0, 3))

    def test_without_a_suffix_a_counter_goes_on(self) -> None:
        self.volume('count')
        suffixes = [
            self.good(self.snapshot('count'))[0].suffix for _ in range(2)
        ]
        self.assertEqual(['1', '2'], suffixes)

    def test_a_taken_suffix_is_refused(self) -> None:
        self.volume('same')
        self.good(self.snapshot('same', 's'))
        self.bad(self.snapshot('same', 's'), 'Volume snapshot already exists.')

    def test_a_destroyed_snapshot_says_so(self) -> None:
        self.volume('gone')
        self.good(self.snapshot('gone', 's'))
        self.good(self.patch('gone.s', destroyed=True))
        self.bad(self.patch('gone.s', destroyed=True), 'has been destroyed')
        self.bad(self.copy('gone.s', 'from-gone'), 'has been destroyed')
        self.good(self.client.delete_volume_snapshots(names=['gone.s']))
        self.bad(
            self.patch('gone.s', destroyed=True),
            'No such volume or snapshot',
        )

    def test_a_snapshot_is_renamed_by_suffix_or_in_full(self) -> None:
        self.volume('label')
        self.good(self.snapshot('label', 'one'))
        self.good(self.patch('label.one', name='two'))
        self.good(self.patch('label.two', name='label.three'))
        self.good(self.client.get_volume_snapshots(names=['label.three']))

    def test_snapshots_are_destroyed_with_their_volume(self) -> None:
        self.volume('parent')
        self.good(self.snapshot('parent', 's'))
        self.destroy('parent')
        found = self.good(
            self.client.get_volume_snapshots(
                names=['parent.s'], destroyed=True
            )
        )
        self.assertEqual(1, len(found))
        self.bad(
            self.client.get_volume_snapshots(
                names=['parent.s'], destroyed=False
            ),
            'does not exist',
        )

    def test_snapshots_are_found_by_source(self) -> None:
        self.volume('source')
        self.good(self.snapshot('source', 's'))
        for options in (
            {'source_names': ['source']},
            {'filter': "source.name='source'"},
        ):
            found = self.good(self.client.get_volume_snapshots(**options))
            self.assertEqual(['source.s'], [s.name for s in found])


class HostTest(ClientCase):
    def host(self, name: str, **ports: Any) -> Any:
        return self.client.post_hosts(
            names=[name], host=flasharray.HostPost(**ports)
        )

    def connect(self, host: str, volume: str) -> Any:
        return self.client.post_connections(
            host_names=[host], volume_names=[volume]
        )

    def test_a_host_is_found_by_its_iqn(self) -> None:
        self.good(self.host('by-iqn', iqns=['iqn.2000-01.org:Find']))
        found = self.good(
            self.client.get_hosts(
                filter="iqns='iqn.2000-01.org:find' and is_local"
            )
        )
        self.assertEqual(['by-iqn'], [host.name for host in found])

    def test_no_host_is_an_empty_list(self) -> None:
        found = self.client.get_hosts(filter="iqns='iqn.no' and is_local")
        self.assertEqual([], self.good(found))

    def test_a_taken_name_is_refused(self) -> None:
        self.good(self.host('taken'))
        self.bad(self.host('taken'), 'Host already exists.')

    def test_a_taken_iqn_is_refused(self) -> None:
        self.good(self.host('owner', iqns=['iqn.taken']))
        self.bad(self.host('thief', iqns=['iqn.taken']), 'already in use')

    def test_wwns_are_kept_without_colons(self) -> None:
        self.good(self.host('fc', wwns=['21:00:00:24:ff:00:00:01']))
        found = self.good(
            self.client.get_hosts(
                filter="wwns='21000024FF000001' and is_local"
            )
        )
        self.assertEqual(1, len(found))

    def test_two_protocols_are_refused(self) -> None:
        self.bad(self.host('two', iqns=['iqn.x'], nqns=['nqn.x']), 'protocol')

    def test_chap_passwords_are_not_shown(self) -> None:
        self.good(self.host('chap'))
        self.good(
            self.client.patch_hosts(
                names=['chap'],
                host=flasharray.HostPatch(
                    chap=flasharray.Chap(
                        host_user='u', host_password='sesame-sesame'
                    )
                ),
            )
        )
        body = self.raw('GET', 'hosts?names=chap').text
        self.assertNotIn('sesame', body)
        self.assertNotIn('sesame', str(self.door.call_log()))
        self.assertNotIn('sesame', str(self.door.objects()))

    def test_luns_start_at_one_and_are_used_again(self) -> None:
        self.good(self.host('luns'))
        for name in ('lun-a', 'lun-b', 'lun-c'):
            self.volume(name)
        first = self.good(self.connect('luns', 'lun-a'))[0]
        second = self.good(self.connect('luns', 'lun-b'))[0]
        self.assertEqual((1, 2), (first.lun, second.lun))
        self.client.delete_connections(
            host_names=['luns'], volume_names=['lun-a']
        )
        self.assertEqual(1, self.good(self.connect('luns', 'lun-c'))[0].lun)

    def test_connecting_twice_is_refused(self) -> None:
        self.good(self.host('again'))
        self.volume('again')
        self.good(self.connect('again', 'again'))
        self.bad(self.connect('again', 'again'), 'Connection already exists.')

    def test_unknown_sides_are_refused(self) -> None:
        self.good(self.host('sides'))
        self.volume('sides')
        self.bad(self.connect('nobody', 'sides'), 'Host does not exist.')
        self.bad(self.connect('sides', 'nothing'), 'Volume does not exist.')
        self.bad(
            self.client.delete_connections(
                host_names=['sides'], volume_names=['sides']
            ),
            'Connection does not exist.',
        )

    def test_a_connected_host_cannot_be_deleted(self) -> None:
        self.good(self.host('busy'))
        self.volume('busy')
        self.good(self.connect('busy', 'busy'))
        self.bad(
            self.client.delete_hosts(names=['busy']),
            'cannot be deleted due to existing connections',
        )

    def test_a_connected_volume_cannot_be_destroyed(self) -> None:
        self.good(self.host('holder'))
        self.volume('held')
        self.good(self.connect('holder', 'held'))
        self.bad(
            self.client.patch_volumes(
                names=['held'],
                volume=flasharray.VolumePatch(destroyed=True),
            ),
            'connected',
        )

    def test_all_hosts_of_a_group_see_its_volumes(self) -> None:
        self.good(self.client.post_host_groups(names=['cluster']))
        for name in ('node-a', 'node-b'):
            self.good(self.host(name))
        self.good(
            self.client.post_host_groups_hosts(
                group_names=['cluster'], member_names=['node-a', 'node-b']
            )
        )
        self.volume('shared')
        made = self.good(
            self.client.post_connections(
                host_group_names=['cluster'], volume_names=['shared']
            )
        )
        self.assertEqual({254}, {connection.lun for connection in made})
        found = self.good(self.client.get_connections(host_names=['node-a']))
        self.assertEqual('shared', found[0].volume.name)
        volume = self.good(self.client.get_volumes(names=['shared']))[0]
        self.assertEqual(2, volume.connection_count)


class TagTest(ClientCase):
    SPACE = 'openstack-integration.purestorage.com'

    def tag(self, volume: str, **fields: Any) -> Any:
        return self.client.put_volumes_tags_batch(
            resource_names=[volume],
            tag=[flasharray.TagBatch(namespace=self.SPACE, **fields)],
        )

    def values(self, volume: str) -> list[str]:
        found = self.client.get_volumes_tags(
            resource_names=[volume], namespaces=[self.SPACE]
        )
        return [tag.value for tag in self.good(found)]

    def test_a_tag_is_replaced_by_its_key(self) -> None:
        self.volume('tag')
        self.good(self.tag('tag', key='k', value='one'))
        self.good(self.tag('tag', key='k', value='two'))
        self.assertEqual(['two'], self.values('tag'))

    def test_only_copyable_tags_are_copied(self) -> None:
        self.volume('tagged')
        self.good(self.tag('tagged', key='a', value='stay', copyable=False))
        self.good(self.tag('tagged', key='b', value='go', copyable=True))
        self.good(self.copy('tagged', 'tagged-copy'))
        self.assertEqual(['go'], self.values('tagged-copy'))

    def test_tags_of_a_namespace_are_deleted(self) -> None:
        self.volume('untag')
        self.good(self.tag('untag', key='k', value='v'))
        response = self.client.delete_volumes_tags(
            resource_names=['untag'], namespaces=[self.SPACE]
        )
        self.assertEqual(200, response.status_code)
        self.assertEqual([], self.values('untag'))

    def test_volumes_are_found_by_tag(self) -> None:
        self.volume('wanted')
        self.good(self.tag('wanted', key='find', value='me'))
        found = self.good(self.client.get_volumes(filter="tags('find','me')"))
        self.assertEqual(['wanted'], [volume.name for volume in found])

    def test_tags_leave_with_their_volume(self) -> None:
        self.volume('leaver')
        self.good(self.tag('leaver', key='k', value='leaver-tag'))
        self.destroy('leaver')
        self.client.delete_volumes(names=['leaver'])
        self.assertNotIn('leaver-tag', str(self.door.objects()['tags']))


class VolumeGroupTest(ClientCase):
    def group(self, name: str) -> None:
        self.good(
            self.client.post_volume_groups(
                names=[name], volume_group=flasharray.VolumeGroupPost()
            )
        )

    def test_a_volume_is_made_in_a_group(self) -> None:
        self.group('vg')
        volume = self.volume('vg/member')
        self.assertEqual('vg', volume.volume_group.name)
        group = self.good(self.client.get_volume_groups(names=['vg']))[0]
        self.assertEqual(1, group.volume_count)

    def test_without_its_group_a_volume_is_refused(self) -> None:
        self.bad(
            self.client.post_volumes(
                names=['no-vg/v'], volume=flasharray.VolumePost()
            ),
            'Volume group does not exist.',
        )

    def test_a_bare_new_name_stays_in_the_group(self) -> None:
        self.group('stay')
        self.volume('stay/old')
        for name in ('new', 'stay/newer'):
            changed = self.good(
                self.client.patch_volumes(
                    names=['stay/old' if name == 'new' else 'stay/new'],
                    volume=flasharray.VolumePatch(name=name),
                )
            )[0]
        self.assertEqual('stay/newer', changed.name)

    def test_a_new_name_is_no_move(self) -> None:
        self.group('from')
        self.group('to')
        self.volume('from/v')
        self.bad(
            self.client.patch_volumes(
                names=['from/v'], volume=flasharray.VolumePatch(name='to/v')
            ),
            'moved',
        )

    def test_a_volume_moves_in_and_out(self) -> None:
        self.group('move')
        self.volume('mover')

        def move(name: str, to: str) -> str:
            changed = self.client.patch_volumes(
                names=[name],
                volume=flasharray.VolumePatch(
                    volume_group=flasharray.Reference(name=to)
                ),
            )
            return str(self.good(changed)[0].name)

        self.assertEqual('move/mover', move('mover', 'move'))
        self.assertEqual('mover', move('move/mover', ''))

    def test_a_group_with_volumes_cannot_be_destroyed(self) -> None:
        self.group('full')
        self.volume('full/v')
        patch = flasharray.VolumeGroupPatch(destroyed=True)
        self.bad(
            self.client.patch_volume_groups(
                names=['full'], volume_group=patch
            ),
            'has volumes',
        )

    def test_renaming_a_group_renames_its_volumes(self) -> None:
        self.group('before')
        self.volume('before/v')
        self.good(
            self.client.patch_volume_groups(
                names=['before'],
                volume_group=flasharray.VolumeGroupPatch(name='after'),
            )
        )
        self.good(self.client.get_volumes(names=['after/v']))


class ProtectionGroupTest(ClientCase):
    def group(self, name: str) -> Any:
        return self.client.post_protection_groups(names=[name])

    def patch(self, name: str, **fields: Any) -> Any:
        return self.client.patch_protection_groups(
            names=[name],
            protection_group=flasharray.ProtectionGroup(**fields),
        )

    def member(self, group: str, volume: str) -> Any:
        return self.client.post_protection_groups_volumes(
            group_names=[group], member_names=[volume]
        )

    def test_a_destroyed_group_keeps_its_name(self) -> None:
        self.good(self.group('dead'))
        self.bad(self.group('dead'), 'Protection group already exists.')
        self.good(self.patch('dead', destroyed=True))
        response = self.group('dead')
        self.bad(response, 'pending eradication')
        self.assertNotIn('already exists', response.errors[0].message)
        self.good(self.client.delete_protection_groups(names=['dead']))
        self.good(self.group('dead'))

    def test_membership_has_its_own_texts(self) -> None:
        self.good(self.group('texts'))
        self.volume('member')
        self.good(self.member('texts', 'member'))
        self.bad(
            self.member('texts', 'member'),
            'already belongs to protection group',
        )
        remove = self.client.delete_protection_groups_volumes
        sides = {'group_names': ['texts'], 'member_names': ['member']}
        self.assertEqual(200, remove(**sides).status_code)
        self.bad(remove(**sides), 'could not be found')

    def test_a_volume_without_group_is_an_empty_list(self) -> None:
        self.volume('lonely')
        found = self.client.get_protection_groups_volumes(
            member_names=['lonely']
        )
        self.assertEqual([], self.good(found))

    def test_a_destroyed_volume_is_hidden_from_its_group(self) -> None:
        self.good(self.group('hide'))
        self.volume('hidden')
        self.good(self.member('hide', 'hidden'))
        self.destroy('hidden')
        group = self.good(self.client.get_protection_groups(names=['hide']))[0]
        self.assertEqual(0, group.volume_count)
        self.assertEqual(
            [],
            self.good(
                self.client.get_protection_groups_volumes(group_names=['hide'])
            ),
        )

    def test_members_of_two_kinds_are_refused(self) -> None:
        self.good(self.group('kinds'))
        self.volume('kind')
        self.good(
            self.client.post_hosts(
                names=['kind-host'], host=flasharray.HostPost()
            )
        )
        self.good(self.member('kinds', 'kind'))
        self.bad(
            self.client.post_protection_groups_hosts(
                group_names=['kinds'], member_names=['kind-host']
            ),
            'another kind',
        )

    def test_a_schedule_is_changed_field_by_field(self) -> None:
        self.good(self.group('schedule'))
        self.good(
            self.patch(
                'schedule', replication_schedule={'frequency': 3_600_000}
            )
        )
        changed = self.good(
            self.patch('schedule', replication_schedule={'enabled': True})
        )[0]
        self.assertEqual(3_600_000, changed.replication_schedule.frequency)
        self.assertTrue(changed.replication_schedule.enabled)

    def test_a_too_fast_schedule_is_refused(self) -> None:
        self.good(self.group('fast'))
        self.bad(
            self.patch('fast', replication_schedule={'frequency': 1000}),
            'frequency',
        )

    def test_a_snapshot_covers_all_members(self) -> None:
        self.good(self.group('cover'))
        for name in ('cover-a', 'cover-b'):
            self.volume(name)
            self.good(self.member('cover', name))
            self.door.write(name, 0, name.encode())
        snapshot = self.good(
            self.client.post_protection_group_snapshots(
                source_names=['cover'],
                protection_group_snapshot=(
                    flasharray.ProtectionGroupSnapshotPost(suffix='now')
                ),
            )
        )[0]
        self.assertEqual('cover.now', snapshot.name)
        parts = self.good(
            self.client.get_volume_snapshots(filter="name='cover.now.*'")
        )
        self.assertEqual(
            ['cover.now.cover-a', 'cover.now.cover-b'],
            [part.name for part in parts],
        )
        self.assertEqual(b'cover-b', self.door.read('cover.now.cover-b', 0, 7))

    def test_snapshots_of_a_group_are_listed_by_its_name(self) -> None:
        self.good(self.group('series'))
        for _ in range(3):
            self.good(
                self.client.post_protection_group_snapshots(
                    source_names=['series']
                )
            )
        found = self.good(
            self.client.get_protection_group_snapshots(names=['series'])
        )
        self.assertEqual(
            ['series.1', 'series.2', 'series.3'], [s.name for s in found]
        )

    def test_replication_without_target_is_refused(self) -> None:
        self.good(self.group('no-target'))
        self.bad(
            self.client.post_protection_group_snapshots(
                source_names=['no-target'], replicate_now=True
            ),
            'no target',
        )

    def test_an_unknown_target_is_refused(self) -> None:
        self.good(self.group('nowhere'))
        self.bad(
            self.client.post_protection_groups_targets(
                group_names=['nowhere'], member_names=['fa-nowhere']
            ),
            'does not exist',
        )

    def test_a_ratcheted_group_cannot_be_weakened(self) -> None:
        self.good(self.group('safe'))
        self.volume('safe')
        self.good(self.member('safe', 'safe'))
        self.good(self.patch('safe', retention_lock='ratcheted'))
        for fields in (
            {'retention_lock': 'unlocked'},
            {'destroyed': True},
            {'source_retention': {'days': 1}},
        ):
            with self.subTest(fields):
                self.bad(self.patch('safe', **fields), 'ratcheted')
        self.bad(
            self.client.delete_protection_groups_volumes(
                group_names=['safe'], member_names=['safe']
            ),
            'ratcheted',
        )

    def test_a_local_schedule_takes_and_expires_snapshots(self) -> None:
        self.good(self.group('local'))
        self.volume('local')
        self.good(self.member('local', 'local'))
        self.good(
            self.patch(
                'local',
                snapshot_schedule={'enabled': True, 'frequency': 3_600_000},
                source_retention={
                    'all_for_sec': 3600,
                    'per_day': 0,
                    'days': 0,
                },
            )
        )
        for _ in range(4):
            self.door.advance_clock(support.HOUR)
        found = self.good(
            self.client.get_protection_group_snapshots(names=['local'])
        )
        self.assertGreaterEqual(len(found), 4)
        self.assertTrue(found[0].destroyed)
        self.assertFalse(found[-1].destroyed)


class OtherFamiliesTest(ClientCase):
    def test_cinder_finds_its_iscsi_ports(self) -> None:
        controllers = self.good(
            self.client.get_controllers(filter="status='ready'")
        )
        ports = [
            port
            for controller in controllers
            for port in self.good(
                self.client.get_ports(filter=f"name='{controller.name}.*'")
            )
        ]
        self.assertEqual(2, len(ports))
        self.assertTrue(ports[0].iqn.startswith('iqn.2010-06.'))

    def test_there_are_no_bonds(self) -> None:
        found = self.client.get_network_interfaces(
            filter="eth.subtype='lacp_bond' or eth.subtype='vif'"
        )
        self.assertEqual([], self.good(found))

    def test_an_unknown_pod_is_refused(self) -> None:
        self.assertEqual([], self.good(self.client.get_pods()))
        self.bad(
            self.client.get_pods(names=['cinder-pod']), 'Pod does not exist.'
        )
        self.bad(
            self.client.get_container_default_protections(
                names=['cinder-pod']
            ),
            'Pod does not exist.',
        )

    def test_space_counts_what_is_written(self) -> None:
        self.volume('space')
        before = self.good(self.client.get_arrays_space())[0].space
        self.door.write('space', 0, b'space' * 100_000)
        after = self.good(self.client.get_arrays_space())[0].space
        self.assertGreater(after.total_physical, before.total_physical)
        self.assertGreaterEqual(after.total_reduction, 1.0)

    def test_performance_has_a_point_per_resolution(self) -> None:
        now = self.door.clock()
        response = self.client.get_arrays_performance(
            start_time=now - 60_000,
            end_time=now,
            resolution=30_000,
            total_item_count=True,
        )
        self.assertGreaterEqual(response.total_item_count, 1)
        self.assertEqual(0, self.good(response)[0].writes_per_sec)

    def test_no_pod_link_is_a_count_of_zero(self) -> None:
        response = self.client.get_pod_replica_links(total_item_count=True)
        self.assertEqual(200, response.status_code)
        self.assertEqual(0, response.total_item_count)

    def test_the_array_tells_its_time(self) -> None:
        item = self.raw('GET', 'arrays').json()['items'][0]
        self.assertLess(abs(item['_as_of'] - self.door.clock()), 60_000)

    def test_families_without_objects_are_empty_lists(self) -> None:
        for path in (
            'alerts',
            'drives',
            'fleets',
            'offloads',
            'policies/nfs',
            'remote-protection-groups',
            'remote-volume-snapshots',
            'virtual-machines?vm_type=vvol',
        ):
            with self.subTest(path):
                body = self.raw('GET', path).json()
                self.assertEqual([], body['items'])


class OldProfileTest(ClientCase):
    options = ['--profile', '2.26']

    def test_the_client_speaks_the_last_version(self) -> None:
        self.assertEqual('2.26', self.client.get_rest_version())

    def test_the_release_fits_the_version(self) -> None:
        array = self.good(self.client.get_arrays())[0]
        self.assertEqual('6.4.10', array.version)
