# SPDX-License-Identifier: Apache-2.0
"""Attaching to compute hosts and detaching from them."""

import uuid
from typing import Any

from pypureclient import flasharray

from tests import support
from tests.cinder import rows
from tests.cinder.cases import CinderCase, every_protocol, kind_of


class AttachCase(CinderCase):
    def connector(self, name: str, **changes: Any) -> dict[str, Any]:
        """Return a compute host's, all of which the arrays will forget."""
        host = f'{self.protocol.name.lower()}-{name}'
        made = self.protocol.connector(host, **changes)
        for array in (self.east, self.west):
            self.addCleanup(self._forget, made, array)
        return made

    def _forget(self, connector: Any, array: support.ArrayProcess) -> None:
        host = self.host(connector, array)
        if host is None:
            return
        for row in array.door.objects('connections')['connections']:
            if row['host'] == host['name']:
                self.ask(
                    'delete_connections',
                    array,
                    host_names=[host['name']],
                    volume_names=[row['volume']],
                )
        self.ask('delete_hosts', array, names=[host['name']])

    def attach(self, volume: Any, connector: Any, driver: Any = None) -> Any:
        """Return the connection properties."""
        driver = driver or self.driver
        return driver.initialize_connection(volume, connector)['data']

    def host(
        self, connector: Any, array: support.ArrayProcess | None = None
    ) -> dict[str, Any] | None:
        """Return the array's own host for a connector.

        Arrays also list the hosts that use their pods at another array.
        """
        names = set(self.protocol.names_of(connector))
        for row in self.on(array or self.east, 'hosts').values():
            if row['is_local'] and names <= {
                _bare(name) for name in row[self.protocol.initiators]
            }:
                return dict(row)
        return None

    def number(
        self, volume: Any, array: support.ArrayProcess | None = None
    ) -> int | None:
        """Return the LUN or namespace of a volume's only connection."""
        rows_ = list(self._connections(volume.provider_id, array))
        self.assertLess(len(rows_), 2)
        found: int | None = rows_[0][self.protocol.number] if rows_ else None
        return found

    def _connections(self, name: str, array: Any) -> Any:
        for row in (array or self.east).door.objects('connections')[
            'connections'
        ]:
            if row['volume'] == name:
                yield row


@every_protocol
class AttachTest(AttachCase):
    def test_the_host_has_all_initiators(self) -> None:
        connector = self.connector('compute-a')
        volume = self.create()
        self.attach(volume, connector)
        host = self.host(connector)
        digits = connector['system uuid'].replace('-', '')
        self.assertEqual(f'{connector["host"]}-{digits}-cinder', host['name'])
        self.assertEqual(
            self.protocol.names_of(connector),
            [_bare(name) for name in host[self.protocol.initiators]],
        )
        self.driver.terminate_connection(volume, connector)

    def test_the_properties_say_where_the_volume_is(self) -> None:
        connector = self.connector('compute-b')
        volume = self.create()
        found = self.attach(volume, connector)
        self.assertIdentifies(volume, found)
        for targets in _TARGETS[self.protocol.initiators]:
            self.assertGreaterEqual(len(found[targets]), 2, targets)
        for number in found.get('target_luns', []):
            self.assertEqual(self.number(volume), number)
        self.driver.terminate_connection(volume, connector)

    def test_the_host_goes_with_its_last_volume(self) -> None:
        connector = self.connector('compute-c')
        first, last = self.create(), self.create()
        self.attach(first, connector)
        self.attach(last, connector)
        self.assertEqual([1, 2], [self.number(first), self.number(last)])
        self.driver.terminate_connection(first, connector)
        self.assertIsNone(self.number(first))
        self.assertIsNotNone(self.host(connector))
        self.driver.terminate_connection(last, connector)
        self.assertIsNone(self.host(connector))

    def test_attaching_again_changes_nothing(self) -> None:
        connector = self.connector('compute-d')
        volume = self.create()
        first = self.attach(volume, connector)
        self.assertEqual(first, self.attach(volume, connector))
        self.driver.terminate_connection(volume, connector)

    def test_detaching_twice_is_harmless(self) -> None:
        connector = self.connector('compute-e')
        volume = self.create()
        self.attach(volume, connector)
        self.driver.terminate_connection(volume, connector)
        self.driver.terminate_connection(volume, connector)
        self.assertIsNone(self.number(volume))

    def test_several_hosts_share_a_volume(self) -> None:
        volume = self.create()
        connectors = [
            self.connector(name) for name in ('compute-f', 'compute-g')
        ]
        for connector in connectors:
            self.attach(volume, connector)
        names = {self.host(connector)['name'] for connector in connectors}
        self.assertEqual(2, len(names))
        for connector in connectors:
            self.driver.terminate_connection(volume, connector)

    def test_deleting_disconnects_first(self) -> None:
        connector = self.connector('compute-h')
        volume = self.create()
        self.attach(volume, connector)
        self.driver.delete_volume(volume)
        self.assertIsNotNone(self.on_array(volume)['destroyed'])
        self.assertIsNone(self.host(connector))

    def test_a_host_of_the_administrator_is_used_and_kept(self) -> None:
        connector = self.connector('compute-i')
        names = {self.protocol.initiators: self.protocol.names_of(connector)}
        self.ask('post_hosts', names=['their-host'], host=_host_post(names))
        volume = self.create()
        self.attach(volume, connector)
        self.assertEqual('their-host', self.host(connector)['name'])
        self.driver.terminate_connection(volume, connector)
        self.assertEqual('their-host', self.host(connector)['name'])

    def test_the_personality_is_set(self) -> None:
        connector = self.connector('compute-j')
        driver = self.new_driver(pure_host_personality='esxi')
        volume = self.create()
        self.attach(volume, connector, driver)
        self.assertEqual('esxi', self.host(connector)['personality'])
        self.driver.terminate_connection(volume, connector)

    def test_the_server_is_tagged(self) -> None:
        connector = self.connector('compute-k')
        volume = self.create()
        instance = str(uuid.uuid4())
        rows.attachment(volume, connector['host'], instance)
        self.attach(volume, connector)
        self.assertEqual(instance, self.tags(volume.provider_id)['VmId'])
        self.driver.terminate_connection(volume, connector)

    def test_two_servers_of_a_host_keep_it_connected(self) -> None:
        connector = self.connector('compute-l')
        volume = self.create()
        for _ in range(2):
            rows.attachment(volume, connector['host'], str(uuid.uuid4()))
        volume = rows.reload(volume)
        self.attach(volume, connector)
        self.driver.terminate_connection(volume, connector)
        self.assertIsNotNone(self.number(volume))

    def assertIdentifies(self, volume: Any, found: dict[str, Any]) -> None:
        serial = self.on_array(volume)['serial']
        if self.protocol.initiators == 'nqns':
            nguid = f'00{serial[:14]}24a937{serial[-10:]}'.lower()
            self.assertEqual(nguid, found['volume_nguid'])
        else:
            self.assertEqual(f'3624a9370{serial}'.lower(), found['wwn'])


class IscsiOnlyTest(AttachCase):
    def test_all_personalities_are_taken(self) -> None:
        connector = self.connector('compute-j')
        for personality in (
            'aix',
            'esxi',
            'hitachi-vsp',
            'hpux',
            'oracle-vm-server',
            'solaris',
            'vms',
        ):
            driver = self.new_driver(pure_host_personality=personality)
            volume = self.create()
            self.attach(volume, connector, driver)
            self.assertEqual(personality, self.host(connector)['personality'])
            self.driver.terminate_connection(volume, connector)

    def test_chap_credentials_are_given_to_both_sides(self) -> None:
        driver = self.new_driver(use_chap_auth=True)
        connector = self.connector('compute-m')
        volume, other = self.create(), self.create()
        found = self.attach(volume, connector, driver)
        chap = self.host(connector)
        self.assertEqual(connector['host'], chap['host_user'])
        # The side door tells only that there is one.
        self.assertTrue(chap['host_password'])
        self.assertEqual('CHAP', found['auth_method'])
        again = self.attach(other, connector, driver)
        self.assertEqual(found['auth_password'], again['auth_password'])
        for one in (volume, other):
            driver.terminate_connection(one, connector)

    def test_chap_refuses_a_host_of_the_administrator(self) -> None:
        driver = self.new_driver(use_chap_auth=True)
        connector = self.connector('compute-n')
        self.ask(
            'post_hosts',
            names=['chapless'],
            host=_host_post({'iqns': [connector['initiator']]}),
        )
        with self.assertRaisesRegex(Exception, 'not managed by Cinder'):
            self.attach(self.create(), connector, driver)

    def test_portals_outside_the_network_are_left_out(self) -> None:
        connector = self.connector('compute-o')
        volume = self.create()
        all_portals = self.attach(volume, connector)['target_portals']
        address = all_portals[0].rpartition(':')[0]
        driver = self.new_driver(pure_iscsi_cidr_list=[f'{address}/32'])
        found = self.attach(volume, connector, driver)
        self.assertEqual({all_portals[0]}, set(found['target_portals']))
        self.driver.terminate_connection(volume, connector)


@every_protocol
class UniformTest(AttachCase):
    """A stretched volume is attached through both arrays."""

    replication = 'uniform'

    def test_both_arrays_serve_it(self) -> None:
        connector = self.connector('compute-p')
        volume = self.create(kind_of('sync'))
        found = self.attach(volume, connector)
        for array in (self.east, self.west):
            self.assertIsNotNone(self.number(volume, array))
        local = self.attach(self.create(), connector)
        for targets in _TARGETS[self.protocol.initiators]:
            self.assertEqual(2 * len(local[targets]), len(found[targets]))
        self.driver.terminate_connection(volume, connector)
        self.assertIsNone(self.number(volume, self.east))
        self.assertLeft(self.number(volume, self.west))

    def test_the_volume_is_the_same_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        serials = {
            self.on(array)[volume.provider_id]['serial']
            for array in (self.east, self.west)
        }
        self.assertEqual(1, len(serials))

    def test_luns_may_differ(self) -> None:
        connector = self.connector('compute-q')
        local = self.create()
        self.attach(local, connector)
        volume = self.create(kind_of('sync'))
        self.attach(volume, connector)
        self.assertEqual(2, self.number(volume, self.east))
        self.assertEqual(1, self.number(volume, self.west))
        self.driver.terminate_connection(volume, connector)
        self.assertLeft(self.host(connector, self.west))
        self.assertIsNotNone(self.host(connector, self.east))
        self.driver.terminate_connection(local, connector)

    def assertLeft(self, remains: object) -> None:
        """Check what a detach leaves at the other array.

        The driver for Fibre Channel looks there only for hosts that are
        not local, so that the connection stays.
        """
        self.assertEqual(
            self.protocol.initiators == 'wwns', remains is not None
        )


_TARGETS = {
    'iqns': ('target_portals', 'target_luns'),
    'wwns': ('target_wwns', 'target_luns'),
    'nqns': ('portals',),
}


def _bare(name: str) -> str:
    return name if name.startswith(('iqn', 'nqn')) else name.replace(':', '')


def _host_post(names: dict[str, list[str]]) -> Any:
    return flasharray.HostPost(**names)
