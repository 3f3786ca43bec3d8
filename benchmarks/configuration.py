# SPDX-License-Identifier: Apache-2.0
"""Files of configuration for the programs that are measured."""

import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Sections = Mapping[str, Mapping[str, Any]]


def write(path: Path, sections: Sections) -> Path:
    """Write an aegis.conf, for its owner only; None leaves an option out."""
    parser = configparser.RawConfigParser(default_section='')
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    for name, options in sections.items():
        parser.add_section(name)
        for key, value in options.items():
            if value is not None:
                parser.set(name, key, _text(value))
    path.touch(mode=0o600)
    with path.open('w') as stream:
        parser.write(stream)
    return path


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ','.join(map(str, value))
    return str(value)
