# SPDX-License-Identifier: Apache-2.0
"""The calls of the bare script, each as thin as it can be."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keystoneauth1 import adapter, session
from keystoneauth1.identity import v3
from pypureclient import flasharray

from benchmarks.real import rig
from deployment import facts
from scenario import clouds, data

Body = dict[str, Any]

_NAMESPACE = 'benchmark'


class CallFailed(Exception):
    """Something did not come out as it had to."""


class Cloud:
    """Nova, Cinder and Neutron of one project."""

    def __init__(self, site: facts.Site, account: facts.Account) -> None:
        login = session.Session(
            v3.Password(
                auth_url=site.auth_url,
                username=account.username,
                password=account.password,
                user_domain_name=account.user_domain_name,
                project_name=account.project_name,
                project_domain_name=account.project_domain_name,
            )
        )

        def service(kind: str, microversion: str | None) -> adapter.Adapter:
            return adapter.Adapter(
                session=login,
                service_type=kind,
                region_name=site.region,
                default_microversion=microversion,
            )

        self.nova = service('compute', clouds.COMPUTE_VERSION)
        self.cinder = service('block-storage', clouds.VOLUME_VERSION)
        self.neutron = service('network', None)
        self.project_id = str(login.get_project_id())

    def manage(self, volume: Body) -> str:
        """Hand an array volume to Cinder; return its id."""
        body = {'volume': volume}
        made = self.cinder.post('/os-volume-manage', json=body).json()
        return str(made['volume']['id'])

    def set_image_metadata(
        self, volume: str, metadata: Mapping[str, str]
    ) -> None:
        self.cinder.post(
            f'/volumes/{volume}/action',
            json={'os-set_image_metadata': {'metadata': metadata}},
        )

    def update(self, volume: str, changes: Body) -> None:
        """Set name, description and all of the metadata."""
        self.cinder.put(f'/volumes/{volume}', json={'volume': changes})

    def create(self, path: str, kind: str, body: Body, tags: list[str]) -> str:
        """Make a Neutron object with a description and tags of its own."""
        made = self.neutron.post(
            f'/v2.0/{path}', json={kind: {**body, 'description': tags[0]}}
        ).json()[kind]
        self.tag(path, made['id'], tags)
        self.neutron.put(
            f'/v2.0/{path}/{made["id"]}', json={kind: {'description': ''}}
        )
        return str(made['id'])

    def create_port(self, port: Body, tags: list[str]) -> str:
        made = self.neutron.post('/v2.0/ports', json={'ports': [port]}).json()
        port_id = str(made['ports'][0]['id'])
        self.tag('ports', port_id, tags)
        return port_id

    def tag(self, path: str, thing: str, tags: list[str]) -> None:
        self.neutron.put(f'/v2.0/{path}/{thing}/tags', json={'tags': tags})

    def join(self, router: str, subnet: str) -> None:
        self.neutron.put(
            f'/v2.0/routers/{router}/add_router_interface',
            json={'subnet_id': subnet},
        )

    def create_server(self, server: Body) -> str:
        made = self.nova.post('/servers', json={'server': server}).json()
        return str(made['server']['id'])

    def servers(self) -> list[Body]:
        return list(self.nova.get('/servers/detail').json()['servers'])

    def volumes(self) -> list[Body]:
        return list(self.cinder.get('/volumes/detail').json()['volumes'])

    def ports(self) -> list[Body]:
        found = self.neutron.get(f'/v2.0/ports?project_id={self.project_id}')
        return list(found.json()['ports'])

    def named(self, path: str, name: str) -> str:
        """The id of a Neutron object."""
        found = self.neutron.get(f'/v2.0/{path}?name={name}').json()
        return str(found[path.replace('-', '_')][0]['id'])


class Array:
    """The recovery array."""

    def __init__(self, array: facts.Array) -> None:
        self._client = data.client(array)

    def newest_point(self, group: str) -> str:
        """The newest complete snapshot of a protection group."""
        listed = self._checked(
            self._client.get_protection_group_snapshots_transfer(
                filter=f"name='{group}.*'"
            )
        )
        complete = [each for each in listed if each.progress == 1.0]
        return str(max(complete, key=lambda each: each.started).name)

    def promote(
        self, copies: Mapping[str, str], tags: Mapping[str, str]
    ) -> None:
        """Make volumes of snapshots, by name, in one call."""
        marks = [
            flasharray.Tag(
                key=key, value=value, namespace=_NAMESPACE, copyable=False
            )
            for key, value in tags.items()
        ]
        self._checked(
            self._client.post_volumes_batch(
                volume=[
                    flasharray.VolumeBatchPost(
                        name=name,
                        source=flasharray.Reference(name=snapshot),
                        tags=marks,
                    )
                    for name, snapshot in copies.items()
                ]
            )
        )

    def connected(self) -> set[str]:
        """The names of all volumes that hosts are connected to."""
        listed = self._checked(self._client.get_connections())
        return {each.volume.name for each in listed}

    def _checked(self, answer: Any) -> list[Any]:
        if not isinstance(answer, flasharray.ValidResponse):
            raise CallFailed(f'the array answers {answer.errors}')
        return list(answer.items)


class Poll:
    """One list call at a time that answers everybody who waits.

    Between two calls it rests as Aegis does: for as long as the last one
    took.

    :param interval: most seconds of rest.
    """

    def __init__(
        self, list_function: Callable[[], Sequence[Body]], interval: float
    ) -> None:
        self._list = list_function
        self._interval = interval
        self._changed = threading.Condition()
        self._busy = False
        self._started = self._rested = float('-inf')
        self._seen: dict[str, Body] = {}

    def until(self, ids: Sequence[str], wanted: str) -> list[Body]:
        """Return them, in their order, when all of them have a status.

        :raises CallFailed: when one has failed.
        """
        asked = time.monotonic()
        while True:
            self._look(asked)
            found = [self._seen.get(each, {'status': ''}) for each in ids]
            seen = {each['status'] for each in found}
            if seen == {wanted}:
                return found
            if any(each.lower().startswith('error') for each in seen):
                raise CallFailed(f'{ids} are {seen}')
            asked = math.nextafter(self._started, math.inf)

    def _look(self, newer_than: float) -> None:
        with self._changed:
            while self._started < newer_than:
                if self._busy:
                    self._changed.wait()
                    continue
                pause = self._rested - time.monotonic()
                if pause <= 0:
                    self._busy = True
                    break
                self._changed.wait(pause)
            else:
                return
        began = time.monotonic()
        seen: dict[str, Body] = {}
        try:
            seen = {each['id']: each for each in self._list()}
        finally:
            ended = time.monotonic()
            with self._changed:
                self._busy = False
                self._started, self._seen = began, seen
                self._rested = ended + min(self._interval, ended - began)
                self._changed.notify_all()


def connect(running: rig.Rig) -> tuple[Cloud, Array]:
    """Log in at both."""
    west = running.sites.west
    return Cloud(west, running.account), Array(west.array)
