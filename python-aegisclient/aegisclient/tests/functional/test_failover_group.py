# SPDX-License-Identifier: Apache-2.0
"""Groups and members."""

from aegisclient.tests import documents
from aegisclient.tests.functional import base


class FailoverGroupTest(base.FunctionalTest):
    def test_create_sends_and_shows_everything(self):
        shown = self.run_json(
            'failover-group',
            'create',
            '--protected-site',
            'east',
            '--recovery-site',
            'west',
            '--replication-type',
            'async',
            '--on-member-failure',
            'stop',
            '--mapping',
            'volume-type:gold=gold-dr',
            '--description',
            'Books',
            'ledger',
        )
        (seen,) = self.cloud.requests('POST')
        mapping = {
            'resource_type': 'volume_type',
            'source': 'gold',
            'target': 'gold-dr',
        }
        self.assertEqual(
            {
                'failover_group': {
                    'name': 'ledger',
                    'description': 'Books',
                    'protected_site': 'east',
                    'recovery_site': 'west',
                    'replication_type': 'async',
                    'on_member_failure': 'stop',
                    'mappings': [mapping],
                }
            },
            seen.body,
        )
        self.assertEqual([mapping], shown['mappings'])
        self.assertEqual('ledger', shown['name'])

    def test_show_by_name_and_by_id(self):
        by_name = self.run_json('failover-group', 'show', 'shop')
        by_id = self.run_json('failover-group', 'show', documents.GROUP_ID)
        self.assertEqual(by_name, by_id)

    def test_show_of_an_unknown_name(self):
        result = self.run_dr('failover-group', 'show', 'nothing')
        self.assertEqual(1, result.code)
        self.assertIn('There is no failover group nothing.', result.err)

    def test_name_that_looks_like_an_id_is_found(self):
        name = 'deadbeef-0000-4000-8000-000000000000'
        self.cloud.groups = [documents.group(name=name)]
        self.assertEqual(
            name, self.run_json('failover-group', 'show', name)['name']
        )

    def test_name_with_special_characters_is_found(self):
        name = 'a/b ?&c=ü'
        self.cloud.groups = [documents.group(name=name)]
        self.assertEqual(
            name, self.run_json('failover-group', 'show', name)['name']
        )

    def test_set_changes_only_the_revision_that_was_read(self):
        result = self.run_dr(
            'failover-group', 'set', '--description', 'New', 'shop'
        )
        self.assertEqual((0, '', ''), (result.code, result.out, result.err))
        (seen,) = self.cloud.requests('PATCH')
        self.assertEqual('"3"', seen.headers['If-Match'])
        self.assertEqual({'failover_group': {'description': 'New'}}, seen.body)
        self.assertEqual('New', self.cloud.groups[0]['description'])

    def test_set_adds_to_the_mappings(self):
        self.run_dr('failover-group', 'set', '--mapping', 'flavor:a=b', 'shop')
        (seen,) = self.cloud.requests('PATCH')
        self.assertEqual(
            ['network', 'flavor'],
            [
                mapping['resource_type']
                for mapping in seen.body['failover_group']['mappings']
            ],
        )

    def test_set_removes_the_mappings(self):
        result = self.run_dr('failover-group', 'set', '--no-mapping', 'shop')
        self.assertEqual(0, result.code)
        (seen,) = self.cloud.requests('PATCH')
        self.assertEqual({'failover_group': {'mappings': []}}, seen.body)

    def test_delete_goes_on_after_a_failure(self):
        result = self.run_dr('failover-group', 'delete', 'nothing', 'shop')
        self.assertEqual(1, result.code)
        self.assertIn('failover group nothing: There is no', result.err)
        self.assertEqual([], self.cloud.groups)

    def test_bad_mapping_is_refused_by_the_parser(self):
        result = self.run_dr(
            'failover-group', 'set', '--mapping', 'router:a=b', 'shop'
        )
        self.assertEqual(2, result.code)
        self.assertIn('"router" cannot be mapped; TYPE is one of', result.err)


class MemberTest(base.FunctionalTest):
    def test_add_passes_name_and_wave_on(self):
        (shown,) = self.run_json(
            'failover-group', 'add', 'server', '--wave', '2', 'shop', 'db-1'
        )
        (seen,) = self.cloud.requests('POST')
        self.assertEqual({'member': {'server': 'db-1', 'wave': 2}}, seen.body)
        self.assertEqual(('db-1', 2), (shown['Name'], shown['Wave']))

    def test_refused_server_is_told_with_reasons_the_other_is_added(self):
        result = self.run_dr(
            'failover-group', 'add', 'server', 'shop', 'local-only', 'db-1'
        )
        self.assertEqual(1, result.code)
        self.assertIn('db-1', result.out)
        self.assertEqual(
            'server local-only: Server local-only cannot be protected: Volume '
            'scratch is in no protection group.\n'
            '  - volume scratch (7b0f5d1c-9c1e-4f7e-8a55-2d6f0c9b3e41): is in '
            'no protection group (not_replicated)\n'
            'Retype the volumes named so that all lie in one replicated '
            'protection group and none is encrypted. '
            '(aegis.member.ineligible, HTTP 409, req-7d1c5a3e-2b0f-4c8e-9a64-1f0e2d3c4b5a)\n',
            result.err,
        )

    def test_remove_by_name_by_server_id_and_by_member_id(self):
        for name in ('web-1', documents.SERVER_ID, documents.MEMBER_ID):
            self.cloud.members = [documents.member()]
            result = self.run_dr(
                'failover-group', 'remove', 'server', 'shop', name
            )
            self.assertEqual((0, ''), (result.code, result.err))
            self.assertEqual([], self.cloud.members)

    def test_remove_of_a_name_that_several_have_removes_none(self):
        self.cloud.members = [
            documents.member(),
            documents.member(id='another', server_id='another-server'),
        ]
        result = self.run_dr(
            'failover-group', 'remove', 'server', 'shop', 'web-1'
        )
        self.assertEqual(1, result.code)
        self.assertIn(f'{documents.MEMBER_ID}, another', result.err)
        self.assertEqual(2, len(self.cloud.members))

    def test_remove_of_an_unknown_server(self):
        result = self.run_dr(
            'failover-group', 'remove', 'server', 'shop', 'nothing'
        )
        self.assertEqual(1, result.code)
        self.assertIn('has no member nothing', result.err)
