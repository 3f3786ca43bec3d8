# SPDX-License-Identifier: Apache-2.0
"""The requests that are sent, and what is made of the answers."""

import datetime
import inspect

from pypureclient.flasharray.FA_2_42 import client as sdk
from pypureclient.flasharray.FA_2_42 import models

from aegis.storage import base as contract
from aegis.storage.flasharray import client, records
from aegis.tests import base
from aegis.tests.unit.storage.flasharray import fakes

NOON = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)
NOON_MILLISECONDS = int(NOON.timestamp() * 1000)
TAGS = (contract.Tag('operation', 'o1'), contract.Tag('member', "m'1"))


class FakeSession:
    """Notes requests; refuses those the real client does not know."""

    def __init__(self, version=(2, 42)):
        self.version = version
        self.requests = []
        self.items = []
        self.date = None

    def read(self, method, **arguments):
        assert method.startswith('get_'), method
        return self._call(method, arguments)

    def write(self, method, **arguments):
        assert not method.startswith('get_'), method
        return self._call(method, arguments)

    def rest_version(self):
        return self.version

    def last_response_date(self):
        return self.date

    def close(self):
        self.requests.append(('close', {}))

    def _call(self, method, arguments):
        inspect.signature(getattr(sdk.Client, method)).bind(None, **arguments)
        self.requests.append((method, arguments))
        return self.items


def item(model, **values):
    return getattr(models, model).from_dict(values)


class ClientTestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.session = FakeSession()
        self.client = client.Client(self.session)

    def answer(self, model, **values):
        self.session.items = [item(model, **values)]

    def assertAsked(self, method, **arguments):
        self.assertEqual([(method, arguments)], self.session.requests)

    def bodies(self, key):
        """Give the bodies that were sent as they go over the wire."""
        found = []
        for _, arguments in self.session.requests:
            body = arguments[key]
            many = body if isinstance(body, list) else [body]
            found.append([each.as_request_dict() for each in many])
        return found


class InterfaceTest(base.TestCase):
    def test_the_fake_of_the_other_tests_has_the_same_methods(self):
        for name, method in inspect.getmembers(
            client.Client, inspect.isfunction
        ):
            if name.startswith('_'):
                continue
            fake = getattr(fakes.FakeClient, name)
            self.assertEqual(
                list(inspect.signature(method).parameters),
                list(inspect.signature(fake).parameters),
                name,
            )


class ListTest(ClientTestCase):
    def test_volumes_are_asked_for_by_name_in_one_request(self):
        self.answer(
            'Volume',
            id='1',
            name='v',
            serial='S',
            provisioned=7,
            source={'name': 'fa-a:v'},
            connection_count=2,
            destroyed=False,
        )
        self.assertEqual(
            [records.Volume('1', 'v', 'S', 7, 'fa-a:v', 2, False)],
            self.client.volumes(['v', 'w']),
        )
        self.assertAsked(
            'get_volumes', filter="name=('v','w')", destroyed=False
        )

    def test_live_and_destroyed_volumes_can_be_asked_for_together(self):
        self.client.volumes(['v'], destroyed=None)
        self.assertAsked('get_volumes', filter="name='v'")

    def test_impossible_names_are_not_asked_for(self):
        self.assertEqual([], self.client.volumes(['*', "x'y", '', 'a b']))
        self.assertEqual([], self.client.tags_of(['*']))
        self.assertEqual([], self.client.memberships(['*']))
        self.assertEqual([], self.client.members('*'))
        self.assertEqual([], self.client.targets(['*']))
        self.assertEqual([], self.client.groups(['*']))
        self.assertEqual([], self.client.transfers(['*']))
        self.assertEqual([], self.client.transfer('*'))
        self.assertEqual([], self.client.group_snapshots(['*']))
        self.assertIsNone(self.client.group_snapshot('*'))
        self.assertEqual([], self.client.copies(['*']))
        self.assertEqual([], self.client.volume_snapshots(['*']))
        self.assertEqual([], self.session.requests)

    def test_many_names_make_few_requests(self):
        names = [f'volume-{number:036}-cinder' for number in range(1000)]
        self.client.volumes(names)
        self.assertEqual(10, len(self.session.requests))

    def test_absent_fields_are_no_failure(self):
        self.answer('Volume', id='1', name='v', source={'name': None})
        (volume,) = self.client.volumes_like(['*v'])
        self.assertEqual(
            records.Volume('1', 'v', '', 0, None, 0, False), volume
        )
        self.assertAsked('get_volumes', filter="name='*v'", destroyed=False)

    def test_tags_of_volumes_are_those_of_our_namespace(self):
        self.answer('Tag', key='k', value='x', resource={'name': 'v'})
        self.assertEqual(
            [records.VolumeTag('v', 'k', 'x')], self.client.tags_of(['v'])
        )
        self.assertAsked(
            'get_volumes_tags',
            filter="resource.name='v'",
            namespaces=['aegis'],
            resource_destroyed=False,
        )

    def test_tags_are_found_by_key_and_value(self):
        self.client.tags_like(TAGS)
        self.assertAsked(
            'get_volumes_tags',
            filter=(
                "(key='operation' and value='o1') or "
                "(key='member' and value='m\\'1')"
            ),
            namespaces=['aegis'],
            resource_destroyed=False,
        )

    def test_memberships_and_members(self):
        self.answer('Member', group={'name': 'g'}, member={'name': 'v'})
        expected = [records.Membership('g', 'v')]
        self.assertEqual(expected, self.client.memberships(['v']))
        self.assertEqual(expected, self.client.members('g'))
        self.assertEqual(
            ["member.name='v'", "group.name='g'"],
            [request['filter'] for _, request in self.session.requests],
        )

    def test_targets(self):
        self.answer(
            'TargetProtectionGroup',
            group={'name': 'g'},
            member={'name': 'fa-b'},
            allowed=True,
            status='replicating',
        )
        self.assertEqual(
            [records.Target('g', 'fa-b', True, 'replicating')],
            self.client.targets(['g']),
        )

    def test_groups_have_their_interval_in_seconds(self):
        schedule = {'enabled': True, 'frequency': 300000}
        self.answer('ProtectionGroup', name='g', replication_schedule=schedule)
        self.assertEqual(
            [records.Group('g', True, 300.0)], self.client.groups(['g'])
        )

    def test_transfers(self):
        self.answer(
            'ProtectionGroupSnapshotTransfer',
            name='fa-a:g.1',
            progress=1.0,
            completed=NOON_MILLISECONDS,
        )
        expected = records.Transfer('fa-a:g.1', 1.0, NOON)
        self.assertTrue(expected.complete)
        self.assertEqual([expected], self.client.transfers(['fa-a:g']))
        self.assertEqual([expected], self.client.transfer('fa-a:g.1'))
        self.assertEqual(
            ["name='fa-a:g.*'", "name='fa-a:g.1'"],
            [request['filter'] for _, request in self.session.requests],
        )

    def test_a_transfer_under_way_is_not_complete(self):
        for values in (
            {'progress': 0.5, 'completed': None},
            {'progress': 1.0, 'completed': None},
            {'progress': 0.99, 'completed': NOON_MILLISECONDS},
            {},
        ):
            self.answer('ProtectionGroupSnapshotTransfer', name='x', **values)
            (transfer,) = self.client.transfers(['g'])
            self.assertFalse(transfer.complete, values)

    def test_snapshots_of_groups(self):
        self.answer(
            'ProtectionGroupSnapshot',
            name='g.1',
            created=NOON_MILLISECONDS,
            source={'name': 'g'},
            destroyed=True,
        )
        expected = records.Snapshot('g.1', NOON, 'g', 0, True)
        self.assertEqual([expected], self.client.group_snapshots(['g', 'h']))
        self.assertEqual(expected, self.client.group_snapshot('g.1'))
        self.assertEqual(
            "name='g.*' or name='h.*'", self.session.requests[0][1]['filter']
        )

    def test_copies_and_snapshots_of_volumes(self):
        self.answer(
            'VolumeSnapshot',
            name='g.1.v',
            provisioned=9,
            source={'name': 'v'},
            created=None,
        )
        (copy,) = self.client.copies(['g.1'])
        self.assertEqual((9, 'v'), (copy.size_bytes, copy.source))
        self.client.volume_snapshots(['v.safety'])
        self.assertEqual(
            ["name='g.1.*'", "name='v.safety'"],
            [request['filter'] for _, request in self.session.requests],
        )

    def test_connections_tell_whether_they_are_up(self):
        for status, up in (('connected', True), ('connecting', False)):
            self.answer(
                'ArrayConnection',
                name='fa-b',
                status=status,
                remote={'name': 'fa-b'},
            )
            self.assertEqual(
                [records.Connection('fa-b', up)], self.client.connections()
            )


class FactsTest(ClientTestCase):
    def test_space_and_clock_are_those_of_the_array(self):
        self.session.items = [
            item(
                'Arrays',
                name='fa-a',
                capacity=100,
                space={'total_physical': 40, 'total_provisioned': 300},
                _as_of=NOON_MILLISECONDS,
            )
        ]
        self.assertEqual(
            records.Facts('fa-a', 100, 40, 300, NOON), self.client.facts()
        )

    def test_the_date_header_stands_in_for_the_clock(self):
        self.answer('Arrays', name='fa-a')
        self.session.date = 'Tue, 01 Jan 2030 12:00:00 GMT'
        self.assertEqual(NOON, self.client.facts().now)

    def test_no_clock_is_no_guess(self):
        self.answer('Arrays', name='fa-a')
        self.assertIsNone(self.client.facts().now)


class CopyTest(ClientTestCase):
    def copies(self, count):
        return [
            records.Copy(f'new-{n}', f'fa-a:g.1.v{n}', TAGS)
            for n in range(count)
        ]

    def test_many_volumes_are_made_with_their_tags_in_one_request(self):
        self.client.copy(self.copies(2))
        ((method, arguments),) = self.session.requests
        self.assertEqual('post_volumes_batch', method)
        self.assertIs(False, arguments['with_default_protection'])
        self.assertNotIn('overwrite', arguments)
        ((first, _),) = self.bodies('volume')
        self.assertEqual(
            {
                'name': 'new-0',
                'source': {'name': 'fa-a:g.1.v0'},
                'tags': [
                    {
                        'key': tag.key,
                        'value': tag.value,
                        'namespace': 'aegis',
                        'copyable': False,
                    }
                    for tag in TAGS
                ],
            },
            first,
        )

    def test_batches_have_at_most_a_hundred_volumes(self):
        self.client.copy(self.copies(250))
        self.assertEqual(
            [100, 100, 50],
            [len(body) for body in self.bodies('volume')],
        )

    def test_nothing_to_copy_makes_no_request(self):
        self.client.copy([])
        self.assertEqual([], self.session.requests)

    def test_overwriting_is_said_and_protects_nothing_anew(self):
        self.client.copy([records.Copy('v', 's')], overwrite=True)
        ((_, arguments),) = self.session.requests
        self.assertIs(True, arguments['overwrite'])
        self.assertNotIn('with_default_protection', arguments)
        self.assertEqual(
            [[{'name': 'v', 'source': {'name': 's'}}]], self.bodies('volume')
        )

    def test_an_older_array_makes_one_volume_at_a_time(self):
        self.session.version = (2, 26)
        self.client.copy(self.copies(2))
        self.assertEqual(
            ['post_volumes', 'put_volumes_tags_batch'] * 2,
            [method for method, _ in self.session.requests],
        )
        self.assertEqual(['new-0'], self.session.requests[0][1]['names'])
        self.assertIs(
            False, self.session.requests[0][1]['with_default_protection']
        )

    def test_a_very_old_array_knows_no_default_protection(self):
        self.session.version = (2, 4)
        self.client.copy([records.Copy('v', 's')])
        ((_, arguments),) = self.session.requests
        self.assertNotIn('with_default_protection', arguments)


class ChangeTest(ClientTestCase):
    def test_one_request_tags_many_volumes(self):
        self.client.tag(['v', 'w'], TAGS[:1])
        ((method, arguments),) = self.session.requests
        self.assertEqual('put_volumes_tags_batch', method)
        self.assertEqual(['v', 'w'], arguments['resource_names'])
        self.assertEqual(
            [
                [
                    {
                        'key': 'operation',
                        'value': 'o1',
                        'namespace': 'aegis',
                        'copyable': False,
                    }
                ]
            ],
            self.bodies('tag'),
        )

    def test_one_request_takes_a_tag_from_many_volumes(self):
        self.client.untag(['v', 'w'], 'k')
        self.assertAsked(
            'delete_volumes_tags',
            resource_names=['v', 'w'],
            namespaces=['aegis'],
            keys=['k'],
        )

    def test_destroying_is_a_change_and_no_deletion(self):
        self.client.set_destroyed(['v', 'w'], True)
        ((method, arguments),) = self.session.requests
        self.assertEqual('patch_volumes', method)
        self.assertEqual(['v', 'w'], arguments['names'])
        self.assertEqual([[{'destroyed': True}]], self.bodies('volume'))

    def test_snapshots_of_volumes_share_a_suffix(self):
        self.client.snapshot_volumes(['v', 'w'], 'safety')
        ((method, arguments),) = self.session.requests
        self.assertEqual('post_volume_snapshots', method)
        self.assertEqual(['v', 'w'], arguments['source_names'])
        self.assertEqual(
            [[{'suffix': 'safety'}]], self.bodies('volume_snapshot')
        )

    def test_a_group_snapshot_is_sent_at_once(self):
        self.client.snapshot_group('g', 'final')
        ((method, arguments),) = self.session.requests
        self.assertEqual('post_protection_group_snapshots', method)
        self.assertIs(True, arguments['replicate_now'])
        self.assertIs(True, arguments['apply_retention'])
        self.assertEqual(['g'], arguments['source_names'])
        self.assertEqual(
            [[{'suffix': 'final'}]], self.bodies('protection_group_snapshot')
        )

    def test_members_come_and_go(self):
        self.client.add_members('g', ['v', 'w'])
        self.client.remove_members('g', ['v'])
        self.assertEqual(
            [
                (
                    'post_protection_groups_volumes',
                    {'group_names': ['g'], 'member_names': ['v', 'w']},
                ),
                (
                    'delete_protection_groups_volumes',
                    {'group_names': ['g'], 'member_names': ['v']},
                ),
            ],
            self.session.requests,
        )

    def test_no_names_are_never_all_names(self):
        self.client.tag([], TAGS)
        self.client.untag([], 'k')
        self.client.set_destroyed([], True)
        self.client.snapshot_volumes([], 's')
        self.client.add_members('g', [])
        self.client.remove_members('g', [])
        self.assertEqual([], self.session.requests)

    def test_the_schedule_is_all_that_changes_of_a_group(self):
        self.client.set_schedule('g', False)
        self.assertEqual(
            [[{'replication_schedule': {'enabled': False}}]],
            self.bodies('protection_group'),
        )

    def test_closing_ends_the_session(self):
        self.client.close()
        self.assertAsked('close')
