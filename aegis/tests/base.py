# SPDX-License-Identifier: Apache-2.0
"""What every test of Aegis starts from."""

import logging as python_logging
import warnings
from typing import Any

import fixtures
from oslotest import base
from sqlalchemy import exc as sqlalchemy_exceptions

from aegis.common import context
from aegis.tests.fixtures import conf, database

PROJECT_ID = '11111111111111111111111111111111'
OTHER_PROJECT_ID = '22222222222222222222222222222222'
USER_ID = '99999999999999999999999999999999'


class WarningsFixture(fixtures.Fixture):
    """Warnings of SQLAlchemy are errors."""

    def _setUp(self) -> None:
        catcher = warnings.catch_warnings()
        catcher.__enter__()
        self.addCleanup(catcher.__exit__, None, None, None)
        for category in (
            sqlalchemy_exceptions.SADeprecationWarning,
            sqlalchemy_exceptions.SAWarning,
        ):
            warnings.simplefilter('error', category)


class TestCase(base.BaseTestCase):
    """A test with a configuration of its own.

    ``self.conf`` is the configuration, ``self.config(group=..., name=value)``
    overrides options of it until the end of the test.
    """

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(WarningsFixture())
        # keystoneauth's optional plugins complain at length.
        python_logging.getLogger('stevedore').setLevel(python_logging.CRITICAL)
        configuration = self.useFixture(conf.Configuration())
        self.conf = configuration.conf
        self.config = configuration.config


class DatabaseTestCase(TestCase):
    """A test with a database, a tenant's context and an administrator's."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(database.Database(self.conf))
        self.context = request_context()
        self.admin = context.admin_context()


def request_context(
    project_id: str = PROJECT_ID,
    roles: tuple[str, ...] = ('member', 'reader'),
    **values: Any,
) -> context.RequestContext:
    """The context of a user; no administrator unless told so."""
    values.setdefault('user_id', USER_ID)
    values.setdefault('overwrite', False)
    return context.RequestContext(
        project_id=project_id, roles=list(roles), **values
    )
