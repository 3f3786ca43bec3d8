# SPDX-License-Identifier: Apache-2.0
import threading

from oslo_config import cfg

from aegis.storage import base, errors, manager, noop, opts, plugins
from aegis.storage.flasharray import driver as flasharray
from aegis.tests import base as test_base


class ManagerTestCase(test_base.TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(noop.reset)
        self.manager = manager.StorageManager(self.conf)
        self.addCleanup(self.manager.close)

    def configure(self, label, driver='noop', **options):
        self.conf.register_opts(opts.COMMON_OPTS, group=opts.group_name(label))
        self.config(group=opts.group_name(label), driver=driver)
        opts.register_array_opts(self.conf, label)
        self.config(group=opts.group_name(label), **options)


class DriverTest(ManagerTestCase):
    def test_it_is_made_by_the_configured_plugin(self):
        self.configure('east')
        self.configure(
            'west',
            'flasharray',
            management_address='192.0.2.1',
            api_token='secret',
        )
        self.assertIsInstance(self.manager.driver('east'), noop.NoopDriver)
        self.assertIsInstance(
            self.manager.driver('west'), flasharray.FlashArrayDriver
        )

    def test_there_is_one_per_array(self):
        self.configure('east')
        barrier = threading.Barrier(8)
        found = []

        def ask():
            barrier.wait()
            found.append(self.manager.driver('east'))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(1, len(set(found)))

    def test_an_unknown_label_is_refused_and_the_known_are_named(self):
        self.configure('east')
        error = self.assertRaises(
            errors.ArrayNotConfigured, self.manager.driver, 'south'
        )
        self.assertIn('"south"', str(error))
        self.assertIn('east', str(error))

    def test_an_unknown_driver_is_refused_and_the_installed_are_named(self):
        self.conf.register_opts(opts.COMMON_OPTS, group='array:east')
        self.config(group='array:east', driver='floppy')
        error = self.assertRaises(
            errors.ArrayNotConfigured, self.manager.driver, 'east'
        )
        self.assertIn('"floppy"', str(error))
        self.assertIn('flasharray', str(error))

    def test_a_missing_option_is_named(self):
        self.configure('east', 'flasharray', api_token='secret')
        error = self.assertRaises(
            errors.ArrayNotConfigured, self.manager.driver, 'east'
        )
        self.assertIn('management_address', str(error))
        self.assertNotIn('api_token', str(error))

    def test_an_unreadable_ca_file_is_named(self):
        self.configure(
            'east',
            'flasharray',
            management_address='192.0.2.1',
            api_token='secret',
            ca_file='/nonexistent/ca.pem',
        )
        error = self.assertRaises(
            errors.ArrayNotConfigured, self.manager.driver, 'east'
        )
        self.assertIn('/nonexistent/ca.pem', str(error))

    def test_close_ends_sessions_and_forgets_drivers(self):
        self.configure('east')
        first = self.manager.driver('east')
        closed = []
        first.close = lambda: closed.append(True)
        self.manager.close()
        self.assertEqual([True], closed)
        self.assertIsNot(first, self.manager.driver('east'))


class ForArrayNameTest(ManagerTestCase):
    def test_the_label_is_the_name_by_default(self):
        self.configure('fa-east')
        self.assertIs(
            self.manager.driver('fa-east'),
            self.manager.for_array_name('FA-East'),
        )

    def test_array_name_wins_over_the_label(self):
        self.configure('east', array_name='fa-1')
        self.assertIs(
            self.manager.driver('east'), self.manager.for_array_name('fa-1')
        )
        self.assertRaises(
            errors.ArrayNotConfigured, self.manager.for_array_name, 'east'
        )


class OptionsTest(test_base.TestCase):
    def test_sections_of_the_configuration_file_are_found(self):
        path = self.create_tempfiles(
            [('aegis', '[array:one]\ndriver = noop\n[other]\n')], '.conf'
        )[0]
        conf = cfg.ConfigOpts()
        conf(['--config-file', path], default_config_dirs=[])
        self.assertEqual(['one'], opts.array_labels(conf))
        opts.register_array_opts(conf, 'one')
        self.assertIsInstance(
            manager.StorageManager(conf).driver('one'), noop.NoopDriver
        )

    def test_registering_twice_is_fine(self):
        self.config_group = opts.register_array_opts(self.conf, 'x')
        self.assertEqual(
            self.config_group, opts.register_array_opts(self.conf, 'x')
        )

    def test_the_sample_has_every_option_of_every_driver(self):
        ((group, options),) = opts.list_opts()
        self.assertEqual('array:<label>', group.name)
        names = [option.name for option in options]
        self.assertEqual(len(set(names)), len(names))
        for driver in plugins.names():
            for option in plugins.load(driver).options():
                self.assertIn(option.name, names)

    def test_the_token_is_a_secret(self):
        ((_, options),) = opts.list_opts()
        (token,) = [o for o in options if o.name == 'api_token']
        self.assertTrue(token.secret)


class PluginTest(test_base.TestCase):
    def test_both_drivers_are_installed_and_fulfil_the_contract(self):
        self.assertEqual({'flasharray', 'noop'}, set(plugins.names()))
        for name in plugins.names():
            loaded = plugins.load(name)
            self.assertTrue(issubclass(loaded, base.StorageDriver))
            self.assertFalse(loaded.__abstractmethods__)
