# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every Glance."""

import uuid

from aegis.common import exception
from aegis.tests.integration.contract import scaffolding


class ImagesContract(scaffolding.Scaffolding):
    """Images, for reading."""

    def test_an_image_is_found_by_name_as_by_id(self) -> None:
        glance = self.cloud.image

        (listed,) = glance.list_images(name=self.laboratory.image)

        self.assertEqual(listed, glance.get_image(listed.id))
        self.assertEqual(
            (self.laboratory.image, 'active'), (listed.name, listed.status)
        )
        self.assertIn(listed, glance.list_images())

    def test_an_unknown_image_is_not_found(self) -> None:
        glance = self.cloud.image

        self.assertRaises(
            exception.CloudNotFound, glance.get_image, str(uuid.uuid4())
        )
        self.assertEqual((), glance.list_images(name=self.name('none')))
