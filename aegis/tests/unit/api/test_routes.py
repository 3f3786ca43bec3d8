# SPDX-License-Identifier: Apache-2.0
"""Promises that every route keeps, found by walking the controllers."""

import json

import fixtures
import jsonschema
import openapi_spec_validator
from oslo_policy import policy as oslo_policy

from aegis import policies
from aegis.api import contract as api_contract
from aegis.api import decorators, openapi, root, routes
from aegis.tests import base
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base as api_base

# What cannot be closed, and why it may not be.
_OPEN = {
    'report': 'each type of operation says something else',
    'service_seconds': 'the keys are services',
    'root': 'an OpenAPI document is described by OpenAPI',
}


def _routes() -> list[routes.Route]:
    return routes.walk(root.RootController())


def _open_objects(schema, name='root'):
    if isinstance(schema, dict):
        if 'object' in schema.get('type', ()) and (
            schema.get('additionalProperties') is not False
        ):
            yield name
        for key, value in schema.items():
            inner = name if key in ('items', 'properties') else key
            yield from _open_objects(value, inner)
    elif isinstance(schema, list):
        for value in schema:
            yield from _open_objects(value, name)


class RoutesTest(base.TestCase):
    def test_the_walk_finds_the_api(self):
        found = {(route.method, route.path) for route in _routes()}
        for expected in (
            ('GET', '/'),
            ('GET', '/v1'),
            ('GET', '/v1/openapi.json'),
            ('PATCH', '/v1/failover-groups/{group_id}'),
            ('DELETE', '/v1/failover-groups/{group_id}/members/{member_id}'),
            ('GET', '/v1/failover-groups/{group_id}/recovery-points'),
            ('POST', '/v1/failover-groups/{group_id}/operations'),
            ('POST', '/v1/operations/{operation_id}/retry'),
            ('GET', '/v1/operations/{operation_id}/steps'),
        ):
            self.assertIn(expected, found)

    def test_every_route_has_a_contract(self):
        for route in _routes():
            self.assertIsNotNone(route.contract, route.name)
            self.assertTrue(route.contract.summary, route.name)

    def test_every_route_that_answers_has_a_response_schema(self):
        for route in _routes():
            if route.contract.status != 204:
                self.assertIsNotNone(route.contract.response, route.name)

    def test_every_route_with_a_change_has_a_body_schema(self):
        for route in _routes():
            if route.method == 'PATCH' or (
                route.method == 'POST'
                and not route.path.endswith('}/retry')
                and not route.path.endswith('}/cancel')
            ):
                self.assertIsNotNone(route.contract.body, route.name)

    def test_no_schema_lets_unknown_properties_through(self):
        for route in _routes():
            contract = route.contract
            for schema in (contract.query, contract.body, contract.response):
                for name in _open_objects(schema or {}):
                    self.assertIn(name, _OPEN, route.name)

    def test_every_schema_is_one_of_2020_12(self):
        for route in _routes():
            contract = route.contract
            for schema in (contract.query, contract.body, contract.response):
                jsonschema.Draft202012Validator.check_schema(schema or {})

    def test_every_route_is_public_or_under_a_documented_policy(self):
        documented = {
            rule.name: rule
            for rule in policies.list_rules()
            if isinstance(rule, oslo_policy.DocumentedRuleDefault)
        }
        for route in _routes():
            if route.contract.public:
                continue
            for name in route.contract.policies:
                operations = documented[name].operations
                self.assertIn(
                    {'method': route.method, 'path': route.path},
                    operations,
                    name,
                )

    def test_every_policy_is_enforced_at_the_routes_it_names(self):
        enforced = {
            (name, route.method, route.path)
            for route in _routes()
            for name in route.contract.policies
        }
        for rule in policies.list_rules():
            for operation in getattr(rule, 'operations', ()):
                self.assertIn(
                    (rule.name, operation['method'], operation['path']),
                    enforced,
                )

    def test_only_what_tells_of_the_api_is_public(self):
        public = {route.path for route in _routes() if route.contract.public}
        self.assertEqual({'/', '/v1', '/v1/openapi.json'}, public)


class ContractTest(base.TestCase):
    def test_a_method_without_schemas_cannot_be_exposed(self):
        def method(self):
            """Do it."""

        self.assertRaises(
            RuntimeError, decorators.expose('aegis:site:read'), method
        )

    def test_a_method_without_a_policy_cannot_be_exposed(self):
        @decorators.validate()
        def method(self):
            """Do it."""

        self.assertRaises(RuntimeError, decorators.expose(), method)

    def test_a_method_is_not_public_and_under_a_policy(self):
        @decorators.validate()
        def method(self):
            """Do it."""

        self.assertRaises(
            RuntimeError,
            decorators.expose('aegis:site:read', public=True),
            method,
        )


class OpenApiTest(api_base.ApiTestCase):
    def test_the_document_is_valid(self):
        document = self.get('/v1/openapi.json', persona=None)
        openapi_spec_validator.validate(document)
        self.assertEqual('3.1.0', document['openapi'])

    def test_the_document_has_every_route(self):
        document = self.get('/v1/openapi.json', persona=None)
        described = {
            (method.upper(), path)
            for path, item in document['paths'].items()
            for method in item
        }
        self.assertEqual(
            {(route.method, route.path) for route in _routes()}, described
        )

    def test_an_error_is_as_described(self):
        document = self.get('/v1/openapi.json', persona=None)
        content = document['components']['responses']['Error']['content']
        response = self.request('GET', '/nothing', expect=404)
        jsonschema.Draft202012Validator(
            content['application/json']['schema']
        ).validate(response.json)

    def test_a_route_without_a_contract_is_a_mistake(self):
        route = routes.Route('GET', '/x', 'x', None)
        self.assertRaises(ValueError, openapi.document, [route])

    def test_operation_ids_are_unique(self):
        document = json.dumps(openapi.document(_routes()))
        ids = [
            operation['operationId']
            for item in json.loads(document)['paths'].values()
            for operation in item.values()
        ]
        self.assertEqual(len(ids), len(set(ids)))


class ResponseValidationTest(api_base.ApiTestCase):
    def _break(self) -> None:
        self.engine.points = [
            {
                'id': 'not-a-uuid',
                'group_id': 'g',
                'created_at': '2026-01-02T03:00:00+00:00',
                'completed_at': '2026-01-02T03:00:00+00:00',
                'age_seconds': 1.0,
                'size_bytes': -1,
                'volume_count': 1,
            }
        ]

    def setUp(self) -> None:
        super().setUp()
        self._break()
        group = samples.create_group(self.context)
        self.path = f'/v1/failover-groups/{group.id}/recovery-points'

    def test_a_broken_response_is_an_error_where_that_is_wanted(self):
        error = self.error(500, 'GET', self.path)
        self.assertEqual('aegis.internal', error['code'])

    def test_a_broken_response_is_logged_and_sent_by_default(self):
        logger = self.useFixture(fixtures.FakeLogger('aegis.api'))
        self.config(group='api', response_validation='warn')
        self.get(self.path)
        self.assertIn('breaks its schema', logger.output)

    def test_a_broken_response_is_sent_if_nobody_cares(self):
        self.config(group='api', response_validation='ignore')
        self.get(self.path)


class PolicyChoiceTest(base.TestCase):
    def test_a_public_method_has_no_policy(self):
        contract = api_contract.Contract(
            status=200,
            public=True,
            policies=(),
            choose=None,
            query={},
            body=None,
            response=None,
            summary='',
        )
        self.assertIsNone(contract.policy_for({}, None))
