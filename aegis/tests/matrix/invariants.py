# SPDX-License-Identifier: Apache-2.0
"""What must hold whatever happens: what is wrong with a scene, in sentences.

The numbers are those of "What must always hold" in the architecture.
"""

import dataclasses
from collections.abc import Iterator, Mapping

from aegis import models
from aegis.common import exception, states
from aegis.tests.matrix import (
    books,
    landscape,
    residents,
    stock,
    verdict,
)

Problems = Iterator[str]
Key = tuple[str, str, str]

_STOPPED_WELL = frozenset(
    {models.OperationState.SUCCEEDED, models.OperationState.CANCELLED}
)
_COUNTED = {
    'servers': lambda placed: int(placed.server_id is not None),
    'volumes': lambda placed: len(placed.volumes),
    'ports': lambda placed: len(placed.ports),
    'array volume': lambda placed: len(placed.volumes),
}
# The point is chosen a moment before the array's clock is read.
_MOMENT_SECONDS = 2.0


@dataclasses.dataclass(frozen=True)
class Scene:
    """Everything at one moment, and what there was before.

    :param before: what stood at the beginning, by key; what members own as
        it was when it was last looked at.
    :param starts: what stood when operations began, by their ids.
    :param points: the recovery points at the recovery array.
    """

    census: residents.Census
    books: books.Books
    before: Mapping[Key, residents.Resident]
    starts: Mapping[str, residents.Census]
    points: tuple[stock.Point, ...]

    @property
    def yielding(self) -> frozenset[str]:
        """Ids and array names of what members own at the protected site."""
        placed = list(self.books.placed(self.books.group.protected_site))
        return frozenset(
            {each.server_id or '' for each in placed}
            | {v.volume_id for each in placed for v in each.volumes}
            | {v.array_volume for each in placed for v in each.volumes}
            | {p.port_id for each in placed for p in each.ports}
        )

    def yields(self, resident: residents.Resident) -> bool:
        """Whether Aegis may stop, lock, pause or mark it."""
        return (
            resident.kind == 'replication'
            or bool(resident.operation)
            or bool({resident.id, resident.name} & self.yielding)
        )


def always(scene: Scene) -> Problems:
    """What is wrong at any moment: invariants 1, 6 and 8."""
    now = {each.key: each for each in scene.census.residents}
    for key, was in scene.before.items():
        if was.place in scene.census.unseen:
            continue
        found = now.get(key)
        if found is None:
            if not was.operation:
                yield f'it is gone: {was}'
        elif not scene.yields(was) and found != was:
            yield f'it was changed: {was}: {_changes(was, found)}'
        elif (was.name, was.ties) != (found.name, found.ties):
            if not was.operation and was.kind != 'host':
                yield f'it was detached or renamed: {was}, now {found}'
        elif was.kind == 'replication' and found.status != was.status:
            yield from _paused(scene, was)


def _changes(
    was: residents.Resident, found: residents.Resident
) -> dict[str, tuple[object, object]]:
    return {
        field.name: (getattr(was, field.name), getattr(found, field.name))
        for field in dataclasses.fields(was)
        if getattr(was, field.name) != getattr(found, field.name)
    }


def _paused(scene: Scene, was: residents.Resident) -> Problems:
    """Replication that others are in may not be paused."""
    others = sorted(was.ties - scene.yielding)
    if was.ties and was.status == 'on' and others:
        yield f'replication of {was.name} was paused, and with it {others}'


def at_rest(scene: Scene) -> Problems:
    """What is wrong when no operation runs."""
    for account in scene.books.accounts:
        yield from _read_back(account)
        yield from _told(account)
        yield from _orphans(scene, account)
        yield from _duplicates(scene, account)
        yield from _recovery_point(scene, account)
    if scene.books.accounts:
        yield from _undone(scene, scene.books.accounts[-1])
        yield from _group(scene.books)
    for placed in scene.books.placements:
        yield from _placed(scene, placed)
    yield from _two_sides(scene)


def _read_back(account: books.Account) -> Problems:
    """Invariant 2, as the journal says it."""
    if account.operation.state is not models.OperationState.SUCCEEDED:
        return
    attempts = {
        lane.id: lane.attempt
        for lane in account.lanes
        if lane.error_code != exception.MemberRemoved.code
    }
    for lane in account.lanes:
        if (
            lane.id in attempts
            and lane.state is not models.LaneState.SUCCEEDED
        ):
            yield f'it succeeded, but lane {lane.name} is {lane.state}'
    for step in account.steps:
        if step.attempt == attempts.get(step.lane_id) and (
            step.state is not models.StepState.SUCCEEDED or step.result is None
        ):
            yield f'it succeeded, but step {step.name} is {step.state}'


def _told(account: books.Account) -> Problems:
    """Invariant 7: whoever does not succeed says why, and what to do."""
    operation = account.operation
    if operation.state not in _STOPPED_WELL and not (
        operation.error_code and operation.state_reason
    ):
        yield f'the {operation.state} operation does not say why'
    for lane in account.lanes:
        code, reason = lane.error_code, lane.reason or ''
        if code in (None, exception.OperationCancelled.code):
            continue
        if not verdict.has_remedy(str(code), reason):
            yield f'no remedy is told: {lane.name}: {code} {reason}'


def _orphans(scene: Scene, account: books.Account) -> Problems:
    """Invariant 4: what stands belongs to a member, or is listed."""
    members = {id_[:8] for id_ in account.recovered}
    lanes = {(lane.member_id or '')[:8] for lane in account.lanes}
    debts = tuple(account.debts(current=False))
    for each in scene.census.born(account.operation.id):
        kept = each.member in members or (members and each.member not in lanes)
        if not kept and not any(
            verdict.covers(debt, each.standing) for debt in debts
        ):
            yield f'orphan of a {account.operation.state} operation: {each}'


def _duplicates(scene: Scene, account: books.Account) -> Problems:
    """Invariant 4: one of each per member."""
    site = scene.books.group.recovery_site
    for placed in scene.books.placed(site):
        found = scene.census.count(account.operation.id, placed.member_id)
        if placed.member_id not in account.recovered or not found['servers']:
            continue
        for kind, number in _COUNTED.items():
            if found[kind] != number(placed):
                yield (
                    f'member {placed.member_id} has {found[kind]} {kind}, '
                    f'not {number(placed)}'
                )


def _undone(scene: Scene, account: books.Account) -> Problems:
    """Invariant 4: what recovered nobody leaves all as it was, or tells."""
    start = scene.starts.get(account.operation.id)
    if start is None or account.recovered:
        return
    if account.operation.state is models.OperationState.SUCCEEDED:
        return
    unseen = start.unseen | scene.census.unseen
    gap = scene.census.landscape(unseen).gap(start.landscape(unseen))
    debts = tuple(account.debts(current=False))
    for word, standings in (('left', gap.surplus), ('lost', gap.missing)):
        for each in standings:
            if not _comes_by_itself(each) and not any(
                verdict.covers(debt, each) for debt in debts
            ):
                yield f'{word} by a {account.operation.state} one: {each}'
    for debt in account.debts(current=True):
        if not verdict.is_open(debt) and not any(
            verdict.covers(debt, each) for each in gap.all
        ):
            yield f'listed and not left: {debt.leftover}'


def _comes_by_itself(standing: landscape.Standing) -> bool:
    """Arrays send copies all the time, and hosts are made by Cinder."""
    return standing.thing.kind in ('recovery point', 'host')


def _group(found: books.Books) -> Problems:
    """The group is where its newest change has led it."""
    changing = [
        account.operation
        for account in found.accounts
        if states.changes_group(account.operation.type)
    ]
    group = found.group
    if not changing or group.state is models.GroupState.UNPROTECTED:
        return
    newest = changing[-1]
    event = f'{newest.type}.{newest.state}'
    possible = {
        states.group_after(state, event)
        for state in states.group_states_before(event)
    }
    if group.state not in possible:
        yield f'the group is {group.state} after {event}'
    if group.state is models.GroupState.ERROR and newest.id not in (
        group.state_reason or ''
    ):
        yield 'the group in error does not name the operation to retry'


def _placed(scene: Scene, placed: models.Placement) -> Problems:
    """Invariant 2, as the clouds and the array say it."""
    found = {each.id: each for each in scene.census.residents}
    server = found.get(placed.server_id or '')
    if server is None:
        yield f'the server of {placed.member_id} at {placed.site} is not there'
        return
    volumes = {volume.volume_id for volume in placed.volumes}
    if server.ties != volumes:
        yield f'{server} has other volumes than {sorted(volumes)}'
    if 'ACTIVE' not in server.status and server.operation:
        yield f'{server} was recovered and does not run'
    for each in (*volumes, *(port.port_id for port in placed.ports)):
        if each not in found or server.id not in found[each].ties:
            yield f'{each} is not at {server}'
    yield from _stored(scene, placed)


def _stored(scene: Scene, placed: models.Placement) -> Problems:
    held = {
        (each.place, each.name): each
        for each in scene.census.residents
        if each.kind == 'array volume'
    }
    for volume in placed.volumes:
        if volume.array in scene.census.unseen:
            continue
        there = held.get((volume.array, volume.array_volume))
        if there is None or not there.ties:
            yield f'volume {volume.name} is not connected at {volume.array}'


def _two_sides(scene: Scene) -> Problems:
    """Invariant 3: a member that runs at both sites is told of."""
    group = scene.books.group
    if group.state is models.GroupState.SPLIT_BRAIN:
        return
    runs = {
        each.id
        for each in scene.census.residents
        if each.kind == 'servers' and 'ACTIVE' in each.status
    }
    sides: dict[str, set[str]] = {}
    for placed in scene.books.placements:
        if placed.server_id in runs:
            sides.setdefault(placed.member_id, set()).add(placed.site)
    for member_id, where in sides.items():
        if len(where) > 1 and not _is_noticed(scene.books, member_id):
            yield f'member {member_id} runs at both sites and nobody says so'


def _is_noticed(found: books.Books, member_id: str) -> bool:
    """Whether the run that recovered it says that its old side may run."""
    for account in found.accounts:
        fence = account.operation.report.get('fence')
        if member_id in account.recovered and fence:
            if not fence['fenced'] and fence['reason']:
                return True
    return False


def _recovery_point(scene: Scene, account: books.Account) -> Problems:
    """Invariant 10: how old the data is, as the array says."""
    report = account.operation.report
    chosen = report.get('recovery_point')
    if chosen is None or 'rpo_seconds' not in report:
        return
    known = {point.id: point for point in scene.points}
    point = known.get(chosen['id'])
    if point is None or point.completed is None:
        yield f'recovery point {chosen["id"]} is not at the array'
        return
    looked = point.created.timestamp() + report['rpo_seconds']
    for other in scene.points:
        if (
            other.completed is not None
            and other.completed.timestamp() < looked - _MOMENT_SECONDS
            and other.created > point.created
        ):
            yield f'{other} is newer than {point}, which was chosen'
