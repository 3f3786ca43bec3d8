# SPDX-License-Identifier: Apache-2.0
"""The plan: names, addresses and ports of everything, fixed and pure.

Nothing has a default name, region, domain or port where another one can
be chosen, so that nothing that uses these sites can rely on defaults.
"""

from dataclasses import dataclass

SHARED_ADDRESS = '127.0.60.1'
DATABASE_PORT = 21306
MESSAGING_PORT = 21672
MESSAGING_CLUSTER_PORT = 21673
MESSAGING_MAPPER_PORT = 21674

API_OFFSETS = {
    'keystone': 10,
    'placement': 20,
    'glance': 30,
    'nova': 40,
    'neutron': 50,
    'cinder': 60,
    'aegis': 70,
}


@dataclass(frozen=True)
class Array:
    """One simulated array; every port is on the array's own address."""

    name: str
    address: str
    port: int = 8443
    door_port: int = 9443
    replication_port: int = 7443

    @property
    def management(self) -> str:
        return f'{self.address}:{self.port}'

    @property
    def replication(self) -> str:
        return f'{self.address}:{self.replication_port}'

    @property
    def door(self) -> str:
        return f'http://{self.address}:{self.door_port}'


@dataclass(frozen=True)
class Network:
    """The external network's subnet, from which floating IPs come."""

    name: str
    cidr: str
    gateway: str
    first: str
    last: str


@dataclass(frozen=True)
class Site:
    """One OpenStack site."""

    name: str
    region: str
    address: str
    first_port: int
    availability_zone: str
    compute_host: str
    volume_host: str
    array: Array
    public: Network

    def port(self, service: str) -> int:
        """Return the port of a service's API at this site."""
        return self.first_port + API_OFFSETS[service]

    def url(self, service: str) -> str:
        """Return the root of a service's API at this site."""
        return f'http://{self.address}:{self.port(service)}'

    @property
    def auth_url(self) -> str:
        return self.url('keystone') + '/v3'


@dataclass(frozen=True)
class Backend:
    """A Cinder backend; ``project`` None: for all, not replicated."""

    section: str
    backend_name: str
    volume_type: str
    project: str | None

    def protection_group(self, site: Site) -> str | None:
        """Return the name of its protection group on the site's array."""
        return f'{self.project}-{site.name}' if self.project else None


@dataclass(frozen=True)
class Tenant:
    """A project and who may do what in it."""

    project: str
    members: tuple[str, ...]
    readers: tuple[str, ...]


EAST = Site(
    name='east',
    region='east-1',
    address='127.0.61.1',
    first_port=21000,
    availability_zone='east-1a',
    compute_host='compute-e1',
    volume_host='storage-e1',
    array=Array('fa-east', '127.0.61.10'),
    public=Network(
        'public',
        '198.18.61.0/24',
        '198.18.61.1',
        '198.18.61.20',
        '198.18.61.250',
    ),
)
WEST = Site(
    name='west',
    region='west-2',
    address='127.0.62.1',
    first_port=22000,
    availability_zone='west-2a',
    compute_host='compute-w1',
    volume_host='storage-w1',
    array=Array('fa-west', '127.0.62.10'),
    public=Network(
        'public',
        '198.18.62.0/24',
        '198.18.62.1',
        '198.18.62.20',
        '198.18.62.250',
    ),
)
SITES = (EAST, WEST)

BACKENDS = (
    Backend('finance', 'pure-finance', 'finance-async', 'finance'),
    Backend('retail', 'pure-retail', 'retail-async', 'retail'),
    Backend('local', 'pure-local', 'local', None),
)

ADMIN_DOMAIN = 'Default'
ADMIN_USER = 'operator'
ADMIN_PROJECT = 'operations'
SERVICE_DOMAIN = 'infrastructure'
SERVICE_PROJECT = 'services'
TENANT_DOMAIN = 'acme'
TENANTS = (
    Tenant('finance', members=('fiona',), readers=('olga',)),
    Tenant('retail', members=('rita',), readers=()),
)
SERVICE_USERS = ('placement', 'glance', 'nova', 'neutron', 'cinder')
AEGIS_USER = 'aegis'

DATABASES = (
    'keystone',
    'placement',
    'glance',
    'nova_api',
    'nova_cell0',
    'nova',
    'neutron',
    'cinder',
    'aegis',
)


def find_site(name: str) -> Site:
    """Return the site of that name; raise KeyError if there is none."""
    for site in SITES:
        if site.name == name:
            return site
    raise KeyError(name)


def peer_of(site: Site) -> Site:
    """Return the other site."""
    return WEST if site is EAST else EAST


def database(site: Site, name: str) -> str:
    """Return the name of a service's database at a site."""
    return f'{site.name}_{name}'


def users() -> tuple[str, ...]:
    """Return all users of the tenants' domain."""
    return tuple(
        sorted(
            {
                user
                for tenant in TENANTS
                for user in tenant.members + tenant.readers
            }
        )
    )
