# SPDX-License-Identifier: Apache-2.0
"""What nobody outside has seen a real array do: one switch for each.

A switch chooses between the ways a real array may behave where its
behaviour is not published. Code that depends on one asks it, as in
``switches.PAGE_SIZE.of(array)``. ``unknown`` is the number of the open
question that the switch answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

Values = Mapping[str, str]


class Switched(Protocol):
    """What has switches; only those that are not at their default."""

    @property
    def switch_values(self) -> Values: ...


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    unknown: int
    name: str
    default: str
    others: tuple[str, ...]
    meaning: str

    @property
    def values(self) -> tuple[str, ...]:
        return (self.default, *self.others)

    @property
    def allowed(self) -> str:
        return ', '.join(self.values)

    def read(self, value: object) -> str:
        if value not in self.values:
            raise ValueError(f'{self.name} is one of: {self.allowed}')
        return str(value)

    def of(self, switched: Switched) -> str:
        """Return the present value."""
        text = switched.switch_values.get(self.name)
        return self.default if text is None else text


@dataclass(frozen=True)
class Number:
    """A whole number between two others."""

    unknown: int
    name: str
    default: int
    least: int
    most: int
    meaning: str

    @property
    def allowed(self) -> str:
        return f'{self.least} to {self.most}'

    def read(self, value: object) -> int:
        text = str(value)
        if not text.isdecimal() or not self.least <= int(text) <= self.most:
            raise ValueError(f'{self.name} is a number, {self.allowed}')
        return int(text)

    def of(self, switched: Switched) -> int:
        """Return the present value."""
        text = switched.switch_values.get(self.name)
        return self.default if text is None else int(text)


@dataclass(frozen=True)
class Text:
    """Words that are shown to a client."""

    unknown: int
    name: str
    default: str
    meaning: str
    allowed: str = 'any text'

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise ValueError(f'{self.name} is {self.allowed}, not empty')
        return value

    def of(self, switched: Switched) -> str:
        """Return the present value."""
        text = switched.switch_values.get(self.name)
        return self.default if text is None else text


AnySwitch = Choice | Number | Text

DESTROYED_NAME_TEXT = Choice(
    1,
    'destroyed_name_text',
    'pending-eradication',
    ('already-exists',),
    'How the creation of an object is refused whose name a destroyed'
    ' object still holds.',
)
DESTROYED_VOLUME_TEXT = Choice(
    2,
    'destroyed_volume_text',
    'has been destroyed',
    ('does not exist',),
    'How the destruction of a destroyed volume is refused.',
)
MEMBER_RENAME = Choice(
    3,
    'member_rename',
    'bare-or-full',
    ('bare', 'full'),
    'Which new name a member of a pod or volume group may be given: its'
    ' last part, or the name with the container.',
)
RENAME_ACROSS = Choice(
    3,
    'rename_across',
    'refused',
    ('moves',),
    'What a rename to a name in another container does.',
)
INCOMPLETE_SNAPSHOTS = Choice(
    4,
    'incomplete_snapshots',
    'hidden',
    ('listed',),
    'Whether volume snapshots that have not arrived yet are listed.',
)
INCOMPLETE_SNAPSHOT_COPY = Choice(
    4,
    'incomplete_snapshot_copy',
    'refused',
    ('allowed',),
    'Whether a volume snapshot that has not arrived can be copied.',
)
REVERSE_BASELINE = Choice(
    5,
    'reverse_baseline',
    'full',
    ('common-snapshot',),
    'What the first transfer back of a protection group sends: all, or'
    ' the changes since the common snapshot.',
)
ACTIVEDR_REBASELINE = Choice(
    5,
    'activedr_rebaseline',
    'delta',
    ('full',),
    'What an ActiveDR link sends after its direction changed.',
)
PAGE_SIZE = Number(
    6,
    'page_size',
    1000,
    1,
    100_000,
    'Items on a page when the call has no limit.',
)
LARGEST_LIMIT = Number(
    6,
    'largest_limit',
    1000,
    1,
    100_000,
    'The greatest limit that a list call is given.',
)
BATCH_MAXIMUM = Number(
    6,
    'batch_maximum',
    1000,
    1,
    100_000,
    'Elements that one batch call may have.',
)
RATE_LIMIT = Number(
    6,
    'rate_limit',
    0,
    0,
    1_000_000,
    'Calls that a user may make in one second; 0 is no limit.',
)
RATE_BURST = Number(
    6,
    'rate_burst',
    40,
    0,
    1_000_000,
    'Calls that a user may make at once; they come back at the rate limit.',
)
COPY_INTO_STRETCHED_POD = Choice(
    7,
    'copy_into_stretched_pod',
    'refused',
    ('allowed',),
    'Whether a volume outside can be copied into a stretched pod.',
)
ACTIVEDR_SERIALS = Choice(
    8,
    'activedr_serials',
    'own',
    ('source',),
    'Which serials the volumes of an ActiveDR target pod have.',
)
DESTROY_CONNECTED_VOLUME = Choice(
    9,
    'destroy_connected_volume',
    'refused',
    ('allowed',),
    'Whether a connected volume can be destroyed; if so it is disconnected.',
)
EXPIRED_AT_TARGET = Choice(
    10,
    'expired_at_target',
    'destroyed',
    ('eradicated',),
    'What becomes of a replicated snapshot whose retention is over.',
)
FREQUENCY_MINIMUM = Number(
    11,
    'frequency_minimum',
    300_000,
    1000,
    86_400_000,
    'The least time between two replications of a group, in ms.',
)
DESTROYED_VOLUME_MEMBERSHIP = Choice(
    12,
    'destroyed_volume_membership',
    'kept',
    ('removed',),
    'Whether a destroyed volume stays in its protection groups.',
)
READ_ONLY_TEXT = Text(
    13,
    'read_only_text',
    'Operation not permitted for a read-only user.',
    'The message of the 403 that a user without the right gets.',
)
READ_ONLY_BODY = Choice(
    13,
    'read_only_body',
    'message',
    ('errors',),
    'The shape of that 403: of a gateway, or of the API.',
)
GROUP_SNAPSHOT_ORDER = Choice(
    14,
    'group_snapshot_order',
    'created',
    ('created-descending',),
    'The order in which protection group snapshots are listed.',
)
MEMBER_SNAPSHOT_SUFFIX = Choice(
    15,
    'member_snapshot_suffix',
    'group',
    ('group-and-volume',),
    'The suffix field of a volume snapshot PG.N.VOL: N, or N.VOL.',
)
UNKNOWN_PORT_NAME = Choice(
    16,
    'unknown_port_name',
    'empty',
    ('refused',),
    'How a list of ports by an unknown name is answered.',
)
MULTI_STATUS = Choice(
    17,
    'multi_status',
    'never',
    ('from-2.52',),
    'Whether a call on several names, of which some are bad, does the'
    ' others and answers 207.',
)
PURITY_6_9_REST = Number(
    18,
    'purity_6_9_rest',
    50,
    43,
    58,
    'The minor number of the newest REST version of Purity 6.9.',
)

ALL: tuple[AnySwitch, ...] = (
    DESTROYED_NAME_TEXT,
    DESTROYED_VOLUME_TEXT,
    MEMBER_RENAME,
    RENAME_ACROSS,
    INCOMPLETE_SNAPSHOTS,
    INCOMPLETE_SNAPSHOT_COPY,
    REVERSE_BASELINE,
    ACTIVEDR_REBASELINE,
    PAGE_SIZE,
    LARGEST_LIMIT,
    BATCH_MAXIMUM,
    RATE_LIMIT,
    RATE_BURST,
    COPY_INTO_STRETCHED_POD,
    ACTIVEDR_SERIALS,
    DESTROY_CONNECTED_VOLUME,
    EXPIRED_AT_TARGET,
    FREQUENCY_MINIMUM,
    DESTROYED_VOLUME_MEMBERSHIP,
    READ_ONLY_TEXT,
    READ_ONLY_BODY,
    GROUP_SNAPSHOT_ORDER,
    MEMBER_SNAPSHOT_SUFFIX,
    UNKNOWN_PORT_NAME,
    MULTI_STATUS,
    PURITY_6_9_REST,
)
_BY_NAME: Mapping[str, AnySwitch] = {switch.name: switch for switch in ALL}


def find(name: str) -> AnySwitch:
    """Return the switch; raise ValueError, naming all, for another name."""
    switch = _BY_NAME.get(name)
    if switch is None:
        known = ', '.join(_BY_NAME)
        raise ValueError(f'no switch {name}; there are: {known}')
    return switch


def parse(assignments: Iterable[str]) -> dict[str, str]:
    """Return what ``name=value`` texts set; raise ValueError if bad."""
    found = {}
    for text in assignments:
        name, separator, value = text.partition('=')
        if not separator:
            raise ValueError(f'--switch {text}: expected NAME=VALUE')
        found[name] = str(find(name).read(value))
    return found


def changed(present: Values, name: str, value: object) -> dict[str, str]:
    """Return the values with one switch set; raise ValueError if bad."""
    switch = find(name)
    read = switch.read(value)
    others = {key: v for key, v in present.items() if key != name}
    return others if read == switch.default else {**others, name: str(read)}


def values(switched: Switched) -> dict[str, str | int]:
    """Return the value of every switch, by name."""
    return {switch.name: switch.of(switched) for switch in ALL}
