# SPDX-License-Identifier: Apache-2.0
"""The tables. Alembic revisions are the way they come to be."""

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import mysql


class UtcDateTime(sa.types.TypeDecorator[datetime.datetime]):
    """Aware UTC times, to the microsecond, on every database."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == 'mysql':
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime())

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: sa.Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        return value.astimezone(datetime.UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime.datetime | None, dialect: sa.Dialect
    ) -> datetime.datetime | None:
        return value and value.replace(tzinfo=datetime.UTC)


class Base(orm.DeclarativeBase):
    """Base of all tables."""

    metadata = sa.MetaData(
        naming_convention={
            'ix': 'ix_%(column_0_label)s',
            'uq': 'uniq_%(table_name)s_%(column_0_name)s',
            'fk': 'fk_%(table_name)s_%(column_0_name)s',
            'pk': 'pk_%(table_name)s',
        }
    )

    __table_args__: Any = {
        'mysql_engine': 'InnoDB',
        'mysql_charset': 'utf8mb4',
        # Names differ by case on every database, or on none.
        'mysql_collate': 'utf8mb4_bin',
    }

    type_annotation_map = {
        str: sa.String(255),
        datetime.datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
    }


def _uuid_key() -> orm.Mapped[str]:
    return orm.mapped_column(sa.String(36), primary_key=True)


def _reference(
    column: str, nullable: bool = False, cascade: bool = True
) -> orm.Mapped[Any]:
    return orm.mapped_column(
        sa.String(36),
        sa.ForeignKey(column, ondelete='CASCADE' if cascade else None),
        nullable=nullable,
        index=True,
    )


class SiteStatus(Base):
    """What an engine last saw of a configured site."""

    __tablename__ = 'site_statuses'

    name: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    reachable: orm.Mapped[bool]
    reason: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    checked_at: orm.Mapped[datetime.datetime]


class FailoverGroup(Base):
    __tablename__ = 'failover_groups'
    __table_args__ = (
        sa.UniqueConstraint(
            'project_id', 'name', name='uniq_failover_groups_project_name'
        ),
        Base.__table_args__,
    )

    id: orm.Mapped[str] = _uuid_key()
    project_id: orm.Mapped[str] = orm.mapped_column(index=True)
    user_id: orm.Mapped[str]
    name: orm.Mapped[str]
    description: orm.Mapped[str] = orm.mapped_column(sa.Text)
    protected_site: orm.Mapped[str]
    recovery_site: orm.Mapped[str]
    active_site: orm.Mapped[str]
    replication_type: orm.Mapped[str]
    on_member_failure: orm.Mapped[str]
    protected_project_id: orm.Mapped[str]
    replication_array: orm.Mapped[str | None]
    replication_group: orm.Mapped[str | None]
    state: orm.Mapped[str]
    state_reason: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    epoch: orm.Mapped[int]
    revision: orm.Mapped[int]
    created_at: orm.Mapped[datetime.datetime]
    updated_at: orm.Mapped[datetime.datetime]


class Mapping(Base):
    __tablename__ = 'mappings'
    __table_args__ = (
        sa.UniqueConstraint(
            'group_id',
            'resource_type',
            'source',
            name='uniq_mappings_group_type_source',
        ),
        Base.__table_args__,
    )

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    group_id: orm.Mapped[str] = _reference('failover_groups.id')
    resource_type: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    source: orm.Mapped[str]
    target: orm.Mapped[str]


class Member(Base):
    __tablename__ = 'members'

    id: orm.Mapped[str] = _uuid_key()
    group_id: orm.Mapped[str] = _reference('failover_groups.id')
    kind: orm.Mapped[str]
    name: orm.Mapped[str]
    wave: orm.Mapped[int]
    created_at: orm.Mapped[datetime.datetime]


class Placement(Base):
    """One row per member and site; a server has one placement at a site."""

    __tablename__ = 'placements'
    __table_args__ = (
        sa.UniqueConstraint(
            'member_id', 'site', name='uniq_placements_member_site'
        ),
        sa.UniqueConstraint(
            'site', 'server_id', name='uniq_placements_site_server'
        ),
        Base.__table_args__,
    )

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    member_id: orm.Mapped[str] = _reference('members.id')
    site: orm.Mapped[str]
    server_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(36))
    updated_at: orm.Mapped[datetime.datetime]


class PlacedVolume(Base):
    __tablename__ = 'placed_volumes'

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    placement_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('placements.id', ondelete='CASCADE'), index=True
    )
    ordinal: orm.Mapped[int]
    volume_id: orm.Mapped[str] = orm.mapped_column(sa.String(36), index=True)
    name: orm.Mapped[str]
    size_gib: orm.Mapped[int]
    array: orm.Mapped[str]
    array_volume: orm.Mapped[str]


class PlacedPort(Base):
    __tablename__ = 'placed_ports'

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    placement_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('placements.id', ondelete='CASCADE'), index=True
    )
    ordinal: orm.Mapped[int]
    port_id: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    network_id: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    mac_address: orm.Mapped[str]
    fixed_ips: orm.Mapped[list[Any]]
    floating_ip: orm.Mapped[str | None]


class Checkpoint(Base):
    __tablename__ = 'checkpoints'
    __table_args__ = (
        sa.UniqueConstraint(
            'group_id', 'version', name='uniq_checkpoints_group_version'
        ),
        Base.__table_args__,
    )

    id: orm.Mapped[str] = _uuid_key()
    group_id: orm.Mapped[str] = _reference('failover_groups.id')
    site: orm.Mapped[str]
    version: orm.Mapped[int]
    created_at: orm.Mapped[datetime.datetime]


class CheckpointResource(Base):
    __tablename__ = 'checkpoint_resources'

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    checkpoint_id: orm.Mapped[str] = _reference('checkpoints.id')
    member_id: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(36), index=True
    )
    service: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    resource_type: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    resource_id: orm.Mapped[str]
    name: orm.Mapped[str]
    document: orm.Mapped[dict[str, Any]]


class Operation(Base):
    """``group_id`` is no foreign key: the record outlives its group.

    ``active_group_id`` equals ``group_id`` until the operation has ended
    and is NULL afterwards: its unique index is what makes a second
    operation on a busy group impossible on every database.
    """

    __tablename__ = 'operations'

    id: orm.Mapped[str] = _uuid_key()
    group_id: orm.Mapped[str] = orm.mapped_column(sa.String(36), index=True)
    active_group_id: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(36), unique=True
    )
    project_id: orm.Mapped[str] = orm.mapped_column(index=True)
    user_id: orm.Mapped[str]
    request_id: orm.Mapped[str | None]
    type: orm.Mapped[str]
    state: orm.Mapped[str] = orm.mapped_column(index=True)
    state_reason: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    error_code: orm.Mapped[str | None]
    arguments: orm.Mapped[dict[str, Any]]
    report: orm.Mapped[dict[str, Any]]
    cancel_requested: orm.Mapped[bool]
    attempt: orm.Mapped[int]
    created_at: orm.Mapped[datetime.datetime]
    started_at: orm.Mapped[datetime.datetime | None]
    finished_at: orm.Mapped[datetime.datetime | None]


class Lane(Base):
    __tablename__ = 'lanes'

    id: orm.Mapped[str] = _uuid_key()
    operation_id: orm.Mapped[str] = _reference('operations.id')
    member_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(36))
    name: orm.Mapped[str]
    flow: orm.Mapped[str]
    wave: orm.Mapped[int]
    state: orm.Mapped[str] = orm.mapped_column(index=True)
    direction: orm.Mapped[str]
    attempt: orm.Mapped[int]
    reason: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    error_code: orm.Mapped[str | None]
    owner: orm.Mapped[str | None]
    lease_expires_at: orm.Mapped[datetime.datetime | None]
    fence: orm.Mapped[int]
    started_at: orm.Mapped[datetime.datetime | None]
    finished_at: orm.Mapped[datetime.datetime | None]


class Step(Base):
    __tablename__ = 'steps'
    __table_args__ = (
        sa.UniqueConstraint(
            'lane_id', 'attempt', 'name', name='uniq_steps_lane_attempt_name'
        ),
        Base.__table_args__,
    )

    id: orm.Mapped[str] = _uuid_key()
    lane_id: orm.Mapped[str] = _reference('lanes.id')
    attempt: orm.Mapped[int]
    ordinal: orm.Mapped[int]
    name: orm.Mapped[str]
    state: orm.Mapped[str]
    intent: orm.Mapped[dict[str, Any]]
    result: orm.Mapped[Any] = orm.mapped_column(sa.JSON(), nullable=True)
    message: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    error_code: orm.Mapped[str | None]
    reversible: orm.Mapped[bool]
    leftovers: orm.Mapped[list[Any]]
    service_seconds: orm.Mapped[dict[str, Any]]
    started_at: orm.Mapped[datetime.datetime]
    finished_at: orm.Mapped[datetime.datetime | None]


class Service(Base):
    __tablename__ = 'services'
    __table_args__ = (
        sa.UniqueConstraint(
            'binary', 'host', name='uniq_services_binary_host'
        ),
        Base.__table_args__,
    )

    id: orm.Mapped[str] = _uuid_key()
    binary: orm.Mapped[str]
    host: orm.Mapped[str]
    version: orm.Mapped[str]
    started_at: orm.Mapped[datetime.datetime]
    heartbeat_at: orm.Mapped[datetime.datetime]
