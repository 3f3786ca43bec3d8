# SPDX-License-Identifier: Apache-2.0
import unittest

from keystoneauth1 import exceptions as keystone_exceptions

from aegisclient import exceptions
from aegisclient.sdk.v1 import following, operation
from aegisclient.tests import documents


class Site:
    """Looks at an operation in time that passes only by waiting."""

    def __init__(self, *looks):
        self.looks = list(looks)
        self.time = 0.0
        self.troubles = []

    def look(self):
        found = self.looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return operation.Operation.existing(**found)

    def wait(self, seconds):
        self.time += seconds

    def follow(self):
        return following.follow(
            self.look,
            following.Pace(interval=10.0, patience=20.0),
            wait=self.wait,
            on_trouble=self.troubles.append,
            clock=lambda: self.time,
        )


def _state(state):
    return documents.operation(state=state)


class FollowTest(unittest.TestCase):
    def test_every_look_is_yielded_until_the_end(self):
        site = Site(_state('queued'), _state('running'), _state('failed'))
        self.assertEqual(
            ['queued', 'running', 'failed'],
            [look.state for look in site.follow()],
        )
        self.assertEqual(20.0, site.time)

    def test_short_silence_is_told_and_endured(self):
        refused = keystone_exceptions.ConnectFailure('refused')
        site = Site(
            _state('running'),
            refused,
            _state('running'),
            refused,
            _state('succeeded'),
        )
        self.assertEqual(3, len(list(site.follow())))
        self.assertEqual([refused, refused], site.troubles)

    def test_long_silence_ends_the_following(self):
        refused = keystone_exceptions.ConnectFailure('refused')
        site = Site(_state('running'), *[refused] * 5)
        with self.assertRaisesRegex(exceptions.OperationLost, '20 seconds'):
            list(site.follow())

    def test_refusal_is_not_endured(self):
        site = Site(_state('running'), keystone_exceptions.Unauthorized())
        with self.assertRaises(keystone_exceptions.Unauthorized):
            list(site.follow())
