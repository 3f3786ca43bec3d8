# SPDX-License-Identifier: Apache-2.0
"""What random calls are made of."""

from hypothesis import strategies as st

from tests.reference_objects import BLOCK

MIB = 2**20
HOUR = 3_600_000
UNKNOWN = 40

sides = st.integers(0, 1)
picks = st.integers(0, UNKNOWN)
flags = st.booleans()
bases = st.sampled_from(('a', 'b', 'c', 'A'))
containers = st.sampled_from(('', '', 'vg', 'vh'))
places = st.sampled_from(('', '', '', 'vg/', 'vh/', 'p::', 'q::'))
group_names = st.sampled_from(('pg', 'ph', 'p::pg'))
pod_names = st.sampled_from(('p', 'q'))
suffixes = st.sampled_from(('s', 't', 'S', '1', None))
sizes = st.sampled_from((MIB, 2 * MIB, MIB + 512))
offsets = st.sampled_from((0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 7, MIB - 9))
texts = st.sampled_from((b'x', b'yes', b'\0' * 9, b'one' * 3))
long_texts = st.sampled_from((b'z' * 40_000, b'\0' * 80_000, b'ab' * 33_000))
