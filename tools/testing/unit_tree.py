# SPDX-License-Identifier: Apache-2.0
"""Check that the tree of unit tests mirrors the tree of the code.

The tests of ``aegis/a/b.py`` are ``aegis/tests/unit/a/test_b.py``. Tests of a
behaviour that several modules of a package share lie in the directory of that
package, under a name of their own; those of a package as a whole may be
``aegis/tests/unit/test_a.py``. What tests are made of is tested in
``aegis/tests/unit/fixtures``, and the matrices in ``aegis/tests/unit/matrix``.

So a directory of tests must have its package, and at the top there is nothing
but tests of what lies at the top.
"""

import pathlib
import sys
from collections.abc import Iterator

_OF_TESTS = (('fixtures',), ('matrix',))


def misplaced(repository: pathlib.Path) -> Iterator[str]:
    """Say of each misplaced test module what is wrong with its place."""
    code = repository / 'aegis'
    tests = code / 'tests' / 'unit'
    for path in sorted(tests.rglob('test_*.py')):
        below = path.relative_to(tests).parent
        top = code / 'tests' if below.parts[:1] in _OF_TESTS else code
        label = path.relative_to(repository)
        if not (top / below / '__init__.py').is_file():
            yield f'{label}: {top.name}/{below} is not a package'
            continue
        name = path.stem.removeprefix('test_')
        beside = (code / f'{name}.py', code / name / '__init__.py')
        if top / below == code and not any(one.is_file() for one in beside):
            yield f'{label}: there is no aegis/{name}'


if __name__ == '__main__':
    found = list(misplaced(pathlib.Path(__file__).resolve().parents[2]))
    print('\n'.join(found))
    sys.exit(1 if found else 0)
