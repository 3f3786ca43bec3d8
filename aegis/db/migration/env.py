# SPDX-License-Identifier: Apache-2.0
"""Run by alembic; the connection is handed in by aegis.db.migration."""

from alembic import context

from aegis.db import models

context.configure(
    connection=context.config.attributes['connection'],
    target_metadata=models.Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
