# SPDX-License-Identifier: Apache-2.0
"""The fence: what only the holder of a claim can change."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from aegis import models
from aegis.common import clock, exception
from aegis.common import failure as aegis_failure
from aegis.db import rows

LANES = rows.LANES

# Each step says this several times; making a statement takes longer than
# running it.
_HELD = sa.update(LANES).where(
    LANES.c.id == sa.bindparam('claimed_lane'),
    LANES.c.owner == sa.bindparam('claimed_owner'),
    LANES.c.fence == sa.bindparam('claimed_fence'),
    LANES.c.lease_expires_at > sa.bindparam('claimed_now'),
    sa.or_(*(LANES.c.state == state for state in rows.HELD_LANE_STATES)),
)


def update_held(
    session: orm.Session, claim: models.Claim, values: dict[str, Any]
) -> None:
    """Change a lane's row if, and only if, the claim on it still holds.

    It renews the lease as well. The row stays locked until the transaction
    ends, so that nobody can take the lane over between this and whatever
    else the transaction writes: that is the fence.

    :raises FenceLost: when the claim no longer holds; nothing was written.
    """
    now = clock.now()
    result: Any = session.execute(
        _HELD,
        {
            'claimed_lane': claim.lane_id,
            'claimed_owner': claim.owner,
            'claimed_fence': claim.fence,
            'claimed_now': now,
            'lease_expires_at': claim.lease_from(now),
            **values,
        },
    )
    if result.rowcount != 1:
        raise exception.FenceLost


def revert_values(failure: aegis_failure.Failure | None) -> dict[str, Any]:
    """What changes in the row of a running lane that is to revert."""
    values: dict[str, Any] = {
        'state': models.LaneState.REVERTING,
        'direction': models.LaneDirection.REVERT,
    }
    if failure is not None:
        values |= {'reason': failure.reason, 'error_code': failure.code}
    return values
