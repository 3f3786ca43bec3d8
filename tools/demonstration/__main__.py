# SPDX-License-Identifier: Apache-2.0
"""Play the story on sites that are up and fresh."""

import argparse
import pathlib
import sys

from demonstration import story
from deployment import facts
from sites import console


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument('virtual_environment', type=pathlib.Path)
    parser.add_argument('mode')
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('--stop', action='store_true')
    options = parser.parse_args()
    told = story.Story(
        facts.read(),
        options.virtual_environment,
        options.mode,
        console.Console(sys.stdout),
    )
    if options.stop:
        told.clean_up()
        return 0
    try:
        told.tell()
        if options.keep:
            told.show_around()
    finally:
        if not options.keep:
            told.clean_up()
    print(told.verdict(), flush=True)
    return 0 if told.succeeded else 1


if __name__ == '__main__':
    sys.exit(main())
