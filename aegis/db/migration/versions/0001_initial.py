# SPDX-License-Identifier: Apache-2.0
"""Create the tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0001'
down_revision = None

TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
TABLE = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb4',
    'mysql_collate': 'utf8mb4_bin',
}


def upgrade() -> None:
    op.create_table(
        'failover_groups',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('project_id', sa.String(length=255), nullable=False),
        sa.Column('user_id', sa.String(length=255), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('description', sa.Text(), nullable=False),
        sa.Column('protected_site', sa.String(length=255), nullable=False),
        sa.Column('recovery_site', sa.String(length=255), nullable=False),
        sa.Column('active_site', sa.String(length=255), nullable=False),
        sa.Column('replication_type', sa.String(length=255), nullable=False),
        sa.Column('on_member_failure', sa.String(length=255), nullable=False),
        sa.Column(
            'protected_project_id', sa.String(length=255), nullable=False
        ),
        sa.Column('replication_array', sa.String(length=255), nullable=True),
        sa.Column('replication_group', sa.String(length=255), nullable=True),
        sa.Column('state', sa.String(length=255), nullable=False),
        sa.Column('state_reason', sa.Text(), nullable=True),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('created_at', TIME, nullable=False),
        sa.Column('updated_at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_failover_groups')),
        sa.UniqueConstraint(
            'project_id', 'name', name='uniq_failover_groups_project_name'
        ),
        **TABLE,
    )
    op.create_index(
        op.f('ix_failover_groups_project_id'),
        'failover_groups',
        ['project_id'],
        unique=False,
    )
    op.create_table(
        'operations',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('group_id', sa.String(length=36), nullable=False),
        sa.Column('active_group_id', sa.String(length=36), nullable=True),
        sa.Column('project_id', sa.String(length=255), nullable=False),
        sa.Column('user_id', sa.String(length=255), nullable=False),
        sa.Column('request_id', sa.String(length=255), nullable=True),
        sa.Column('type', sa.String(length=255), nullable=False),
        sa.Column('state', sa.String(length=255), nullable=False),
        sa.Column('state_reason', sa.Text(), nullable=True),
        sa.Column('error_code', sa.String(length=255), nullable=True),
        sa.Column('arguments', sa.JSON(), nullable=False),
        sa.Column('report', sa.JSON(), nullable=False),
        sa.Column('cancel_requested', sa.Boolean(), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('created_at', TIME, nullable=False),
        sa.Column('started_at', TIME, nullable=True),
        sa.Column('finished_at', TIME, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_operations')),
        sa.UniqueConstraint(
            'active_group_id', name=op.f('uniq_operations_active_group_id')
        ),
        **TABLE,
    )
    op.create_index(
        op.f('ix_operations_group_id'),
        'operations',
        ['group_id'],
        unique=False,
    )
    op.create_index(
        op.f('ix_operations_project_id'),
        'operations',
        ['project_id'],
        unique=False,
    )
    op.create_index(
        op.f('ix_operations_state'), 'operations', ['state'], unique=False
    )
    op.create_table(
        'services',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('binary', sa.String(length=255), nullable=False),
        sa.Column('host', sa.String(length=255), nullable=False),
        sa.Column('version', sa.String(length=255), nullable=False),
        sa.Column('started_at', TIME, nullable=False),
        sa.Column('heartbeat_at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_services')),
        sa.UniqueConstraint(
            'binary', 'host', name='uniq_services_binary_host'
        ),
        **TABLE,
    )
    op.create_table(
        'site_statuses',
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('reachable', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('checked_at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_site_statuses')),
        **TABLE,
    )
    op.create_table(
        'checkpoints',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('group_id', sa.String(length=36), nullable=False),
        sa.Column('site', sa.String(length=255), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ['group_id'],
            ['failover_groups.id'],
            name=op.f('fk_checkpoints_group_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_checkpoints')),
        sa.UniqueConstraint(
            'group_id', 'version', name='uniq_checkpoints_group_version'
        ),
        **TABLE,
    )
    op.create_index(
        op.f('ix_checkpoints_group_id'),
        'checkpoints',
        ['group_id'],
        unique=False,
    )
    op.create_table(
        'lanes',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('operation_id', sa.String(length=36), nullable=False),
        sa.Column('member_id', sa.String(length=36), nullable=True),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('flow', sa.String(length=255), nullable=False),
        sa.Column('wave', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=255), nullable=False),
        sa.Column('direction', sa.String(length=255), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('error_code', sa.String(length=255), nullable=True),
        sa.Column('owner', sa.String(length=255), nullable=True),
        sa.Column('lease_expires_at', TIME, nullable=True),
        sa.Column('fence', sa.Integer(), nullable=False),
        sa.Column('started_at', TIME, nullable=True),
        sa.Column('finished_at', TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ['operation_id'],
            ['operations.id'],
            name=op.f('fk_lanes_operation_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_lanes')),
        **TABLE,
    )
    op.create_index(
        op.f('ix_lanes_operation_id'), 'lanes', ['operation_id'], unique=False
    )
    op.create_index(op.f('ix_lanes_state'), 'lanes', ['state'], unique=False)
    op.create_table(
        'mappings',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('group_id', sa.String(length=36), nullable=False),
        sa.Column('resource_type', sa.String(length=64), nullable=False),
        sa.Column('source', sa.String(length=255), nullable=False),
        sa.Column('target', sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ['group_id'],
            ['failover_groups.id'],
            name=op.f('fk_mappings_group_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_mappings')),
        sa.UniqueConstraint(
            'group_id',
            'resource_type',
            'source',
            name='uniq_mappings_group_type_source',
        ),
        **TABLE,
    )
    op.create_index(
        op.f('ix_mappings_group_id'), 'mappings', ['group_id'], unique=False
    )
    op.create_table(
        'members',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('group_id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=255), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('wave', sa.Integer(), nullable=False),
        sa.Column('created_at', TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ['group_id'],
            ['failover_groups.id'],
            name=op.f('fk_members_group_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_members')),
        **TABLE,
    )
    op.create_index(
        op.f('ix_members_group_id'), 'members', ['group_id'], unique=False
    )
    op.create_table(
        'checkpoint_resources',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('checkpoint_id', sa.String(length=36), nullable=False),
        sa.Column('member_id', sa.String(length=36), nullable=True),
        sa.Column('service', sa.String(length=64), nullable=False),
        sa.Column('resource_type', sa.String(length=64), nullable=False),
        sa.Column('resource_id', sa.String(length=255), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('document', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ['checkpoint_id'],
            ['checkpoints.id'],
            name=op.f('fk_checkpoint_resources_checkpoint_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_checkpoint_resources')),
        **TABLE,
    )
    op.create_index(
        op.f('ix_checkpoint_resources_checkpoint_id'),
        'checkpoint_resources',
        ['checkpoint_id'],
        unique=False,
    )
    op.create_index(
        op.f('ix_checkpoint_resources_member_id'),
        'checkpoint_resources',
        ['member_id'],
        unique=False,
    )
    op.create_table(
        'placements',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('member_id', sa.String(length=36), nullable=False),
        sa.Column('site', sa.String(length=255), nullable=False),
        sa.Column('server_id', sa.String(length=36), nullable=True),
        sa.Column('updated_at', TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ['member_id'],
            ['members.id'],
            name=op.f('fk_placements_member_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_placements')),
        sa.UniqueConstraint(
            'member_id', 'site', name='uniq_placements_member_site'
        ),
        sa.UniqueConstraint(
            'site', 'server_id', name='uniq_placements_site_server'
        ),
        **TABLE,
    )
    op.create_index(
        op.f('ix_placements_member_id'),
        'placements',
        ['member_id'],
        unique=False,
    )
    op.create_table(
        'steps',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('lane_id', sa.String(length=36), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('ordinal', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('state', sa.String(length=255), nullable=False),
        sa.Column('intent', sa.JSON(), nullable=False),
        sa.Column('result', sa.JSON(), nullable=True),
        sa.Column('message', sa.Text(), nullable=True),
        sa.Column('error_code', sa.String(length=255), nullable=True),
        sa.Column('reversible', sa.Boolean(), nullable=False),
        sa.Column('leftovers', sa.JSON(), nullable=False),
        sa.Column('service_seconds', sa.JSON(), nullable=False),
        sa.Column('started_at', TIME, nullable=False),
        sa.Column('finished_at', TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ['lane_id'],
            ['lanes.id'],
            name=op.f('fk_steps_lane_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_steps')),
        sa.UniqueConstraint(
            'lane_id', 'attempt', 'name', name='uniq_steps_lane_attempt_name'
        ),
        **TABLE,
    )
    op.create_index(
        op.f('ix_steps_lane_id'), 'steps', ['lane_id'], unique=False
    )
    op.create_table(
        'placed_ports',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('placement_id', sa.Integer(), nullable=False),
        sa.Column('ordinal', sa.Integer(), nullable=False),
        sa.Column('port_id', sa.String(length=36), nullable=False),
        sa.Column('network_id', sa.String(length=36), nullable=False),
        sa.Column('mac_address', sa.String(length=255), nullable=False),
        sa.Column('fixed_ips', sa.JSON(), nullable=False),
        sa.Column('floating_ip', sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ['placement_id'],
            ['placements.id'],
            name=op.f('fk_placed_ports_placement_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_placed_ports')),
        **TABLE,
    )
    op.create_index(
        op.f('ix_placed_ports_placement_id'),
        'placed_ports',
        ['placement_id'],
        unique=False,
    )
    op.create_table(
        'placed_volumes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('placement_id', sa.Integer(), nullable=False),
        sa.Column('ordinal', sa.Integer(), nullable=False),
        sa.Column('volume_id', sa.String(length=36), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('size_gib', sa.Integer(), nullable=False),
        sa.Column('array', sa.String(length=255), nullable=False),
        sa.Column('array_volume', sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ['placement_id'],
            ['placements.id'],
            name=op.f('fk_placed_volumes_placement_id'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_placed_volumes')),
        **TABLE,
    )
    op.create_index(
        op.f('ix_placed_volumes_placement_id'),
        'placed_volumes',
        ['placement_id'],
        unique=False,
    )
    op.create_index(
        op.f('ix_placed_volumes_volume_id'),
        'placed_volumes',
        ['volume_id'],
        unique=False,
    )
