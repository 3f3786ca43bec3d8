# SPDX-License-Identifier: Apache-2.0
"""The record of every change that somebody made through the API."""

import json

from flasharray_simulator import model, secrecy
from flasharray_simulator.call import Call

LONGEST = 20_000
_SUBCOMMANDS = {
    'POST': 'create',
    'PUT': 'setattr',
    'PATCH': 'setattr',
    'DELETE': 'delete',
}
_NAMES = ('names', 'ids')


def record(call: Call) -> None:
    """Keep a change that was made, in the transaction that made it."""
    array = call.array
    number = array.next_audit()
    array.audits.put(
        model.Audit(
            id=_identifier(number),
            time=array.now(),
            user=call.user,
            location=call.location,
            command=call.path,
            subcommand=_SUBCOMMANDS[call.method],
            name=next((v for n in _NAMES if (v := call.query.text(n))), ''),
            arguments=_arguments(call),
        )
    )
    array.audits.remove(_identifier(number - LONGEST))


def _identifier(number: int) -> str:
    return f'{number:012d}'


def _arguments(call: Call) -> str:
    words = [
        f'{name}={value}'
        for name, value in call.query.values.items()
        if name not in _NAMES
    ]
    if call.body is not None:
        words.append(json.dumps(secrecy.without_secrets(call.body)))
    return ' '.join(words)
