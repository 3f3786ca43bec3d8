# SPDX-License-Identifier: Apache-2.0
"""The checks as a plugin of flake8 (see [flake8:local-plugins])."""

import ast
import pathlib
from collections.abc import Iterator

from aegis.hacking import checks
from aegis.hacking.source import Source


class Plugin:
    """What flake8 makes of each file; see flake8's plugin parameters."""

    name = 'aegis-hacking'
    version = '1'

    def __init__(self, tree: ast.AST, filename: str, lines: list[str]) -> None:
        self._source = Source(_below_repository(filename), tree, tuple(lines))

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Yield line, column, text and type of each violation."""
        for check in checks.ALL:
            for node, text in check(self._source):
                line = getattr(node, 'lineno', 1)
                column = getattr(node, 'col_offset', 0)
                yield line, column, text, type(self)


def _below_repository(filename: str) -> pathlib.PurePosixPath:
    path = pathlib.Path(filename).resolve()
    repository = pathlib.Path(__file__).resolve().parents[2]
    if path.is_relative_to(repository):
        path = path.relative_to(repository)
    return pathlib.PurePosixPath(path)
