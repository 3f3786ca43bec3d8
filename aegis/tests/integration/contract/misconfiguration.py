# SPDX-License-Identifier: Apache-2.0
"""What a wrong line in aegis.conf leads to, at clouds that speak HTTP."""

import uuid
from collections.abc import Callable
from typing import Any

from aegis.clouds import factory
from aegis.common import exception


class MisconfigurationContract:
    """Mixed into a test case that can configure the clouds of ``site``."""

    site: str
    assertEqual: Callable[..., None]
    assertIn: Callable[..., None]
    assertNotIn: Callable[..., None]
    assertRaises: Callable[..., Any]

    def configured(self, **changes: Any) -> factory.Clouds:
        """The clouds, with other values in the sections of the sites."""
        raise NotImplementedError

    def known_project(self) -> str:
        """A project that Aegis can take a token for."""
        raise NotImplementedError

    def test_a_wrong_password_is_named_as_such(self) -> None:
        clouds = self.configured(password='wrong')  # noqa: S106

        error = self.assertRaises(
            exception.SiteAuthenticationFailed,
            clouds.identity(self.site).probe,
        )

        self.assertIn(f'[site:{self.site}]', error.remedy)
        self.assertNotIn('wrong', str(error))

    def test_a_closed_port_makes_the_site_unreachable(self) -> None:
        clouds = self.configured(auth_url='http://127.0.0.1:9/v3')

        self.assertRaises(
            exception.SiteUnreachable, clouds.identity(self.site).probe
        )

    def test_an_unknown_region_is_named_as_such(self) -> None:
        project = self.known_project()
        clouds = self.configured(region_name='nowhere')

        error = self.assertRaises(
            exception.CloudError,
            clouds.cloud(self.site, project).compute.list_servers,
        )

        self.assertIn('catalogue', str(error))

    def test_a_version_the_cloud_does_not_have_is_named_as_such(self) -> None:
        project = self.known_project()
        clouds = self.configured(volume_api_version='3.71')
        cloud = clouds.cloud(self.site, project)
        cloud.volume._client.client.default_microversion = '3.999'

        error = self.assertRaises(
            exception.CloudError, cloud.volume.list_volumes
        )

        self.assertIn('older than Aegis needs', error.remedy)
        self.assertEqual(406, error.details[0]['http_status'])

    def test_a_project_without_a_role_is_refused(self) -> None:
        clouds = self.configured()

        self.assertRaises(
            exception.SiteAuthenticationFailed,
            clouds.cloud(self.site, uuid.uuid4().hex).compute.list_servers,
        )
