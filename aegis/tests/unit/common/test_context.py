# SPDX-License-Identifier: Apache-2.0
from oslo_context import context as oslo_context

from aegis.common import context
from aegis.tests import base


class RequestContextTest(base.TestCase):
    def test_the_serial_form_has_no_token(self):
        asked = base.request_context(
            auth_token='secret', service_token='secret'
        )
        self.assertNotIn('secret', str(asked.to_dict()))

    def test_the_serial_form_keeps_who_asks_for_what(self):
        asked = base.request_context(
            global_request_id='req-00000000-0000-0000-0000-000000000001'
        )
        read = context.RequestContext.from_dict(
            asked.to_dict(), overwrite=False
        )
        for name in (
            'user_id',
            'project_id',
            'roles',
            'request_id',
            'global_request_id',
            'is_admin',
        ):
            self.assertEqual(getattr(asked, name), getattr(read, name), name)

    def test_the_context_of_aegis_itself_goes_on_with_a_request(self):
        own = context.admin_context('req-1')
        self.assertTrue(own.is_admin)
        self.assertEqual('req-1', own.request_id)

    def test_the_current_context_changes_only_when_asked(self):
        current = context.admin_context(overwrite=True)
        context.admin_context()
        self.assertIs(current, oslo_context.get_current())
