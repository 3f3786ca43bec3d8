# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import unittest

from sites import layout, passwords, rabbitmq
from sites.tests import fixtures


class PasswordsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.paths = layout.Layout(fixtures.temporary_directory(self))
        self.paths.create()

    def test_the_same_name_gives_the_same_secret_after_a_reload(self) -> None:
        first = passwords.load(self.paths).of('x')
        self.assertEqual(first, passwords.load(self.paths).of('x'))

    def test_different_names_give_different_secrets(self) -> None:
        found = passwords.load(self.paths)
        self.assertNotEqual(found.of('x'), found.of('y'))

    def test_another_seed_gives_other_secrets(self) -> None:
        self.assertNotEqual(
            passwords.Passwords(b'a').of('x'),
            passwords.Passwords(b'b').of('x'),
        )

    def test_only_the_owner_can_read_the_seed(self) -> None:
        passwords.load(self.paths)
        self.assertEqual(0o600, self.paths.seed.stat().st_mode & 0o777)

    def test_a_key_is_thirty_two_bytes(self) -> None:
        key = passwords.Passwords(b'a').key('x')
        self.assertEqual(32, len(base64.urlsafe_b64decode(key)))

    def test_the_seed_does_not_show_in_a_traceback(self) -> None:
        self.assertNotIn('topsecret', repr(passwords.Passwords(b'topsecret')))


class RabbitTest(unittest.TestCase):
    def test_a_hash_can_be_checked_as_the_broker_does(self) -> None:
        decoded = base64.b64decode(rabbitmq.password_hash('pass'))
        self.assertEqual(
            hashlib.sha256(decoded[:4] + b'pass').digest(), decoded[4:]
        )
