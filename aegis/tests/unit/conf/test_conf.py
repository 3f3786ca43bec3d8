# SPDX-License-Identifier: Apache-2.0
import pathlib

import fixtures
from oslo_config import cfg, generator
from oslo_log import log as logging
from oslo_middleware.healthcheck import opts as healthcheck_opts

from aegis import conf as aegis_conf
from aegis.conf import opts
from aegis.tests import base


class SetupTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.fresh = cfg.ConfigOpts()
        self.useFixture(fixtures.MockPatchObject(logging, 'setup'))
        directory = self.useFixture(fixtures.TempDir()).path
        self.file = pathlib.Path(directory) / 'aegis.conf'

    def _setup(self, text: str) -> cfg.ConfigOpts:
        self.file.write_text(text)
        return aegis_conf.setup([], self.fresh, [str(self.file)])

    def test_sites_and_arrays_get_their_sections(self):
        conf = self._setup(
            '[DEFAULT]\n'
            'sites = east\n'
            '[site:east]\n'
            'region_name = RegionEast\n'
            'arrays = fa-east\n'
            '[array:fa-east]\n'
            'driver = noop\n'
        )
        self.assertEqual('RegionEast', conf['site:east'].region_name)
        self.assertEqual('noop', conf['array:fa-east'].driver)

    def test_nothing_is_registered_at_import(self):
        self.assertNotIn('local_site', self.fresh)

    def test_a_driver_that_is_not_there_is_an_error_of_the_configuration(
        self,
    ):
        error = self.assertRaises(
            cfg.Error,
            self._setup,
            '[DEFAULT]\n'
            'sites = east\n'
            '[site:east]\n'
            'arrays = fa-east\n'
            '[array:fa-east]\n'
            'driver = floppy\n',
        )
        self.assertIn('floppy', str(error))
        self.assertIn('config check', str(error))

    def test_the_health_check_asks_the_database_by_default(self):
        conf = self._setup('')
        conf.register_opts(
            healthcheck_opts.HEALTHCHECK_OPTS, group='healthcheck'
        )
        self.assertEqual(['aegis_database'], conf.healthcheck.backends)

    def test_tokens_and_bodies_stay_out_of_the_log(self):
        levels = dict(item.split('=') for item in aegis_conf._QUIET_LOGGERS)
        for name in ('keystoneauth', 'novaclient', 'cinderclient', 'urllib3'):
            self.assertEqual('WARNING', levels[name])


class ListOptsTest(base.TestCase):
    def _sections(self) -> dict[str, list[cfg.Opt]]:
        return {
            getattr(group, 'name', group): options
            for group, options in opts.list_opts()
        }

    def test_every_section_is_listed(self):
        self.assertLessEqual(
            {
                'DEFAULT',
                'api',
                'engine',
                'failover',
                'site:<name>',
                'array:<label>',
            },
            set(self._sections()),
        )

    def test_every_option_of_ours_has_a_help(self):
        for group, options in self._sections().items():
            for option in options:
                self.assertTrue(option.help, f'{group}.{option.name}')

    def test_what_is_secret_is_marked(self):
        for group, options in self._sections().items():
            for option in options:
                if any(
                    word in option.name
                    for word in ('password', 'token', 'secret')
                ) and not option.name.endswith(('_file', '_interval')):
                    self.assertTrue(option.secret, f'{group}.{option.name}')

    def test_a_sample_can_be_generated(self):
        directory = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(directory) / 'aegis.conf.sample'
        conf = cfg.ConfigOpts()
        generator.register_cli_opts(conf)
        conf(
            ['--namespace', 'aegis', '--output-file', str(path)],
            default_config_files=[],
            default_config_dirs=[],
        )
        generator.generate(conf)
        text = path.read_text()
        for line in ('[site:<name>]', '[array:<label>]', '#local_site ='):
            self.assertIn(line, text)
