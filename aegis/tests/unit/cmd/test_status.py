# SPDX-License-Identifier: Apache-2.0
from aegis.cmd import status
from aegis.tests.unit.cmd import test_manage


class UpgradeCheckTest(test_manage.CommandTestCase):
    main = staticmethod(status.main)
    program = 'aegis-status'

    def test_a_good_installation_passes(self):
        self.write(test_manage.GOOD)
        code, output = self.run_program('upgrade', 'check')
        self.assertEqual(0, code, output)
        for title in ('Options', 'Database', 'Sites', 'Arrays'):
            self.assertIn(f'Check: {title}', output)

    def test_an_installation_without_sites_fails(self):
        code, output = self.run_program('upgrade', 'check')
        self.assertEqual(2, code)
        self.assertIn('No site is configured', output)

    def test_a_database_that_is_behind_fails(self):
        path = self.file.with_name('new.sqlite')
        self.conf.set_override(
            'connection', f'sqlite:///{path}', group='database'
        )
        self.write(test_manage.GOOD)
        code, output = self.run_program('upgrade', 'check')
        self.assertEqual(2, code)
        self.assertIn('aegis-manage db sync', output)

    def test_an_array_that_cannot_be_used_fails(self):
        self.write(test_manage.GOOD.replace('noop', 'floppy'))
        code, output = self.run_program('upgrade', 'check')
        self.assertEqual(2, code)
        self.assertIn('floppy', output)
