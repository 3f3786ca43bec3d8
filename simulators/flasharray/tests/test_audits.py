# SPDX-License-Identifier: Apache-2.0
"""Audit records and alerts."""

import unittest
from pathlib import Path
from typing import Any

from pypureclient import flasharray

from flasharray_simulator import profiles, secrecy
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.call import Call, Query
from flasharray_simulator.domain import audits
from flasharray_simulator.door import DoorError
from tests import support
from tests.client_case import ClientCase


class AuditTest(ClientCase):
    def last(self) -> Any:
        return self.good(self.client.get_audits())[-1]

    def count(self) -> int:
        return len(self.good(self.client.get_audits()))

    def test_a_change_is_recorded(self) -> None:
        self.volume('audited')
        audit = self.last()
        self.assertEqual('volumes', audit.command)
        self.assertEqual('create', audit.subcommand)
        self.assertEqual(str(int(audit.id)), audit.name)
        self.assertTrue(audit.arguments.startswith('audited '))
        self.assertEqual('pureuser', audit.user)
        self.assertEqual('REST', audit.user_interface)
        self.assertEqual('127.0.0.1', audit.origin.name)
        self.assertIn(f'"provisioned": {support.GIB}', audit.arguments)

    def test_each_kind_of_change_has_its_subcommand(self) -> None:
        self.volume('kinds')
        self.destroy('kinds')
        self.assertEqual('setattr', self.last().subcommand)
        self.good(self.client.delete_volumes(names=['kinds']))
        self.assertEqual('delete', self.last().subcommand)

    def test_a_list_is_not(self) -> None:
        before = self.count()
        self.good(self.client.get_volumes())
        self.assertEqual(before, self.count())

    def test_a_refused_change_is_not(self) -> None:
        before = self.count()
        self.assertEqual(
            400, self.client.delete_volumes(names=['none']).status_code
        )
        self.assertEqual(before, self.count())

    def test_no_secret_is_recorded(self) -> None:
        self.good(
            self.client.post_hosts(
                names=['secretive'],
                host=flasharray.HostPost(iqns=['iqn.2010-01.com.x:s']),
            )
        )
        self.good(
            self.client.patch_hosts(
                names=['secretive'],
                host=flasharray.HostPatch(
                    chap=flasharray.Chap(
                        host_user='someone', host_password='hush-hush-hush'
                    )
                ),
            )
        )
        arguments = self.last().arguments
        self.assertIn('someone', arguments)
        self.assertNotIn('hush', arguments)

    def test_records_survive_a_restart_and_go_on(self) -> None:
        self.volume('before')
        number = int(self.last().id)
        self.array.kill()
        self.array.start()
        self.array.ready()
        self.volume('after')
        self.assertEqual(number + 1, int(self.last().id))


class LengthTest(unittest.TestCase):
    def test_only_the_last_records_are_kept(self) -> None:
        path = self.enterContext(support.directory())
        array = FlashArray(Setup('fa-audit'), Path(path) / 'a.sqlite3')
        self.addCleanup(array.close)
        call = Call(
            array,
            'POST',
            'volumes',
            Query({'names': 'v'}),
            None,
            profiles.number('2.42'),
            'pureuser',
        )
        with array.transaction():
            for _ in range(audits.LONGEST + 5):
                audits.record(call)
        kept = [int(audit.id) for audit in array.audits.ordered()]
        self.assertEqual(audits.LONGEST, len(kept))
        self.assertEqual(6, kept[0])


class SecrecyTest(unittest.TestCase):
    def test_secrets_are_hidden_at_any_depth(self) -> None:
        body = {'chap': [{'host_password': 'x', 'host_user': 'u'}]}
        self.assertEqual(
            {'chap': [{'host_password': '****', 'host_user': 'u'}]},
            secrecy.without_secrets(body),
        )

    def test_the_key_of_a_tag_is_no_secret(self) -> None:
        tag = {'key': 'a', 'value': 'b', 'namespace': 'c'}
        self.assertEqual(tag, secrecy.without_secrets(tag))

    def test_the_key_of_a_certificate_is(self) -> None:
        body = {'key': '-----BEGIN', 'certificate': 'x'}
        self.assertEqual('****', secrecy.without_secrets(body)['key'])


class AlertTest(ClientCase):
    def open_alerts(self) -> list[Any]:
        return self.good(self.client.get_alerts(filter="state='open'"))

    def test_an_alert_is_open_until_it_is_closed(self) -> None:
        name = self.door.raise_alert('A fan has failed.', 'critical')
        alert = next(a for a in self.open_alerts() if a.name == name)
        self.assertEqual('critical', alert.severity)
        self.assertEqual('A fan has failed.', alert.summary)
        self.door.close_alert(name)
        self.assertNotIn(name, [a.name for a in self.open_alerts()])

    def test_an_alert_has_its_events(self) -> None:
        name = self.door.raise_alert('A link is down.')
        self.door.close_alert(name)
        events = self.good(self.client.get_alerts_events())
        states = [e.state for e in events if e.alert.name == name]
        self.assertEqual(['open', 'closed'], states)

    def test_a_flag_is_taken_off(self) -> None:
        name = self.door.raise_alert('Something is odd.')
        self.good(
            self.client.patch_alerts(
                names=[name], alert=flasharray.Alert(flagged=False)
            )
        )
        flagged = self.good(self.client.get_alerts(flagged=True))
        self.assertNotIn(name, [alert.name for alert in flagged])

    def test_an_unknown_severity_is_refused(self) -> None:
        with self.assertRaisesRegex(DoorError, 'critical'):
            self.door.raise_alert('x', 'terrible')
