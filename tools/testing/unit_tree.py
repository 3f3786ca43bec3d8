# SPDX-License-Identifier: Apache-2.0
"""Check that each unit test module lies where the code that it tests lies.

The tests of ``aegis/a/b.py`` are ``aegis/tests/unit/a/test_b.py``; those of
the package ``aegis/a`` as a whole may be ``aegis/tests/unit/test_a.py``. What
tests are made of, ``aegis/tests/fixtures/b.py``, is tested in
``aegis/tests/unit/fixtures/test_b.py``.
"""

import pathlib
import sys
from collections.abc import Iterator


def misplaced(repository: pathlib.Path) -> Iterator[str]:
    """Say of each test module without code of its name where it looked."""
    tests = repository / 'aegis' / 'tests' / 'unit'
    for path in sorted(tests.rglob('test_*.py')):
        below = path.relative_to(tests).parent
        name = path.stem.removeprefix('test_')
        top = 'aegis/tests' if below.parts[:1] == ('fixtures',) else 'aegis'
        code = repository / top / below / name
        if not code.is_dir() and not code.with_suffix('.py').is_file():
            yield (
                f'{path.relative_to(repository)}: there is neither '
                f'{code.relative_to(repository)}.py nor a package of '
                'that name'
            )


if __name__ == '__main__':
    found = list(misplaced(pathlib.Path(__file__).resolve().parents[2]))
    print('\n'.join(found))
    sys.exit(1 if found else 0)
