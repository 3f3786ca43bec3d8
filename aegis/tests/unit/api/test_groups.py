# SPDX-License-Identifier: Apache-2.0
import urllib.parse

import ddt
from oslo_utils import uuidutils

from aegis import models
from aegis.common import exception
from aegis.db import groups
from aegis.tests import base as tests_base
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base

PATH = '/v1/failover-groups'

MAPPING = {'resource_type': 'network', 'source': 'blue', 'target': 'green'}


def _body(**values):
    return {
        'failover_group': {
            'name': 'finance',
            'protected_site': 'east',
            **values,
        }
    }


@ddt.ddt
class CreateGroupTest(base.ApiTestCase):
    def test_a_group_is_created_and_shown(self):
        response = self.request(
            'POST',
            PATH,
            _body(
                recovery_site='west',
                description='all of it',
                on_member_failure='stop',
                mappings=[MAPPING],
            ),
            expect=201,
        )
        group = response.json['failover_group']
        self.assertEqual('finance', group['name'])
        self.assertEqual('all of it', group['description'])
        self.assertEqual('stop', group['on_member_failure'])
        self.assertEqual([MAPPING], group['mappings'])
        self.assertEqual('unprotected', group['state'])
        self.assertEqual(tests_base.PROJECT_ID, group['project_id'])
        self.assertEqual(0, group['member_count'])
        shown = self.get(urllib.parse.urlsplit(response.location).path)
        self.assertEqual({'failover_group': group}, shown)

    def test_synchronous_replication_is_refused(self):
        response = self.request(
            'POST', PATH, _body(replication_type='sync'), expect=400
        )
        (error,) = response.json['errors']
        self.assertEqual('aegis.request.invalid', error['code'])
        self.assertIn('synchronous', error['detail'])

    def test_the_recovery_site_is_the_local_one_by_default(self):
        response = self.request('POST', PATH, _body(), expect=201)
        self.assertEqual(
            'west', response.json['failover_group']['recovery_site']
        )

    def test_the_engine_finds_the_project_at_the_protected_site(self):
        response = self.request(
            'POST', PATH, _body(mappings=[MAPPING]), expect=201
        )
        self.assertEqual(['east'], self.engine.resolved)
        group = groups.get_group(
            self.context, response.json['failover_group']['id']
        )
        self.assertEqual(
            samples.PROTECTED_PROJECT_ID, group.protected_project_id
        )

    def test_without_an_engine_nothing_is_created(self):
        self.engine.error = base.ENGINE_DOWN
        error = self.error(503, 'POST', PATH, _body())
        self.assertEqual('aegis.engine.unavailable', error['code'])
        self.assertEqual([], groups.list_groups(self.context))

    def test_an_error_of_the_engine_passes_through(self):
        self.engine.error = exception.NotFound(
            resource='project', name='p', details=[{'site': 'east'}]
        )
        error = self.error(404, 'POST', PATH, _body())
        self.assertEqual([{'site': 'east'}], error['details'])

    def test_a_taken_name_is_a_conflict(self):
        samples.create_group(self.context, 'finance')
        error = self.error(409, 'POST', PATH, _body())
        self.assertEqual('aegis.failover_group.exists', error['code'])

    @ddt.data(
        ({'protected_site': 'north'}, 'no site north'),
        ({'protected_site': 'west'}, 'the same'),
        (
            {'protected_site': 'west', 'recovery_site': 'east'},
            'recovers to its own site, west',
        ),
        ({'mappings': [MAPPING, {**MAPPING, 'target': 'red'}]}, 'than once'),
    )
    @ddt.unpack
    def test_what_makes_no_sense_is_refused(self, values, reason):
        error = self.error(400, 'POST', PATH, _body(**values))
        self.assertIn(reason, error['detail'])
        self.assertEqual([], groups.list_groups(self.context))

    @ddt.data(
        {'name': ''},
        {'name': ' x'},
        {'name': 'x\n'},
        {'name': 'x' * 256},
        {'name': 7},
        {'name': 'x\0'},
        {'unknown': 'x'},
        {'project_id': 'x'},
        {'replication_type': 'maybe'},
        {'mappings': [{**MAPPING, 'resource_type': 'project'}]},
        {'mappings': [{'resource_type': 'network', 'source': 'x'}]},
        {'description': 'x' * 1025},
    )
    def test_what_breaks_the_schema_is_refused(self, values):
        error = self.error(400, 'POST', PATH, _body(**values))
        self.assertEqual('aegis.request.invalid', error['code'])

    def test_everything_wrong_is_told_at_once(self):
        error = self.error(400, 'POST', PATH, {'failover_group': {'name': ''}})
        self.assertEqual(2, len(error['details']))


@ddt.ddt
class ListGroupsTest(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        for name in ('a', 'b', 'c'):
            samples.create_group(self.context, name)
        other = tests_base.request_context(tests_base.OTHER_PROJECT_ID)
        samples.create_group(other, 'other')

    def _names(self, query: str = '', **arguments) -> list[str]:
        found = self.get(f'{PATH}?{query}', **arguments)
        return [group['name'] for group in found['failover_groups']]

    def test_a_project_sees_its_own(self):
        self.assertEqual(['c', 'b', 'a'], self._names())

    def test_an_administrator_sees_the_own_project_first(self):
        self.assertEqual(['c', 'b', 'a'], self._names(persona='admin'))

    def test_an_administrator_sees_all_projects_when_asking(self):
        names = self._names('all_projects=true&sort=name', persona='admin')
        self.assertEqual(['a', 'b', 'c', 'other'], names)

    def test_an_administrator_chooses_a_project(self):
        names = self._names(
            f'all_projects=true&project_id={tests_base.OTHER_PROJECT_ID}',
            persona='admin',
        )
        self.assertEqual(['other'], names)

    def test_another_project_needs_all_projects(self):
        path = f'{PATH}?project_id={tests_base.OTHER_PROJECT_ID}'
        self.error(400, 'GET', path)

    def test_nobody_else_sees_all_projects(self):
        path = f'{PATH}?all_projects=true'
        self.error(403, 'GET', path, persona='manager')

    def test_a_group_is_found_by_its_name(self):
        self.assertEqual(['b'], self._names('name=b'))

    def test_a_filter_that_nothing_matches_gives_nothing(self):
        self.assertEqual([], self._names('state=failed_over'))

    @ddt.data('name:asc', 'name:desc', 'state,name', 'created_at')
    def test_following_the_links_shows_everything_once(self, sort):
        whole = self._names(f'sort={sort}')
        names, path = [], f'{PATH}?limit=2&sort={sort}'
        while path:
            page = self.get(path)
            names += [group['name'] for group in page['failover_groups']]
            links = page['failover_groups_links']
            parts = urllib.parse.urlsplit(links[0]['href'] if links else '')
            path = links and f'{parts.path}?{parts.query}'
        self.assertEqual(whole, names)
        self.assertEqual(3, len(names))

    def test_the_last_page_has_no_link(self):
        page = self.get(f'{PATH}?limit=3')
        self.assertEqual([], page['failover_groups_links'])

    def test_links_repeat_the_query_and_the_public_endpoint(self):
        self.config(group='api', public_endpoint='https://dr.example.org/')
        page = self.get(f'{PATH}?limit=1&all_projects=true', persona='admin')
        (link,) = page['failover_groups_links']
        self.assertTrue(
            link['href'].startswith(
                'https://dr.example.org/v1/failover-groups?limit=1'
                '&all_projects=true&marker='
            ),
            link,
        )

    def test_no_page_is_larger_than_the_operator_allows(self):
        self.config(group='api', max_limit=2)
        self.assertEqual(2, len(self._names('limit=100')))
        self.assertEqual(2, len(self._names()))

    @ddt.data(
        'limit=0',
        'limit=x',
        'limit=-1',
        'limit=' + '9' * 5000,
        'limit=1&limit=2',
        'marker=x',
        'sort=description',
        'sort=name:up',
        'sort=',
        'unknown=1',
        'state=unheard-of',
        'name=%00',
        'all_projects=perhaps',
        '_method=delete',
    )
    def test_a_query_that_is_not_allowed_is_refused(self, query):
        error = self.error(400, 'GET', f'{PATH}?{query}')
        self.assertEqual('aegis.request.invalid', error['code'])

    def test_an_unknown_marker_is_refused(self):
        marker = uuidutils.generate_uuid()
        self.error(400, 'GET', f'{PATH}?marker={marker}')


@ddt.ddt
class OneGroupTest(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context)
        self.path = f'{PATH}/{self.group.id}'

    def test_a_group_counts_its_members(self):
        samples.add_member(self.context, self.group.id)
        group = self.get(self.path)['failover_group']
        self.assertEqual(1, group['member_count'])
        self.assertEqual('protected', group['state'])

    def test_times_are_utc(self):
        group = self.get(self.path)['failover_group']
        self.assertRegex(group['created_at'], r'^\d{4}-.*T.*\.\d{6}Z$')

    def test_the_response_carries_the_revision(self):
        response = self.request('GET', self.path, expect=200)
        self.assertEqual('"1"', response.headers['ETag'])

    def test_a_change_is_shown_and_raises_the_revision(self):
        body = {'failover_group': {'name': 'new', 'mappings': [MAPPING]}}
        response = self.request('PATCH', self.path, body, expect=200)
        self.assertEqual('new', response.json['failover_group']['name'])
        self.assertEqual('"2"', response.headers['ETag'])
        self.assertEqual(response.json, self.get(self.path))

    @ddt.data('"1"', '1', 'W/"1"', '*')
    def test_a_change_of_the_revision_one_has_read(self, revision):
        self.request(
            'PATCH',
            self.path,
            {'failover_group': {'description': 'new'}},
            headers={'If-Match': revision},
            expect=200,
        )

    def test_a_change_of_another_revision_is_refused(self):
        error = self.error(
            412,
            'PATCH',
            self.path,
            {'failover_group': {'description': 'new'}},
            headers={'If-Match': '"7"'},
        )
        self.assertEqual('aegis.revision_conflict', error['code'])

    def test_a_revision_that_is_none_is_refused(self):
        self.error(
            400,
            'PATCH',
            self.path,
            {'failover_group': {}},
            headers={'If-Match': 'abc'},
        )

    @ddt.data('protected_site', 'state', 'epoch', 'project_id', 'revision')
    def test_what_a_client_may_not_change_is_refused(self, name):
        self.error(400, 'PATCH', self.path, {'failover_group': {name: 'x'}})

    def test_an_empty_group_is_deleted(self):
        response = self.request('DELETE', self.path, expect=204)
        self.assertEqual(b'', response.body)
        self.error(404, 'GET', self.path)

    def test_a_group_with_members_stays(self):
        samples.add_member(self.context, self.group.id)
        error = self.error(409, 'DELETE', self.path)
        self.assertEqual('aegis.failover_group.in_use', error['code'])

    def test_a_busy_group_stays(self):
        samples.running_operation(self.context, self.group)
        error = self.error(409, 'DELETE', self.path)
        self.assertEqual('aegis.failover_group.busy', error['code'])

    @ddt.data('unknown', '%00', '%ff', 'x' * 300, '..%2f..')
    def test_a_group_that_is_none_is_not_found(self, name):
        self.error(404, 'GET', f'{PATH}/{name}')

    def test_nothing_of_the_arrays_is_shown(self):
        groups.update_group(
            self.admin,
            self.group.id,
            {'replication_array': 'fa-east', 'replication_group': 'pg-7'},
        )
        response = self.request('GET', self.path, expect=200)
        self.assertNotIn('fa-east', response.text)
        self.assertNotIn('pg-7', response.text)

    def test_every_state_can_be_shown(self):
        for state in models.GroupState:
            groups.update_group(self.admin, self.group.id, {'state': state})
            group = self.get(self.path)['failover_group']
            self.assertEqual(state, group['state'])
