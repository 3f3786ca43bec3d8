# SPDX-License-Identifier: Apache-2.0
"""Where everything lies below the state directory."""

import os
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass

TOOLS = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = TOOLS.parent
CONSTRAINTS = TOOLS / 'constraints-clouds.txt'
SIMULATOR = REPOSITORY / 'simulators' / 'flasharray'
NEUTRON_DRIVER = TOOLS / 'sites' / 'neutron_driver'


@dataclass(frozen=True)
class Layout:
    """Paths below one state directory."""

    root: pathlib.Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> 'Layout':
        """Follow AEGIS_STATE_DIR, else ~/.cache/aegis."""
        chosen = environment.get('AEGIS_STATE_DIR')
        root = (
            pathlib.Path(chosen)
            if chosen
            else pathlib.Path(os.path.expanduser('~/.cache/aegis'))
        )
        return cls(root.resolve())

    @property
    def clouds(self) -> pathlib.Path:
        return self.root / 'clouds'

    @property
    def lock(self) -> pathlib.Path:
        return self.clouds / 'lock'

    @property
    def seed(self) -> pathlib.Path:
        return self.clouds / 'seed'

    @property
    def home(self) -> pathlib.Path:
        return self.clouds / 'home'

    @property
    def records(self) -> pathlib.Path:
        return self.clouds / 'processes'

    @property
    def schemas(self) -> pathlib.Path:
        return self.clouds / 'schemas'

    @property
    def build_mark(self) -> pathlib.Path:
        return self.clouds / 'built'

    @property
    def pristine(self) -> pathlib.Path:
        return self.clouds / 'pristine'

    @property
    def database(self) -> pathlib.Path:
        return self.clouds / 'mariadb'

    @property
    def messaging(self) -> pathlib.Path:
        return self.clouds / 'rabbitmq'

    def site(self, site: str) -> pathlib.Path:
        return self.clouds / 'sites' / site

    def configuration(self, site: str, service: str) -> pathlib.Path:
        return self.site(site) / 'etc' / service

    def all_data(self, site: str) -> pathlib.Path:
        return self.site(site) / 'data'

    def data(self, site: str, service: str) -> pathlib.Path:
        return self.all_data(site) / service

    def logs(self, site: str) -> pathlib.Path:
        return self.site(site) / 'log'

    def array(self, site: str) -> pathlib.Path:
        return self.site(site) / 'array'

    def array_certificate(self, site: str) -> pathlib.Path:
        return self.array(site) / 'certificate.pem'

    @property
    def array_certificates(self) -> pathlib.Path:
        return self.clouds / 'arrays.pem'

    def isolation_mark(self, site: str) -> pathlib.Path:
        return self.site(site) / 'isolated'

    def create(self) -> None:
        """Make the state directory, readable by its owner only."""
        self.clouds.mkdir(parents=True, exist_ok=True)
        self.clouds.chmod(0o700)
        for path in (self.home, self.records, self.schemas):
            path.mkdir(parents=True, exist_ok=True)
