# SPDX-License-Identifier: Apache-2.0
"""The documents lead to things that exist."""

import argparse
import re
import unittest
from collections.abc import Iterator
from pathlib import Path

from flasharray_simulator import cli
from flasharray_simulator.door import Door

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / 'README.md', *(ROOT / 'docs').glob('*.md')])

_LINK = re.compile(r'\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)')
_CODE = re.compile(r'`([^`\n]+)`')
_FENCE = re.compile(r'^```.*?^```', re.MULTILINE | re.DOTALL)
_PATH = re.compile(r'(?:[\w*-]+/)+[\w*.-]*|[\w*-]+\.(?:py|md)')
_COMMAND = re.compile(r'flasharray-simulator +(array|pair)([^`\n]*)')
_PLACES = (ROOT, ROOT / 'flasharray_simulator')


def _prose(document: Path) -> str:
    return _FENCE.sub('', document.read_text())


def _anchors(document: Path) -> set[str]:
    titles = re.findall(r'^#+ +(.+)$', _prose(document), re.MULTILINE)
    return {
        re.sub(r'[^\w\- ]', '', title).strip().lower().replace(' ', '-')
        for title in titles
    }


def _options(command: str) -> set[str]:
    parser = cli._parser()
    commands = next(
        action
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return {
        option
        for action in commands.choices[command]._actions
        for option in action.option_strings
    }


def _commands() -> Iterator[tuple[Path, str, str]]:
    for document in DOCUMENTS:
        for match in _COMMAND.finditer(document.read_text()):
            yield document, match[1], match[2]


class DocumentsTest(unittest.TestCase):
    def test_links_lead_to_files_and_titles(self) -> None:
        for document in DOCUMENTS:
            for path, anchor in _LINK.findall(_prose(document)):
                with self.subTest(document=document.name, link=path or anchor):
                    target = document.parent / path if path else document
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, _anchors(target))

    def test_every_document_is_reached_from_the_guide(self) -> None:
        guide = ROOT / 'docs' / 'index.md'
        linked = {path for path, _ in _LINK.findall(_prose(guide))}
        for document in (ROOT / 'docs').glob('*.md'):
            if document != guide:
                self.assertIn(document.name, linked)

    def test_files_that_are_named_exist(self) -> None:
        guide = ROOT / 'docs' / 'index.md'
        for code in _CODE.findall(_prose(guide)):
            if _PATH.fullmatch(code):
                with self.subTest(code):
                    found = [
                        path for place in _PLACES for path in place.glob(code)
                    ]
                    self.assertTrue(found or (ROOT / code).exists())

    def test_options_of_commands_exist(self) -> None:
        found = list(_commands())
        self.assertTrue(found)
        for document, command, rest in found:
            for option in re.findall(r'--[\w-]+', rest):
                with self.subTest(document=document.name, option=option):
                    self.assertIn(option, {*_options(command), '--help'})

    def test_the_guide_tells_every_option_of_an_array(self) -> None:
        text = (ROOT / 'docs' / 'index.md').read_text()
        for option in _options('array') - {'-h', '--help'}:
            with self.subTest(option):
                self.assertIn(f'`{option}`', text)

    def test_every_call_of_the_door_is_told(self) -> None:
        text = (ROOT / 'docs' / 'door.md').read_text()
        for name, member in vars(Door).items():
            if callable(member) and not name.startswith('_'):
                with self.subTest(name):
                    self.assertIn(f'`{name}(', text)
