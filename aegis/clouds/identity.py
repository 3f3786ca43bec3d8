# SPDX-License-Identifier: Apache-2.0
"""Keystone, as far as Aegis uses it: projects, and a sign of life.

A plain keystoneauth adapter: an SDK resource costs some 70 times the CPU of
the JSON it is made from.
"""

import urllib.parse
from collections.abc import Callable
from typing import Any

from keystoneauth1 import adapter

from aegis.clouds import errors, objects, paging

_SERVICE = 'keystone'


class Identity:
    """The projects of one site.

    :param authenticate: fetches a new token and throws it away.
    """

    def __init__(
        self,
        client: adapter.Adapter,
        site: str,
        authenticate: Callable[[], None],
    ):
        self._client = client
        self._authenticate = authenticate
        self.site = site

    def probe(self) -> None:
        """See whether the site's Keystone answers and knows Aegis.

        :raises aegis.common.exception.SiteUnreachable: when it does not
            answer.
        :raises aegis.common.exception.SiteAuthenticationFailed: when it
            refuses the configured credentials.
        """
        with errors.reaching(self.site):
            self._authenticate()

    def get_project(self, project_id: str) -> objects.Project:
        """A project by id. Two calls.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        """
        project = self._get(f'/projects/{project_id}')['project']
        domain = self._get(f'/domains/{project["domain_id"]}')['domain']
        return _project(project, domain)

    def find_project(self, name: str, domain_name: str) -> objects.Project:
        """A project by its name in a domain. Two calls.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        """
        domains = self._list('domains', {'name': domain_name})
        if not domains:
            raise errors.not_found(self.site, _SERVICE, 'domain', domain_name)
        projects = self._list(
            'projects', {'name': name, 'domain_id': domains[0]['id']}
        )
        if not projects:
            raise errors.not_found(
                self.site, _SERVICE, 'project', f'{domain_name}/{name}'
            )
        return _project(projects[0], domains[0])

    def _get(self, path: str) -> Any:
        return self._client.get(path).json()

    def _list(
        self, collection: str, query: paging.Query
    ) -> list[dict[str, Any]]:
        encoded = urllib.parse.urlencode(query)
        found: list[dict[str, Any]] = self._get(f'/{collection}?{encoded}')[
            collection
        ]
        return found


def _project(
    project: dict[str, Any], domain: dict[str, Any]
) -> objects.Project:
    return objects.Project(
        id=project['id'],
        name=project['name'],
        domain_id=domain['id'],
        domain_name=domain['name'],
        enabled=project['enabled'],
    )
