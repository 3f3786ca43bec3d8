# SPDX-License-Identifier: Apache-2.0
"""What tests expect of the answers that a client gets."""

import unittest
from typing import Any


class Answers(unittest.TestCase):
    def good(self, response: Any) -> list[Any]:
        """Return the items of a response that must be a 200."""
        self.assertEqual(200, response.status_code, response)
        return list(response.items or [])

    def bad(self, response: Any, message: str) -> None:
        self.assertEqual(400, response.status_code, response)
        self.assertIn(message, response.errors[0].message)
