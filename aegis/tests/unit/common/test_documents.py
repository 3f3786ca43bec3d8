# SPDX-License-Identifier: Apache-2.0
import dataclasses
import datetime
import json

from cattrs import errors
from hypothesis import given, settings
from hypothesis import strategies as st
from oslotest import base

from aegis import models
from aegis.clouds import objects
from aegis.common import documents

MOMENTS = st.datetimes(timezones=st.just(datetime.UTC))


class DocumentsTest(base.BaseTestCase):
    @settings(max_examples=25)
    @given(
        st.builds(
            objects.Server, created_at=MOMENTS, launched_at=st.none() | MOMENTS
        )
    )
    def test_a_server_survives_json(self, server: objects.Server) -> None:
        text = json.dumps(documents.to_document(server))

        self.assertEqual(
            server, documents.from_document(objects.Server, json.loads(text))
        )

    def test_enumerations_and_nested_things_survive_json(self) -> None:
        mapping = models.Mapping(models.MappedResource.FLAVOR, 'a', 'b')

        document = documents.to_document((mapping,))

        self.assertEqual(
            [{'resource_type': 'flavor', 'source': 'a', 'target': 'b'}],
            document,
        )
        self.assertEqual(
            (mapping,),
            documents.from_document(tuple[models.Mapping, ...], document),
        )

    def test_sets_become_lists(self) -> None:
        self.assertEqual(['a'], documents.to_document(frozenset({'a'})))

    def test_fields_of_another_release_do_no_harm(self) -> None:
        document = documents.to_document(objects.ServerGroup('i', 'n', 'p'))
        del document['members']
        document['new'] = 1

        self.assertEqual(
            objects.ServerGroup('i', 'n', 'p'),
            documents.from_document(objects.ServerGroup, document),
        )

    def test_a_document_of_something_else_is_refused(self) -> None:
        self.assertRaises(
            errors.BaseValidationError,
            documents.from_document,
            objects.Pair,
            {'key': 'a'},
        )

    def test_a_secondary_fact_is_not_lost(self) -> None:
        rule = objects.SecurityGroupRule(
            'ingress', 'IPv4', None, None, None, None, None, '', id='r1'
        )

        document = documents.to_document(rule)

        self.assertEqual('r1', document['id'])
        self.assertEqual(
            {field.name for field in dataclasses.fields(rule)}, set(document)
        )
