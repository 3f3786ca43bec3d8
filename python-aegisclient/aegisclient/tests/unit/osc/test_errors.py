# SPDX-License-Identifier: Apache-2.0
import unittest

from keystoneauth1 import exceptions as keystone_exceptions
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions as osc_exceptions

from aegisclient.osc import errors


class ClearErrorsTest(unittest.TestCase):
    def _text(self, error):
        with self.assertRaises(osc_exceptions.CommandError) as caught:
            with errors.clear_errors():
                raise error
        return str(caught.exception)

    def test_missing_endpoint_tells_where_to_look(self):
        text = self._text(
            keystone_exceptions.EndpointNotFound('public endpoint not found')
        )
        self.assertIn('no disaster recovery: public endpoint not found', text)
        self.assertIn('--os-region-name', text)

    def test_refused_connection_points_to_the_other_site(self):
        text = self._text(
            keystone_exceptions.ConnectFailure(
                'Unable to establish connection to http://x: HTTPConnection'
                'Pool(host=x): Max retries exceeded'
            )
        )
        self.assertIn('connection to http://x.\n', text)
        self.assertIn('the other site', text)

    def test_error_of_the_sdk_keeps_its_text(self):
        self.assertEqual(
            'no such thing',
            self._text(sdk_exceptions.NotFoundException('no such thing')),
        )

    def test_error_that_is_a_bug_is_not_hidden(self):
        with self.assertRaises(ZeroDivisionError):
            with errors.clear_errors():
                raise ZeroDivisionError
