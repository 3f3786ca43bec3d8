# SPDX-License-Identifier: Apache-2.0
"""Hosts of the other array of a stretched pod."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.stretched_case import EAST, StretchedCase


class RemoteHostTest(StretchedCase):
    def setUp(self) -> None:
        super().setUp()
        self.stretched('v')
        self.iqn = f'iqn.2026-01.org:{self.pod}'
        self.attach(self.here, f'h-{self.pod}')
        self.remote = f'{EAST}:h-{self.pod}'
        support.eventually(self.seen, what='the remote host')

    def attach(self, client: Any, name: str) -> None:
        self.good(
            client.post_hosts(
                names=[name], host=flasharray.HostPost(iqns=[self.iqn])
            )
        )
        self.good(
            client.post_connections(
                host_names=[name], volume_names=[f'{self.pod}::v']
            )
        )

    def detach(self) -> None:
        self.good(
            self.here.delete_connections(
                host_names=[f'h-{self.pod}'],
                volume_names=[f'{self.pod}::v'],
            )
        )

    def seen(self) -> list[Any]:
        return self.good(
            self.there.get_hosts(filter=f"iqns='{self.iqn}' and not is_local")
        )

    def test_it_has_the_name_of_its_array(self) -> None:
        host = self.seen()[0]
        self.assertEqual(self.remote, host.name)
        self.assertFalse(host.is_local)
        self.assertEqual('N/A', host.port_connectivity.details)

    def test_it_cannot_be_changed_here(self) -> None:
        self.bad(
            self.there.delete_hosts(names=[self.remote]),
            'belongs to another array',
        )

    def test_its_initiators_may_have_a_host_here_too(self) -> None:
        self.attach(self.there, f'w-{self.pod}')
        found = self.good(
            self.there.get_hosts(filter=f"iqns='{self.iqn}' and is_local")
        )
        self.assertEqual([f'w-{self.pod}'], [host.name for host in found])

    def test_it_goes_with_its_last_connection(self) -> None:
        self.detach()
        support.eventually(lambda: not self.seen(), what='its end')
