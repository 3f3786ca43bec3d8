# SPDX-License-Identifier: Apache-2.0
"""A test case that talks to one array as clients do."""

from typing import Any

import requests
from pypureclient import flasharray

from tests import support
from tests.answers import Answers


class ClientCase(support.OneArrayCase, Answers):
    def volume(self, name: str, size: int = support.GIB) -> Any:
        return self.good(
            self.client.post_volumes(
                names=[name],
                volume=flasharray.VolumePost(provisioned=size),
                with_default_protection=False,
            )
        )[0]

    def destroy(self, name: str) -> None:
        self.good(
            self.client.patch_volumes(
                names=[name], volume=flasharray.VolumePatch(destroyed=True)
            )
        )

    def copy(self, source: str, target: str, **options: Any) -> Any:
        return self.client.post_volumes(
            names=[target],
            volume=flasharray.VolumePost(
                source=flasharray.Reference(name=source)
            ),
            **options,
        )

    def raw(
        self, method: str, path: str, version: str = '2.42', **options: Any
    ) -> Any:
        """Call without the client library, with its session."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.array.certificate
        self.addCleanup(session.close)
        url = f'https://{self.array.target}/api/{version}'
        token = session.post(
            f'{url}/login', headers={'api-token': self.array.token}
        ).headers['x-auth-token']
        return session.request(
            method,
            f'{url}/{path}',
            headers={'x-auth-token': token, 'X-Request-ID': 'id-1'},
            **options,
        )

    def raw_without_login(self, method: str, path: str) -> Any:
        """Call without a session."""
        return requests.request(
            method,
            f'https://{self.array.target}/api/2.42/{path}',
            verify=self.array.certificate,
            timeout=30,
        )
