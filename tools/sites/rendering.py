# SPDX-License-Identifier: Apache-2.0
"""Render oslo.config files and write them only when they differ."""

import hashlib
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass

Value = str | int | bool | pathlib.Path


@dataclass(frozen=True)
class Option:
    """One option; a name may appear more than once in a section."""

    name: str
    value: str


@dataclass(frozen=True)
class Section:
    """One section of a configuration file."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class File:
    """A file with its whole text."""

    path: pathlib.Path
    text: str


def section(name: str, **options: Value) -> Section:
    """Make a section from keywords, in their order."""
    return Section(
        name, tuple(Option(key, str(value)) for key, value in options.items())
    )


def render(sections: Iterable[Section]) -> str:
    """Return the text of a configuration file.

    A value with a line break would smuggle in another option: ValueError.
    """
    lines: list[str] = []
    for part in sections:
        lines.append(f'[{part.name}]')
        for option in part.options:
            if '\n' in option.value:
                raise ValueError(f'line break in option {option.name}')
            lines.append(f'{option.name} = {option.value}')
        lines.append('')
    return '\n'.join(lines)


def write(files: Iterable[File]) -> None:
    """Write files, readable by their owner only; same text: untouched."""
    for file in files:
        if file.path.exists() and file.path.read_text() == file.text:
            continue
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.touch(mode=0o600)
        file.path.write_text(file.text)


def digest(files: Iterable[File]) -> str:
    """Return a digest of the names and texts of files."""
    result = hashlib.sha256()
    for file in files:
        result.update(f'{file.path}\0{file.text}\0'.encode())
    return result.hexdigest()[:16]
