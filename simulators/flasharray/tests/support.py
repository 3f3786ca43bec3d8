# SPDX-License-Identifier: Apache-2.0
"""Test cases with running arrays; the arrays are flasharray_simulator's."""

import unittest

from flasharray_simulator.testing import (
    ADDRESS,
    ArrayProcess,
    RunningArrays,
    directory,
    eventually,
    free_ports,
)

__all__ = [
    'ADDRESS',
    'DAY',
    'GIB',
    'HOUR',
    'ArrayProcess',
    'OneArrayCase',
    'PairCase',
    'RunningArrays',
    'directory',
    'eventually',
    'free_ports',
    'unittest',
]

GIB = 2**30
HOUR = 3_600_000
DAY = 24 * HOUR


class OneArrayCase(unittest.TestCase):
    """Tests that share one running array; use names of your own."""

    options: list[str] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        path = cls.enterClassContext(directory())
        cls.array = ArrayProcess('fa-one', path, 'token-one')
        cls.array.options = [*cls.options, '--readonly-token', 'token-read']
        cls.array.start()
        cls.addClassCleanup(cls.array.kill)
        cls.array.ready()
        cls.door = cls.array.door
        cls.client = cls.array.client()


class PairCase(unittest.TestCase):
    """Tests that share two connected arrays in two processes."""

    options: list[str] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        arrays = cls.enterClassContext(RunningArrays(options=cls.options))
        cls.east, cls.west = arrays
