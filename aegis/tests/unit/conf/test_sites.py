# SPDX-License-Identifier: Apache-2.0
import tempfile

from oslo_config import cfg
from oslotest import base

from aegis.conf import sites

CONFIGURATION = """
[site:east]
auth_type = password
auth_url = https://keystone.example.org/v3
username = aegis
password = open-sesame
arrays = fa-1, fa-2
watch_interval = 0.5

[site:west]
auth_type = none-such
"""


class SitesTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
            file.write(CONFIGURATION)
            file.flush()
            self.conf = cfg.ConfigOpts()
            self.conf([], default_config_files=[file.name])
        for site in ('east', 'west', 'east'):
            sites.register_site_opts(self.conf, site)

    def test_each_site_has_a_section_of_its_own(self) -> None:
        east = self.conf[sites.group_name('east')]
        west = self.conf[sites.group_name('west')]

        self.assertEqual(
            (['fa-1', 'fa-2'], 0.5), (east.arrays, east.watch_interval)
        )
        self.assertEqual(([], 2.0), (west.arrays, west.watch_interval))

    def test_the_options_of_the_auth_type_are_known(self) -> None:
        self.assertEqual('aegis', self.conf['site:east'].username)

    def test_an_unknown_auth_type_does_no_harm_yet(self) -> None:
        self.assertEqual('none-such', self.conf['site:west'].auth_type)

    def test_the_password_is_a_secret(self) -> None:
        ((_, options),) = sites.list_opts()
        (password,) = [each for each in options if each.dest == 'password']

        self.assertTrue(password.secret)

    def test_options_that_would_do_nothing_are_not_offered(self) -> None:
        ((_, options),) = sites.list_opts()

        self.assertFalse(
            {'timeout', 'collect_timing'} & {each.dest for each in options}
        )
        self.assertNotIn('timeout', self.conf['site:east'])

    def test_an_api_version_has_to_look_like_one(self) -> None:
        self.conf.set_override('compute_api_version', '2.90', 'site:east')

        self.assertRaises(
            ValueError,
            self.conf.set_override,
            'compute_api_version',
            'latest',
            'site:east',
        )
