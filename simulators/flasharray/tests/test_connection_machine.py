# SPDX-License-Identifier: Apache-2.0
"""Whatever is connected, no host sees a number or a volume twice."""

import unittest
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.domain import connections, hosts, volumes
from flasharray_simulator.domain.connections import Side
from flasharray_simulator.errors import ApiError

HOSTS = 3
GROUPS = 2
VOLUMES = 5

host_numbers = st.integers(0, HOSTS - 1)
group_numbers = st.integers(0, GROUPS - 1)
volume_numbers = st.integers(0, VOLUMES - 1)
luns = st.one_of(st.none(), st.sampled_from([1, 2, 253, 254, 255]))


class Connections(RuleBasedStateMachine):
    @initialize()
    def build(self) -> None:
        self.array = FlashArray(Setup('fa'), ':memory:')
        with self.array.transaction():
            for number in range(HOSTS):
                made = hosts.new(self.array, f'h{number}')
                self.array.hosts.put(made)
            for number in range(GROUPS):
                self.array.host_groups.put(
                    model.HostGroup(f'g{number}', f'g{number}', 0)
                )
            for number in range(VOLUMES):
                volumes.create(self.array, volumes.NewVolume(f'v{number}'))

    def host(self, number: int) -> model.Host:
        return hosts.find(self.array, f'h{number}')

    def group(self, number: int) -> model.HostGroup:
        return hosts.find_group(self.array, f'g{number}')

    def volume(self, number: int) -> model.Volume:
        return volumes.find(self.array, f'v{number}')

    def attempt(self, work: Any, *arguments: Any) -> None:
        """Do what may be refused, in a transaction of its own."""
        try:
            with self.array.transaction():
                work(self.array, *arguments)
        except ApiError:
            pass

    @rule(host=host_numbers, volume=volume_numbers, lun=luns)
    def connect_host(self, host: int, volume: int, lun: int | None) -> None:
        side = Side(host=self.host(host))
        self.attempt(connections.connect, side, self.volume(volume), lun)

    @rule(group=group_numbers, volume=volume_numbers, lun=luns)
    def connect_group(self, group: int, volume: int, lun: int | None) -> None:
        side = Side(group=self.group(group))
        self.attempt(connections.connect, side, self.volume(volume), lun)

    @rule(host=host_numbers, volume=volume_numbers)
    def disconnect_host(self, host: int, volume: int) -> None:
        side = Side(host=self.host(host))
        self.attempt(connections.disconnect, side, self.volume(volume))

    @rule(group=group_numbers, volume=volume_numbers)
    def disconnect_group(self, group: int, volume: int) -> None:
        side = Side(group=self.group(group))
        self.attempt(connections.disconnect, side, self.volume(volume))

    @rule(host=host_numbers, group=group_numbers)
    def join(self, host: int, group: int) -> None:
        self.attempt(hosts.join, self.host(host), self.group(group))

    @rule(host=host_numbers)
    def leave(self, host: int) -> None:
        self.attempt(hosts.leave, self.host(host))

    @invariant()
    def no_host_sees_anything_twice(self) -> None:
        for number in range(HOSTS):
            seen = hosts.connections_of(self.array, self.host(number))
            numbers = [hosts.number_of(connection) for connection in seen]
            assert len(numbers) == len(set(numbers)), numbers
            ids = [connection.volume_id for connection in seen]
            assert len(ids) == len(set(ids)), ids
            assert all(
                n and 1 <= n <= connections.HIGHEST_LUN for n in numbers
            )

    @invariant()
    def volumes_count_the_hosts_that_see_them(self) -> None:
        for number in range(VOLUMES):
            volume = self.volume(number)
            seers = [
                host
                for host in self.array.hosts
                for connection in hosts.connections_of(self.array, host)
                if connection.volume_id == volume.id
            ]
            count = volumes.connection_count(self.array, volume)
            assert count == len(seers), (count, seers)


class ConnectionMachineTest(Connections.TestCase, unittest.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
