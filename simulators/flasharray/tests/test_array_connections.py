# SPDX-License-Identifier: Apache-2.0
"""Arrays that are connected through the API."""

from typing import Any

from pypureclient import flasharray

from tests import support


class ApiConnectionTest(support.unittest.TestCase):
    """Arrays that are connected through the API, not the command line."""

    def setUp(self) -> None:
        path = self.enterContext(support.directory())
        self.one = support.ArrayProcess('fa-one', path / '1', 'token-1')
        self.two = support.ArrayProcess('fa-two', path / '2', 'token-2')
        for array in (self.one, self.two):
            array.start()
            self.addCleanup(array.kill)
        for array in (self.one, self.two):
            array.ready()

    def connect(self, key: str, **fields: Any) -> Any:
        return self.one.client().post_array_connections(
            array_connection=flasharray.ArrayConnectionPost(
                management_address=self.two.target,
                replication_addresses=[self.two.replication_address],
                connection_key=key,
                **{'type': 'async-replication', **fields},
            )
        )

    def key(self, **options: Any) -> str:
        client = self.two.client()
        found = client.get_array_connections_connection_key(**options)
        return str(list(found.items)[0].connection_key)

    def test_the_key_of_the_other_array_connects(self) -> None:
        response = self.connect(self.key())
        self.assertEqual(200, response.status_code, response)
        self.one.ready('fa-two')
        self.two.ready('fa-one')
        mine = list(self.one.client().get_array_connections().items)[0]
        theirs = list(self.two.client().get_array_connections().items)[0]
        self.assertEqual(self.two.target, mine.management_address)
        self.assertFalse(hasattr(theirs, 'management_address'))

    def test_a_renamed_array_renames_its_copies(self) -> None:
        self.assertEqual(200, self.connect(self.key()).status_code)
        self.one.ready('fa-two')
        one, two = self.one.client(), self.two.client()
        one.post_protection_groups(names=['pg'])
        one.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-two']
        )

        def has(name: str) -> bool:
            found = two.get_protection_groups(names=[name])
            return bool(found.status_code == 200)

        support.eventually(lambda: has('fa-one:pg'))
        one.patch_arrays(array=flasharray.Arrays(name='fa-new'))
        support.eventually(lambda: has('fa-new:pg'))
        self.assertFalse(has('fa-one:pg'))
        self.two.ready('fa-new')

    def test_a_wrong_key_does_not(self) -> None:
        response = self.connect('wrong')
        self.assertEqual(400, response.status_code)
        self.assertIn('key', response.errors[0].message)

    def test_connecting_twice_is_refused(self) -> None:
        for status in (200, 400):
            response = self.connect(self.key())
            self.assertEqual(status, response.status_code, response)
        self.assertIn('already exists', response.errors[0].message)

    def test_only_the_creating_side_deletes_it(self) -> None:
        self.assertEqual(200, self.connect(self.key()).status_code)
        refused = self.two.client().delete_array_connections(names=['fa-one'])
        self.assertEqual(400, refused.status_code)
        done = self.one.client().delete_array_connections(names=['fa-two'])
        self.assertEqual(200, done.status_code, done)
        support.eventually(
            lambda: not list(self.two.client().get_array_connections().items)
        )

    def connected(self, **fields: Any) -> None:
        encrypted = fields.get('encryption') == 'encrypted'
        response = self.connect(self.key(encrypted=encrypted), **fields)
        self.assertEqual(200, response.status_code, response)
        self.one.ready('fa-two')
        self.two.ready('fa-one')

    def row(self, array: Any) -> Any:
        return next(iter(array.client().get_array_connections().items))

    def patch(self, **fields: Any) -> Any:
        return self.one.client().patch_array_connections(
            names=['fa-two'],
            array_connection=flasharray.ArrayConnectionPatch(**fields),
        )

    def test_only_the_newest_key_is_valid(self) -> None:
        old = self.key()
        new = self.key()
        self.assertNotEqual(old, new)
        self.assertEqual(400, self.connect(old).status_code)
        self.assertEqual(200, self.connect(new).status_code)

    def test_an_encrypted_connection_needs_a_key_for_one(self) -> None:
        plain = self.key()
        refused = self.connect(plain, encryption='encrypted')
        self.assertEqual(400, refused.status_code)
        refused = self.connect(self.key(encrypted=True))
        self.assertEqual(400, refused.status_code)
        self.connected(encryption='encrypted')
        for array in (self.one, self.two):
            self.assertEqual('encrypted', self.row(array).encryption)
        renewed = self.one.client().patch_array_connections(
            names=['fa-two'],
            array_connection=flasharray.ArrayConnectionPatch(),
            renew_encryption_key=True,
        )
        self.assertEqual(200, renewed.status_code, renewed)

    def test_an_encryption_key_is_renewed_where_there_is_one(self) -> None:
        self.connected()
        renew = self.one.client().patch_array_connections(
            names=['fa-two'],
            array_connection=flasharray.ArrayConnectionPatch(),
            renew_encryption_key=True,
        )
        self.assertEqual(400, renew.status_code)
        self.assertIn('not encrypted', renew.errors[0].message)

    def test_the_kind_changes_on_both_sides(self) -> None:
        self.connected()
        self.assertEqual(200, self.patch(type='sync-replication').status_code)
        for array in (self.one, self.two):
            self.assertEqual('sync-replication', self.row(array).type)
        self.assertEqual(400, self.patch(type='nothing').status_code)

    def test_a_synchronous_connection_replicates_groups_too(self) -> None:
        self.connected(type='sync-replication')
        one, two = self.one.client(), self.two.client()
        one.post_protection_groups(names=['pg'])
        made = one.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-two']
        )
        self.assertEqual(200, made.status_code, made)
        support.eventually(
            lambda: (
                two.get_protection_groups(names=['fa-one:pg']).status_code
                == 200
            )
        )

    def test_a_remote_array_that_is_off_is_being_connected_to(self) -> None:
        self.connected()
        self.two.door.set_power(False)
        support.eventually(lambda: self.row(self.one).status == 'connecting')
        path = next(iter(self.one.client().get_array_connections_path().items))
        self.assertEqual('connecting', path.status)
        self.two.door.set_power(True)
        support.eventually(lambda: self.row(self.one).status == 'connected')

    def test_a_refresh_needs_the_other_array(self) -> None:
        self.connected()
        client = self.one.client()

        def refresh() -> Any:
            return client.patch_array_connections(
                names=['fa-two'],
                array_connection=flasharray.ArrayConnectionPatch(),
                refresh=True,
            )

        self.assertEqual(200, refresh().status_code)
        self.two.door.set_power(False)
        refused = refresh()
        self.assertEqual(400, refused.status_code)
        self.assertIn('cannot be reached', refused.errors[0].message)
        self.two.door.set_power(True)
        support.eventually(lambda: refresh().status_code == 200)

    def test_a_connection_in_use_is_not_deleted(self) -> None:
        self.connected()
        client = self.one.client()
        client.post_protection_groups(names=['pg'])
        client.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-two']
        )
        refused = client.delete_array_connections(names=['fa-two'])
        self.assertEqual(400, refused.status_code)
        self.assertIn('in use', refused.errors[0].message)

    def test_a_throttle_is_kept_and_taken_away(self) -> None:
        self.connected()
        window = {'start': 8 * support.HOUR, 'end': 17 * support.HOUR}
        changed = self.patch(
            throttle={
                'default_limit': 2**30,
                'window_limit': 2**20,
                'window': window,
            }
        )
        self.assertEqual(200, changed.status_code, changed)
        throttle = self.row(self.one).throttle
        self.assertEqual(
            (2**30, 2**20, 8 * support.HOUR, 17 * support.HOUR),
            (
                throttle.default_limit,
                throttle.window_limit,
                throttle.window.start,
                throttle.window.end,
            ),
        )

    def test_the_window_of_a_throttle_really_limits(self) -> None:
        self.connected()
        one, two = self.one.client(), self.two.client()
        one.post_volumes(
            names=['v'], volume=flasharray.VolumePost(provisioned=support.GIB)
        )
        one.post_protection_groups(names=['pg'])
        one.post_protection_groups_volumes(
            group_names=['pg'], member_names=['v']
        )
        one.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-two']
        )
        allowed = flasharray.TargetProtectionGroupPostPatch(allowed=True)
        support.eventually(
            lambda: (
                two.patch_protection_groups_targets(
                    group_names=['fa-one:pg'], target=allowed
                ).status_code
                == 200
            )
        )
        support.eventually(
            lambda: (
                next(iter(one.get_protection_groups_targets().items)).allowed
            )
        )
        day = support.DAY
        now = self.one.door.clock() % day
        start = (now - support.HOUR) % day
        end = (now + support.HOUR) % day
        self.patch(
            throttle={
                'window_limit': 1,
                'window': {'start': start, 'end': end},
            }
        )
        self.one.door.write('v', 0, b'x' * 100_000)
        one.post_protection_group_snapshots(
            source_names=['pg'], replicate_now=True
        )

        def record() -> Any:
            found = two.get_protection_group_snapshots_transfer()
            return next(iter(found.items), None)

        self.assertLess(support.eventually(record).progress, 1.0)
        self.one.door.advance_clock(10_000)
        self.assertEqual(0, record().data_transferred)
        self.one.door.advance_clock(2 * support.HOUR)
        support.eventually(lambda: record().progress == 1.0)
