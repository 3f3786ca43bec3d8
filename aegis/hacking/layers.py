# SPDX-License-Identifier: Apache-2.0
"""Which package of Aegis may import which other.

Imports go one way: the API and the engine at the top, models at the bottom.
A package may import itself and the ones named here, nothing else of ours.
"""

_BASE = frozenset({'common', 'conf', 'models'})
_MIDDLE = frozenset(
    {'journal', 'catalog', 'readiness', 'clouds', 'storage', 'db'}
)

ALLOWED: dict[str, frozenset[str]] = {
    'models': frozenset(),
    'policies': frozenset(),
    'common': frozenset({'conf', 'models', 'policies'}),
    'conf': frozenset({'models'}),
    'db': _BASE,
    'storage': _BASE,
    'clouds': _BASE,
    'catalog': _BASE | {'clouds', 'db'},
    'readiness': _BASE | {'catalog', 'clouds', 'db', 'storage'},
    'journal': _BASE | {'db'},
    'tasks': _BASE | _MIDDLE,
    'flows': _BASE | _MIDDLE | {'tasks'},
    'engine': _BASE | _MIDDLE | {'flows', 'tasks'},
    'api': _BASE | {'db', 'engine.rpcapi', 'policies', 'storage.errors'},
    'wsgi': _BASE | {'api', 'db'},
    'cmd': _BASE | {'api', 'db', 'engine', 'storage', 'wsgi'},
    'hacking': frozenset(),
}

# What the sections of arrays hold is for the drivers to say, so the modules
# that put the whole configuration together look up to them.
EXCEPTIONS = frozenset({('conf', 'storage'), ('conf.opts', 'storage.opts')})


def may_import(importer: tuple[str, ...], imported: str) -> bool:
    """Whether a module may import a name.

    ``importer`` are the parts of its name below ``aegis``; ``imported`` is
    the full name, ``aegis.`` included. A package without an entry above
    may import nothing of ours: it has to be thought about first.
    """
    target = imported.removeprefix('aegis').removeprefix('.')
    if not importer or not target:
        return not target
    if _is_below(target, importer[0]):
        return True
    known = ALLOWED.get(importer[0], frozenset())
    return any(_is_below(target, name) for name in known) or any(
        '.'.join(importer) == source and _is_below(target, name)
        for source, name in EXCEPTIONS
    )


def _is_below(name: str, package: str) -> bool:
    return name == package or name.startswith(f'{package}.')
