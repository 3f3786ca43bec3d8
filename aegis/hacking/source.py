# SPDX-License-Identifier: Apache-2.0
"""A parsed source file, as the checks see it."""

import ast
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Import:
    """One imported name in full, such as ``aegis.db.groups.get_group``."""

    name: str
    node: ast.AST


@dataclass(frozen=True)
class Source:
    """A file: its path below the repository, its tree and its lines."""

    path: pathlib.PurePosixPath
    tree: ast.AST
    lines: tuple[str, ...] = field(repr=False)

    @property
    def is_ours(self) -> bool:
        """Whether it is code of the service itself, its tests left out."""
        return self.path.parts[:1] == ('aegis',) and not self.is_test

    @property
    def is_test(self) -> bool:
        return 'tests' in self.path.parts

    @property
    def package(self) -> tuple[str, ...]:
        """The packages and modules below ``aegis`` that lead to it."""
        parts = self.path.with_suffix('').parts[1:]
        return parts[:-1] if parts[-1:] == ('__init__',) else parts

    def imports(self) -> Iterator[Import]:
        """Every imported name; relative imports are seen in full."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, node)
            elif isinstance(node, ast.ImportFrom):
                yield from self._imports_from(node)

    def _imports_from(self, node: ast.ImportFrom) -> Iterator[Import]:
        base = node.module or ''
        if node.level:
            above = self.path.parts[: -node.level]
            base = '.'.join((*above, base)).strip('.')
        for alias in node.names:
            yield Import(f'{base}.{alias.name}', node)


def dotted(node: ast.AST) -> str:
    """The dotted name that an expression is, or an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f'{before}.{node.attr}' if before else ''
    return ''
