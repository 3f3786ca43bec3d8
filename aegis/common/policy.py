# SPDX-License-Identifier: Apache-2.0
"""Judging requests by the rules of :mod:`aegis.policies`."""

from oslo_config import cfg
from oslo_policy import opts, policy

from aegis import policies
from aegis.common import context as aegis_context
from aegis.common import exception
from aegis.policies import base


class Authorizer:
    """Says who may do what.

    The operator's policy file, if there is one, is read again when it
    changes.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        opts.set_defaults(conf)
        self._enforcer = policy.Enforcer(conf)
        self._enforcer.register_defaults(policies.list_rules())

    def is_admin(self, context: aegis_context.RequestContext) -> bool:
        """Whether a context sees the objects of every project."""
        return self._allows(context, base.CONTEXT_IS_ADMIN)

    def require(
        self, context: aegis_context.RequestContext, rule: str
    ) -> None:
        """Make sure that a rule allows the context what it is about to do.

        The target is the context's own project: what another project has
        does not exist for a context, unless it is an administrator's.

        :raises Forbidden: when it does not.
        """
        if not self._allows(context, rule):
            raise exception.Forbidden(action=rule)

    def _allows(
        self, context: aegis_context.RequestContext, rule: str
    ) -> bool:
        if context.project_id is None:
            # Nobody's project would match nobody's project.
            return False
        target = {
            'project_id': context.project_id,
            'user_id': context.user_id,
        }
        try:
            return bool(self._enforcer.authorize(rule, target, context))
        except policy.InvalidScope:
            return False


def get_enforcer() -> policy.Enforcer:
    """The enforcer for the command line tools of oslo.policy."""
    conf = cfg.CONF
    conf([], project='aegis')
    enforcer = policy.Enforcer(conf)
    enforcer.register_defaults(policies.list_rules())
    return enforcer
