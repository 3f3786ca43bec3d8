# SPDX-License-Identifier: Apache-2.0
"""Calls that try to make volumes and snapshots, and undo what they made."""

from flasharray_simulator import errors
from flasharray_simulator.call import Answer, Call, Handler, Item, Route
from flasharray_simulator.families import batch, volume_snapshots, volumes


class _Undone(Exception):
    """Carries the answer out of a transaction that is undone."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _dry(handler: Handler, test_type: str) -> Handler:
    """Return a handler that tells how another one would end."""

    def run(call: Call) -> Answer:
        try:
            with call.array.transaction():
                raise _Undone(handler(call))
        except _Undone as undone:
            return Answer(
                [
                    _result(call, test_type, made['name'], None)
                    for made in undone.answer.items or []
                ]
            )
        except errors.ApiError as refusal:
            return Answer(
                [
                    _result(call, test_type, item.context, item.message)
                    for item in refusal.items
                ]
            )

    return run


def _result(
    call: Call, test_type: str, name: str | None, failure: str | None
) -> Item:
    return {
        'component_address': None,
        'component_name': call.array.name,
        'description': f'Dry run of POST {call.path.removesuffix("/test")}',
        'destination': None,
        'enabled': True,
        'resource': {'name': name, 'id': None},
        'result_details': failure,
        'success': failure is None,
        'test_type': test_type,
    }


ROUTES = (
    Route(
        'POST',
        'volumes/test',
        _dry(volumes.post, 'volume-copy'),
        (
            'add_to_protection_group_names',
            'allow_throttle',
            'overwrite',
            'with_default_protection',
        ),
        locked=False,
    ),
    Route(
        'POST',
        'volumes/batch/test',
        _dry(batch.post, 'volume-copy'),
        ('allow_throttle', 'overwrite', 'with_default_protection'),
        locked=False,
    ),
    Route(
        'POST',
        'volume-snapshots/test',
        _dry(volume_snapshots.post, 'volume-snapshot'),
        ('source_names', 'on', 'allow_throttle'),
        locked=False,
    ),
)
