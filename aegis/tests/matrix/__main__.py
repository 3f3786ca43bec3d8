# SPDX-License-Identifier: Apache-2.0
"""``python -m aegis.tests.matrix``: see :mod:`aegis.tests.matrix.main`."""

import sys

from aegis.tests.matrix import main

if __name__ == '__main__':
    sys.exit(main.main())
