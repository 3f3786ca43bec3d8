# SPDX-License-Identifier: Apache-2.0
"""The rules of HACKING.rst that a program can check.

Each check takes a :class:`aegis.hacking.source.Source` and yields the node
and the text of each violation.
"""

import ast
from collections.abc import Callable, Iterator

from aegis.hacking import layers
from aegis.hacking.source import Source, dotted

Violations = Iterator[tuple[ast.AST | None, str]]

LICENCE = '# SPDX-License-Identifier: Apache-2.0'
_FORBIDDEN_CONCURRENCY = ('eventlet', 'asyncio', 'greenlet', 'gevent')
_OPTION_CLASSES = (
    'BoolOpt',
    'DictOpt',
    'FloatOpt',
    'HostAddressOpt',
    'IntOpt',
    'IPOpt',
    'ListOpt',
    'MultiStrOpt',
    'Opt',
    'PortOpt',
    'StrOpt',
    'URIOpt',
)
_RULE_CLASSES = ('DocumentedRuleDefault', 'RuleDefault')
_MUTABLE_CALLS = ('dict', 'list', 'set')


def no_green_threads(source: Source) -> Violations:
    """A301: threads, neither eventlet nor asyncio."""
    for found in source.imports():
        if found.name.split('.')[0] in _FORBIDDEN_CONCURRENCY:
            yield found.node, f'A301 do not import {found.name}: use threads'


def revert_takes_anything(source: Source) -> Violations:
    """A302: TaskFlow passes revert more than it names."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for method in node.body:
            if (
                isinstance(method, ast.FunctionDef)
                and method.name == 'revert'
                and method.args.kwarg is None
            ):
                yield method, 'A302 revert() must accept **kwargs'


def no_stdlib_logging(source: Source) -> Violations:
    """A303: logs go through oslo.log, which adds the context and masks."""
    if not source.is_ours:
        return
    for found in source.imports():
        if found.name.split('.')[0] == 'logging':
            yield found.node, 'A303 use oslo_log.log, not logging'


def options_in_conf(source: Source) -> Violations:
    """A304: options are defined in aegis/conf or a driver's opts.py."""
    if not source.is_ours or _may_define_options(source):
        return
    for node in _calls(source):
        module, _, name = dotted(node.func).rpartition('.')
        if module in ('cfg', 'oslo_config.cfg') and name in _OPTION_CLASSES:
            yield (
                node,
                'A304 define options in aegis/conf or in the opts.py of '
                'a storage driver',
            )


def policies_in_policies(source: Source) -> Violations:
    """A305: policy rules are defined in aegis/policies."""
    if not source.is_ours or source.package[:1] == ('policies',):
        return
    for node in _calls(source):
        if dotted(node.func).rpartition('.')[2] in _RULE_CLASSES:
            yield node, 'A305 define policy rules in aegis/policies'


def imports_one_way(source: Source) -> Violations:
    """A306: see :mod:`aegis.hacking.layers`."""
    if not source.is_ours:
        return
    for found in source.imports():
        if found.name.split('.')[0] != 'aegis':
            continue
        if not layers.may_import(source.package, found.name):
            yield (
                found.node,
                f'A306 {".".join(source.package)} may not import '
                f'{found.name}: imports go one way (HACKING.rst)',
            )


def no_sleep(source: Source) -> Violations:
    """A307: a sleeping thread can be neither cancelled nor stopped."""
    if source.path.parts[:1] != ('aegis',):
        return
    for node in _calls(source):
        if dotted(node.func) == 'time.sleep':
            yield node, 'A307 wait on an event or a waiter, do not sleep'
    for found in source.imports():
        if found.name == 'time.sleep':
            yield found.node, 'A307 do not import time.sleep'


def no_mutable_default(source: Source) -> Violations:
    """A308: a default is made once and shared by all calls."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None and _is_mutable(default):
                yield default, 'A308 a default argument must not be mutable'


def licence_first(source: Source) -> Violations:
    """A309: the licence is the first line, after a #! line if any."""
    lines = [line for line in source.lines[:2] if not line.startswith('#!')]
    if source.lines and (not lines or lines[0].rstrip() != LICENCE):
        yield None, f'A309 the first line must be "{LICENCE}"'


def no_pytest(source: Source) -> Violations:
    """A310: tests are unittest tests, run by stestr."""
    for found in source.imports():
        if found.name.split('.')[0] == 'pytest':
            yield found.node, 'A310 write tests for unittest, not for pytest'


def help_is_a_sentence(source: Source) -> Violations:
    """A311: the help of an option begins with a capital letter."""
    if not source.is_ours:
        return
    for node in _calls(source):
        if dotted(node.func).rpartition('.')[2] not in _OPTION_CLASSES:
            continue
        for keyword in node.keywords:
            text = getattr(keyword.value, 'value', None)
            if (
                keyword.arg == 'help'
                and isinstance(text, str)
                and not text.strip()[:1].isupper()
            ):
                yield keyword.value, 'A311 begin help with a capital letter'


ALL: tuple[Callable[[Source], Violations], ...] = (
    no_green_threads,
    revert_takes_anything,
    no_stdlib_logging,
    options_in_conf,
    policies_in_policies,
    imports_one_way,
    no_sleep,
    no_mutable_default,
    licence_first,
    no_pytest,
    help_is_a_sentence,
)


def _calls(source: Source) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node


def _may_define_options(source: Source) -> bool:
    package = source.package
    return package[:1] == ('conf',) or (
        package[:1] == ('storage',) and package[-1:] == ('opts',)
    )


def _is_mutable(node: ast.AST) -> bool:
    if isinstance(node, ast.Dict | ast.List | ast.Set):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _MUTABLE_CALLS
    )
