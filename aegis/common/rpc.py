# SPDX-License-Identifier: Apache-2.0
"""The message bus between the API and the engines."""

from collections.abc import Sequence
from typing import Any

import oslo_messaging as messaging
from oslo_config import cfg
from oslo_log import log as logging

from aegis.common import context as aegis_context
from aegis.common import exception

LOG = logging.getLogger(__name__)

# Errors of these modules arrive as what they were; others as RemoteError.
EXCEPTION_MODULES = ('aegis.common.exception', 'aegis.storage.errors')


class ContextSerializer(messaging.NoOpSerializer):
    """Contexts go over the bus as dictionaries without a token."""

    def serialize_context(
        self, ctxt: aegis_context.RequestContext
    ) -> dict[str, Any]:
        return ctxt.to_dict()

    def deserialize_context(
        self, ctxt: dict[str, Any]
    ) -> aegis_context.RequestContext:
        return aegis_context.RequestContext.from_dict(ctxt)


class Client:
    """Calls the methods of whoever serves a topic.

    :param timeout: how many seconds to wait for the answer to a call.
    """

    def __init__(self, client: messaging.RPCClient, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    def cast(
        self,
        context: aegis_context.RequestContext,
        method: str,
        **arguments: Any,
    ) -> None:
        """Wake somebody up, without waiting.

        A bus that does not answer is logged and nothing else: what is cast
        is in the database, and engines look there by themselves too.
        """
        try:
            self._client.cast(context, method, **arguments)
        except messaging.MessagingException:
            LOG.warning(
                'Nobody could be told to %s; an engine will find the work '
                'in the database',
                method,
                exc_info=True,
            )

    def call(
        self,
        context: aegis_context.RequestContext,
        method: str,
        **arguments: Any,
    ) -> Any:
        """Call a method and wait for its result.

        :raises EngineUnavailable: when nobody answers in time.
        :raises AegisError: as the method raised it.
        """
        try:
            return self._client.call(context, method, **arguments)
        except (
            messaging.MessagingTimeout,
            messaging.MessageDeliveryFailure,
        ) as error:
            LOG.warning('%s was not answered: %s', method, error)
            raise exception.EngineUnavailable(
                seconds=f'{self._timeout:g}'
            ) from error


class Bus:
    """The connection of one process to the message bus.

    :param url: instead of the configured ``transport_url``.
    """

    def __init__(self, conf: cfg.ConfigOpts, url: str | None = None) -> None:
        self._transport = messaging.get_rpc_transport(
            conf, url=url, allowed_remote_exmods=list(EXCEPTION_MODULES)
        )

    def client(self, topic: str, version: str, timeout: float) -> Client:
        """A client of whoever serves a topic at a version."""
        target = messaging.Target(topic=topic, version=version)
        return Client(
            messaging.get_rpc_client(
                self._transport,
                target,
                timeout=timeout,
                serializer=ContextSerializer(),
                # One try: whoever waits shall know soon that the bus is down.
                retry=1,
            ),
            timeout,
        )

    def server(
        self, topic: str, host: str, endpoints: Sequence[object]
    ) -> messaging.MessageHandlingServer:
        """A server, not yet started, that offers endpoints on a topic."""
        return messaging.get_rpc_server(
            self._transport,
            messaging.Target(topic=topic, server=host),
            list(endpoints),
            serializer=ContextSerializer(),
            access_policy=messaging.DefaultRPCAccessPolicy,
        )

    def close(self) -> None:
        """Close the connection; servers have to be stopped before."""
        self._transport.cleanup()
