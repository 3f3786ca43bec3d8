# SPDX-License-Identifier: Apache-2.0
"""Runs modules of the collection, one after the other, in its Python.

Reads requests from standard input, one JSON object in a line with ``module``
and ``arguments``, and answers each with one line: what the module printed,
or its traceback. Each runs in a fork of this process, as the main program of
a process of its own, with its arguments passed as Ansible passes them; only
starting Python and importing the libraries is saved.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import sys
import traceback
from typing import Any, NoReturn

from ansible.module_utils import testing

_MODULES = 'ansible_collections.purestorage.flasharray.plugins.modules'


def main(version: str) -> None:
    """Answer all requests, with the libraries of a REST version loaded."""
    library = importlib.import_module('pypureclient.flasharray')
    # The modules take their models from the newest, whatever the array has.
    _load(library._modname)
    _load(f'{library.__name__}.FA_{version.replace(".", "_")}')
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        print(_run(request['module'], request['arguments']), flush=True)


def _load(package: str) -> None:
    importlib.import_module(package)
    for part in ('api', 'models'):
        module = importlib.import_module(f'{package}.{part}')
        for name, loaders in vars(module).items():
            if name.endswith(('_apis_dict', '_model_dict')):
                for loader in loaders.values():
                    loader.load()


def _run(module: str, arguments: dict[str, Any]) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        os.dup2(writing, sys.stdout.fileno())
        os.close(writing)
        _be(module, arguments)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        printed = pipe.read()
    os.waitpid(child, 0)
    lines = printed.strip().splitlines()
    return lines[-1] if lines else json.dumps({'crashed': 'no answer'})


def _be(module: str, arguments: dict[str, Any]) -> NoReturn:
    try:
        with testing.patch_module_args(arguments):
            runpy.run_module(f'{_MODULES}.{module}', run_name='__main__')
    except SystemExit:
        pass
    except BaseException:
        print(json.dumps({'crashed': traceback.format_exc()}))
    # The client logs out here. To tear down the interpreter would take
    # longer than most modules.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main(sys.argv[1])
