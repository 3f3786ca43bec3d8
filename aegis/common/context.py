# SPDX-License-Identifier: Apache-2.0
"""Who asks, in which project, in which request."""

from typing import TYPE_CHECKING, Any

from oslo_context import context
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import enginefacade

if TYPE_CHECKING:
    from sqlalchemy import orm


@enginefacade.transaction_context_provider
class RequestContext(context.RequestContext):
    """The context of one request, shared by the threads that work on it.

    Database functions show a context only the rows of its project, unless
    it ``is_admin``. Its serial form, which goes over the message bus, never
    holds a token.
    """

    session: 'orm.Session'
    """The session of the transaction that runs, if one does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_for_threads()

    def _prepare_for_threads(self) -> None:
        # enginefacade makes its per-thread state on first use; two threads
        # doing so at once would each lose the other's transaction.
        try:
            getattr(self, 'transaction_ctx')  # noqa: B009
        except db_exception.NoEngineContextEstablished:
            return

    def to_dict(self) -> dict[str, Any]:
        values = super().to_dict()
        del values['auth_token']
        return values


def admin_context(
    request_id: str | None = None, overwrite: bool = False
) -> RequestContext:
    """A context of Aegis itself.

    :param request_id: the request to go on with; a new one by default.
    :param overwrite: whether it becomes the thread's current context, which
        log lines take their request id from.
    """
    return RequestContext(
        is_admin=True, request_id=request_id, overwrite=overwrite
    )
