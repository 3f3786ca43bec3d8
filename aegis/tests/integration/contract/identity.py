# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every Keystone."""

import uuid

from aegis.common import exception
from aegis.tests.integration.contract import scaffolding


class IdentityContract(scaffolding.Scaffolding):
    """Projects, and a sign of life."""

    def test_a_project_is_found_by_name_as_by_id(self) -> None:
        identity = self.laboratory.clouds.identity(self.laboratory.site)
        by_id = identity.get_project(self.laboratory.project_id)

        by_name = identity.find_project(by_id.name, by_id.domain_name)

        self.assertEqual(by_id, by_name)

    def test_an_unknown_project_is_not_found(self) -> None:
        identity = self.laboratory.clouds.identity(self.laboratory.site)
        known = identity.get_project(self.laboratory.project_id)

        for wanted in (('none', known.domain_name), (known.name, 'none')):
            self.assertRaises(
                exception.CloudNotFound, identity.find_project, *wanted
            )
        self.assertRaises(
            exception.CloudNotFound, identity.get_project, uuid.uuid4().hex
        )

    def test_a_site_that_answers_passes_the_probe(self) -> None:
        self.laboratory.clouds.identity(self.laboratory.site).probe()
