# SPDX-License-Identifier: Apache-2.0
"""The documents say what the program does."""

import tempfile
import unittest
from pathlib import Path

from flasharray_simulator import documents, switches
from flasharray_simulator.door import Door

DOCS = Path(__file__).parent.parent / 'docs'


class DocumentTest(unittest.TestCase):
    def test_made_documents_are_up_to_date(self) -> None:
        for name, make in documents.DOCUMENTS.items():
            with self.subTest(name):
                self.assertEqual(
                    make(),
                    (DOCS / name).read_text(),
                    'run python -m flasharray_simulator.documents docs',
                )

    def test_they_are_written_to_a_directory(self) -> None:
        with tempfile.TemporaryDirectory() as parent:
            directory = Path(parent) / 'made'
            documents.main([str(directory)])
            self.assertEqual(
                set(documents.DOCUMENTS),
                {path.name for path in directory.iterdir()},
            )

    def test_every_switch_is_told(self) -> None:
        text = documents.switches_document()
        for switch in switches.ALL:
            self.assertIn(f'`{switch.name}`', text)

    def test_the_side_door_is_told_whole(self) -> None:
        text = (DOCS / 'door.md').read_text()
        for name in vars(Door):
            if not name.startswith('_'):
                self.assertIn(f'`{name}(', text)
