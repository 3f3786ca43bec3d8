# SPDX-License-Identifier: Apache-2.0
"""Each check finds what it forbids and leaves alone what it allows."""

import ast
import pathlib
import textwrap

from oslotest import base

from aegis.hacking import checks
from aegis.hacking.source import Source

SERVICE = 'aegis/engine/runner.py'
TEST = 'aegis/tests/unit/engine/test_runner.py'


def _source(code, path):
    code = textwrap.dedent(code)
    return Source(
        pathlib.PurePosixPath(path), ast.parse(code), tuple(code.splitlines())
    )


class CheckTestCase(base.BaseTestCase):
    """Says what a check finds in a piece of code."""

    def assert_finds(self, check, code, path=SERVICE, times=1):
        texts = [text for _, text in check(_source(code, path))]
        self.assertEqual(times, len(texts), texts)
        number = check.__doc__.split(':')[0]
        for text in texts:
            self.assertTrue(text.startswith(f'{number} '), text)

    def assert_accepts(self, check, code, path=SERVICE):
        self.assert_finds(check, code, path, times=0)


class NoGreenThreadsTest(CheckTestCase):
    def test_each_way_to_import_is_found(self):
        code = """
            import asyncio
            import eventlet.green.time as time
            from eventlet import greenpool, wsgi
        """
        self.assert_finds(checks.no_green_threads, code, times=4)

    def test_tests_may_not_either(self):
        self.assert_finds(checks.no_green_threads, 'import eventlet', TEST)

    def test_a_name_that_only_begins_so_is_accepted(self):
        self.assert_accepts(checks.no_green_threads, 'import asyncio_mqtt')


class RevertTakesAnythingTest(CheckTestCase):
    def test_a_revert_without_keywords_is_found(self):
        code = """
            class StopServer:
                def revert(self, result):
                    pass
        """
        self.assert_finds(checks.revert_takes_anything, code)

    def test_a_revert_with_keywords_is_accepted(self):
        code = """
            class StopServer:
                def revert(self, result, **kwargs):
                    pass
        """
        self.assert_accepts(checks.revert_takes_anything, code)

    def test_a_function_of_that_name_is_accepted(self):
        self.assert_accepts(checks.revert_takes_anything, 'def revert(): pass')


class NoStdlibLoggingTest(CheckTestCase):
    def test_it_is_found_in_the_service(self):
        code = """
            import logging.handlers
            from logging import getLogger
        """
        self.assert_finds(checks.no_stdlib_logging, code, times=2)

    def test_tests_may_look_at_it(self):
        self.assert_accepts(checks.no_stdlib_logging, 'import logging', TEST)

    def test_oslo_log_is_accepted(self):
        self.assert_accepts(
            checks.no_stdlib_logging, 'from oslo_log import log as logging'
        )


class OptionsInConfTest(CheckTestCase):
    CODE = "cfg.IntOpt('lease_seconds', help='Seconds.')"

    def test_an_option_of_the_engine_is_found(self):
        self.assert_finds(checks.options_in_conf, self.CODE)

    def test_the_full_name_is_found(self):
        self.assert_finds(checks.options_in_conf, f'oslo_config.{self.CODE}')

    def test_conf_may(self):
        self.assert_accepts(
            checks.options_in_conf, self.CODE, 'aegis/conf/engine.py'
        )

    def test_the_opts_of_a_driver_may(self):
        self.assert_accepts(
            checks.options_in_conf,
            self.CODE,
            'aegis/storage/flasharray/opts.py',
        )

    def test_another_module_of_a_driver_may_not(self):
        self.assert_finds(
            checks.options_in_conf,
            self.CODE,
            'aegis/storage/flasharray/driver.py',
        )


class PoliciesInPoliciesTest(CheckTestCase):
    CODE = "policy.DocumentedRuleDefault('a', 'b', 'c', [])"

    def test_a_rule_of_the_api_is_found(self):
        self.assert_finds(
            checks.policies_in_policies, self.CODE, 'aegis/api/app.py'
        )

    def test_policies_may(self):
        self.assert_accepts(
            checks.policies_in_policies, self.CODE, 'aegis/policies/sites.py'
        )


class ImportsOneWayTest(CheckTestCase):
    def test_storage_that_looks_up_is_found(self):
        self.assert_finds(
            checks.imports_one_way,
            'from aegis.db import groups, members',
            'aegis/storage/base.py',
            times=2,
        )

    def test_a_relative_import_is_seen_in_full(self):
        self.assert_finds(
            checks.imports_one_way,
            'from ..db import groups',
            'aegis/storage/base.py',
        )

    def test_a_layer_below_is_accepted(self):
        self.assert_accepts(
            checks.imports_one_way, 'from aegis.db import groups'
        )

    def test_tests_may_import_all(self):
        self.assert_accepts(
            checks.imports_one_way, 'from aegis.api import app', TEST
        )


class NoSleepTest(CheckTestCase):
    def test_a_call_is_found(self):
        self.assert_finds(checks.no_sleep, 'time.sleep(1)')

    def test_an_import_is_found(self):
        self.assert_finds(checks.no_sleep, 'from time import sleep')

    def test_a_test_may_not_either(self):
        self.assert_finds(checks.no_sleep, 'time.sleep(1)', TEST)

    def test_a_waiter_is_accepted(self):
        self.assert_accepts(checks.no_sleep, 'waiter.wait(1)')

    def test_another_package_is_left_alone(self):
        self.assert_accepts(
            checks.no_sleep, 'time.sleep(1)', 'tools/sites/waiting.py'
        )


class NoMutableDefaultTest(CheckTestCase):
    def test_each_kind_is_found(self):
        code = """
            def one(a=[]): pass
            def two(*, a={}): pass
            three = lambda a=set(): a
        """
        self.assert_finds(checks.no_mutable_default, code, times=3)

    def test_what_cannot_change_is_accepted(self):
        code = 'def one(a=(), *, b, c=None, d=frozenset()): pass'
        self.assert_accepts(checks.no_mutable_default, code)


class LicenceFirstTest(CheckTestCase):
    def test_a_file_without_it_is_found(self):
        self.assert_finds(checks.licence_first, '"""What."""')

    def test_one_that_comes_late_is_found(self):
        self.assert_finds(
            checks.licence_first, f'import ast\n{checks.LICENCE}'
        )

    def test_the_first_line_is_accepted(self):
        self.assert_accepts(
            checks.licence_first, f'{checks.LICENCE}\nimport ast'
        )

    def test_a_program_has_it_second(self):
        self.assert_accepts(
            checks.licence_first, f'#!/usr/bin/env python3\n{checks.LICENCE}'
        )

    def test_an_empty_file_is_accepted(self):
        self.assert_accepts(checks.licence_first, '')


class NoPytestTest(CheckTestCase):
    def test_it_is_found(self):
        self.assert_finds(checks.no_pytest, 'import pytest', TEST)

    def test_unittest_is_accepted(self):
        self.assert_accepts(checks.no_pytest, 'import unittest', TEST)


class HelpIsASentenceTest(CheckTestCase):
    PATH = 'aegis/conf/engine.py'

    def test_a_small_letter_is_found(self):
        self.assert_finds(
            checks.help_is_a_sentence,
            "cfg.IntOpt('a', help='seconds of a lease.')",
            self.PATH,
        )

    def test_a_capital_after_a_line_break_is_accepted(self):
        self.assert_accepts(
            checks.help_is_a_sentence,
            "cfg.IntOpt('a', help='''\nSeconds of a lease.\n''')",
            self.PATH,
        )
