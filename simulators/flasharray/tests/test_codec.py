# SPDX-License-Identifier: Apache-2.0
"""Whatever an array keeps comes back from the disk as it was."""

import dataclasses
import typing
import unittest
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flasharray_simulator import codec, model

_KINDS = sorted(
    (
        kind
        for kind in vars(model).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    ),
    key=lambda kind: kind.__name__,
)
# JSON has one number for a whole float, and the codec keeps 53 bits.
st.register_type_strategy(float, st.floats(0, 1e9, allow_nan=False))
st.register_type_strategy(int, st.integers(-(2**53), 2**53))


def _instances(kind: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    return st.builds(
        kind,
        **{
            field.name: st.from_type(hints[field.name])
            for field in dataclasses.fields(kind)
        },
    )


class CodecTest(unittest.TestCase):
    @settings(max_examples=300, deadline=None)
    @given(st.data())
    def test_decode_undoes_encode(self, data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(_KINDS))
        stored = data.draw(_instances(kind))
        self.assertEqual(stored, codec.decode(kind, codec.encode(stored)))

    def test_plain_is_what_is_encoded(self) -> None:
        host = model.Host('1', 'h', 5, iqns=('a', 'b'))
        plain = codec.to_plain(host)
        self.assertEqual(host, codec.from_plain(model.Host, plain))

    def test_a_field_of_a_newer_program_takes_its_default(self) -> None:
        old = '{"id": "1", "name": "h", "created": 5, "gone": true}'
        self.assertEqual(
            model.Host('1', 'h', 5), codec.decode(model.Host, old)
        )
