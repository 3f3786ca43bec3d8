# SPDX-License-Identifier: Apache-2.0
"""Imports go one way."""

from oslotest import base

from aegis.hacking import layers


class MayImportTest(base.BaseTestCase):
    def _may(self, importer, imported):
        return layers.may_import(tuple(importer.split('.')), imported)

    def test_models_import_nothing_of_ours(self):
        for package in layers.ALLOWED:
            if package != 'models':
                self.assertFalse(self._may('models', f'aegis.{package}'))

    def test_no_two_packages_may_import_each_other(self):
        pairs = {
            (package, name.split('.')[0])
            for package, names in layers.ALLOWED.items()
            for name in names
        }
        self.assertEqual(
            set(),
            {(one, other) for one, other in pairs if (other, one) in pairs},
        )

    def test_a_package_may_import_itself(self):
        self.assertTrue(self._may('tasks.volume', 'aegis.tasks.base.Task'))

    def test_the_api_sees_only_the_rpc_client_of_the_engine(self):
        self.assertTrue(self._may('api.app', 'aegis.engine.rpcapi.EngineAPI'))
        self.assertFalse(self._may('api.app', 'aegis.engine.manager'))

    def test_a_longer_name_is_another_module(self):
        self.assertFalse(self._may('api.app', 'aegis.engine.rpcapi2'))

    def test_storage_and_clouds_know_no_database(self):
        for package in ('storage.base', 'clouds.compute'):
            for other in ('db', 'flows', 'journal', 'tasks', 'engine'):
                self.assertFalse(self._may(package, f'aegis.{other}.x'))

    def test_only_who_puts_all_options_together_may_ask_the_drivers(self):
        self.assertTrue(self._may('conf', 'aegis.storage.opts'))
        self.assertTrue(self._may('conf.opts', 'aegis.storage.opts'))
        self.assertFalse(self._may('conf.engine', 'aegis.storage.opts'))

    def test_an_unknown_package_may_import_nothing(self):
        self.assertFalse(self._may('surprise.module', 'aegis.models'))
