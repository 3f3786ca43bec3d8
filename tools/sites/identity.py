# SPDX-License-Identifier: Apache-2.0
"""Fill a new Keystone: services, endpoints, service users and tenants."""

from dataclasses import dataclass

from sites import context, plan, rest


@dataclass(frozen=True)
class Service:
    """A service in the catalogue; ``suffix`` follows the API's root."""

    name: str
    type: str
    suffix: str = ''


CATALOGUE = (
    Service('placement', 'placement'),
    Service('glance', 'image'),
    Service('nova', 'compute', '/v2.1'),
    Service('neutron', 'network'),
    Service('cinder', 'block-storage', '/v3'),
    Service('aegis', 'disaster-recovery'),
)
INTERFACES = ('public', 'internal', 'admin')


def fill(here: context.Context) -> None:
    """Make everything in a Keystone that was only bootstrapped."""
    cloud = rest.log_in(here.administrator())
    roles = {
        role['name']: role['id']
        for role in cloud.list('identity', '/roles', 'roles')
    }
    _Filler(here, cloud, roles).fill()


@dataclass(frozen=True)
class _Filler:
    here: context.Context
    cloud: rest.Cloud
    roles: dict[str, str]

    def fill(self) -> None:
        self._register_services()
        tenants = self._create_domain(plan.TENANT_DOMAIN)
        self._create_service_users(tenants)
        self._create_tenants(tenants)

    def _register_services(self) -> None:
        for service in CATALOGUE:
            made = self._create(
                'service', {'name': service.name, 'type': service.type}
            )
            for interface in INTERFACES:
                self._create(
                    'endpoint',
                    {
                        'service_id': made,
                        'interface': interface,
                        'region_id': self.here.site.region,
                        'url': (
                            self.here.site.url(service.name) + service.suffix
                        ),
                    },
                )

    def _create_service_users(self, tenants: str) -> None:
        domain = self._create_domain(plan.SERVICE_DOMAIN)
        project = self._create_project(plan.SERVICE_PROJECT, domain)
        for name in (*plan.SERVICE_USERS, plan.AEGIS_USER):
            user = self._create_user(
                name, domain, self.here.service_password(name)
            )
            self._grant(project, user, 'admin')
            self._grant(project, user, 'service')
            if name == plan.AEGIS_USER:
                self._grant_inherited(tenants, user, 'admin')

    def _create_tenants(self, domain: str) -> None:
        people = {
            name: self._create_user(
                name, domain, self.here.user_password(name)
            )
            for name in plan.users()
        }
        for tenant in plan.TENANTS:
            project = self._create_project(tenant.project, domain)
            for name in tenant.members:
                self._grant(project, people[name], 'member')
                self._grant(project, people[name], 'manager')
            for name in tenant.readers:
                self._grant(project, people[name], 'reader')

    def _create_domain(self, name: str) -> str:
        return self._create('domain', {'name': name})

    def _create_project(self, name: str, domain: str) -> str:
        return self._create('project', {'name': name, 'domain_id': domain})

    def _create_user(self, name: str, domain: str, password: str) -> str:
        return self._create(
            'user', {'name': name, 'domain_id': domain, 'password': password}
        )

    def _create(self, kind: str, body: rest.Body) -> str:
        made = self.cloud.post('identity', f'/{kind}s', {kind: body})
        identifier: str = made[kind]['id']
        return identifier

    def _grant(self, project: str, user: str, role: str) -> None:
        self.cloud.put(
            'identity',
            f'/projects/{project}/users/{user}/roles/{self.roles[role]}',
        )

    def _grant_inherited(self, domain: str, user: str, role: str) -> None:
        self.cloud.put(
            'identity',
            f'/OS-INHERIT/domains/{domain}/users/{user}/roles/'
            f'{self.roles[role]}/inherited_to_projects',
        )
