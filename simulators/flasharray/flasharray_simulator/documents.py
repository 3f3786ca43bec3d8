# SPDX-License-Identifier: Apache-2.0
"""Documents that are made from the program: switches and endpoints.

``python -m flasharray_simulator.documents docs`` writes them.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from flasharray_simulator import families, history, switches
from flasharray_simulator.call import Route

_SWITCHES = """\
# Switches

Where nobody has published what a real array does, a switch chooses. Set one
with `flasharray-simulator array --switch NAME=VALUE` (may be repeated) or
`Door.set_switch(name, value)`; `Door.switches()` tells all. They are kept in
the array's state. Switches of the same number answer the same open question.
Made from `switches.py`: change it there.

| | Switch | Default | Other values | Meaning |
|---|---|---|---|---|
"""
_ENDPOINTS = """\
# Endpoints

Every call that the simulator answers, with the first REST version that has
it and its own query parameters. Calls on objects take `names` and `ids`
besides (and any `X_ids` for `X_names`), lists take `filter`, `sort`,
`limit`, `offset`, `continuation_token`, `total_item_count` and `total_only`.
Parameters and fields that are newer than the version in the URL do not
exist. Made from the routes: change them there.

| Method | Path | Since | Parameters |
|---|---|---|---|
"""


def switches_document() -> str:
    """Return docs/switches.md."""
    return _SWITCHES + ''.join(_switch_rows())


def _switch_rows() -> Iterator[str]:
    for switch in switches.ALL:
        others = switch.allowed
        if isinstance(switch, switches.Choice):
            others = ', '.join(f'`{other}`' for other in switch.others)
        yield (
            f'| {switch.unknown} | `{switch.name}` | `{switch.default}`'
            f' | {others} | {switch.meaning} |\n'
        )


def endpoints_document() -> str:
    """Return docs/endpoints.md."""
    return _ENDPOINTS + ''.join(_endpoint_rows())


def _endpoint_rows() -> Iterator[str]:
    ordered = sorted(families.ROUTES, key=_place)
    for path, routes in groupby(ordered, lambda route: route.path):
        for route in routes:
            first = history.first_version(route.method, route.path)
            version = '.'.join(map(str, first))
            own = ', '.join(f'`{name}`' for name in sorted(route.parameters))
            yield f'| {route.method} | `{path}` | {version} | {own} |\n'


_METHODS = ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')


def _place(route: Route) -> tuple[str, int]:
    return route.path, _METHODS.index(route.method)


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    'endpoints.md': endpoints_document,
    'switches.md': switches_document,
}


def main(arguments: list[str] | None = None) -> None:
    """Write the documents; the directory is made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('directory', type=Path)
    directory = parser.parse_args(arguments).directory
    directory.mkdir(exist_ok=True)
    for name, make in DOCUMENTS.items():
        (directory / name).write_text(make())


if __name__ == '__main__':
    main()
