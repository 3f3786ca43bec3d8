# SPDX-License-Identifier: Apache-2.0
"""From the configuration to the clouds of all sites and projects."""

import dataclasses
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import keystoneauth1.session
from cinderclient import client as cinder
from keystoneauth1 import adapter, exceptions, loading, plugin
from novaclient import client as nova
from oslo_config import cfg

from aegis.clouds import (
    blockstorage,
    compute,
    images,
    networking,
    session,
)
from aegis.clouds import identity as projects
from aegis.common import exception
from aegis.common import watch as watching
from aegis.conf import sites

_Made = TypeVar('_Made')

_SCOPE = frozenset(
    {
        'project_id',
        'project_name',
        'project_domain_id',
        'project_domain_name',
        'domain_id',
        'domain_name',
        'system_scope',
        'trust_id',
    }
)


@dataclasses.dataclass(frozen=True)
class Cloud:
    """The services of one site, seen from one project."""

    site: str
    project_id: str
    compute: compute.Compute
    volume: blockstorage.BlockStorage
    network: networking.Networking
    image: images.Images


@dataclasses.dataclass(frozen=True)
class Look:
    """How a project's objects of a kind are looked at: all, and some."""

    list_all: Callable[[], Any]
    read_some: watching.Read | None = None


def looks_at(cloud: Cloud) -> dict[str, Look]:
    """How each kind of objects is looked at."""
    nova, cinder, neutron = cloud.compute, cloud.volume, cloud.network
    return {
        'servers': Look(nova.list_servers, nova.read_servers),
        'flavors': Look(nova.list_flavors),
        'volumes': Look(cinder.list_volumes, cinder.read_volumes),
        'volume_types': Look(cinder.list_types),
        'volume_pools': Look(cinder.list_pools),
        'ports': Look(neutron.list_ports, neutron.read_ports),
        'floating_ips': Look(
            neutron.list_floating_ips, neutron.read_floating_ips
        ),
    }


class _Site:
    """What all projects of a site share: connections and discoveries."""

    def __init__(self, conf: cfg.ConfigOpts, name: str):
        self.name = name
        self._conf = conf
        self._group = sites.group_name(name)
        self.options = conf[self._group]
        self._pool = session.connection_pool(
            self.options.max_connections,
            self.options.tls_ciphers,
            self.options.tls_min_version,
        )
        self._discoveries: dict[str, Any] = {}

    def session(
        self, project_id: str | None = None, silence: float | None = None
    ) -> session.SiteSession:
        """A session for a project, or as the configuration says.

        :param silence: seconds of silence to bear, instead of the
            configured ones.
        """
        options = self.options
        certificate = options.certfile
        if certificate and options.keyfile:
            certificate = (options.certfile, options.keyfile)
        return session.SiteSession(
            self.name,
            (options.connect_timeout, silence or options.read_timeout),
            auth=self._auth(project_id),
            session=self._pool,
            discovery_cache=self._discoveries,
            verify=not options.insecure and (options.cafile or True),
            cert=certificate,
            app_name='aegis',
            split_loggers=options.split_loggers,
        )

    def _auth(self, project_id: str | None) -> plugin.BaseAuthPlugin:
        try:
            auth = loading.load_auth_from_conf_options(
                self._conf, self._group, **self._scope(project_id)
            )
        except exceptions.AuthPluginException as error:
            raise self._misconfigured(str(error)) from error
        if auth is None:
            raise self._misconfigured('no auth_type is configured')
        return auth

    def _scope(self, project_id: str | None) -> dict[str, str | None]:
        """What takes the place of the configured scope."""
        auth_type = self.options.auth_type
        if project_id is None or auth_type is None:
            return {}
        loader: loading.BaseLoader[Any] = loading.get_plugin_loader(auth_type)
        known = {option.dest for option in loader.get_options()}
        if 'project_id' not in known:
            raise self._misconfigured(
                f'auth_type {auth_type} is tied to one project'
            )
        return dict.fromkeys(_SCOPE & known) | {'project_id': project_id}

    def _misconfigured(
        self, reason: str
    ) -> exception.SiteAuthenticationFailed:
        return exception.SiteAuthenticationFailed(
            site=self.name,
            reason=reason,
            remedy=(
                'Set auth_type = password and its options in section '
                f'[{self._group}] of aegis.conf.'
            ),
        )

    def adapter(
        self,
        service_type: str,
        version: str,
        cloud_session: keystoneauth1.session.Session,
    ) -> adapter.Adapter:
        """A plain client of one major version of a service."""
        return adapter.Adapter(
            session=cloud_session,
            service_type=service_type,
            interface=self.options.interface,
            region_name=self.options.region_name,
            min_version=version,
            max_version=f'{version.partition(".")[0]}.latest',
        )


class Clouds:
    """All sites and projects. Thread-safe; everything is made once.

    Making something calls nobody: tokens are fetched when they are needed.
    """

    def __init__(self, conf: cfg.ConfigOpts):
        self._conf = conf
        self._lock = threading.RLock()
        self._made: dict[tuple[str, ...], Any] = {}

    def cloud(self, site: str, project_id: str) -> Cloud:
        """The cloud of a site, with tokens scoped to a project.

        :raises aegis.common.exception.SiteNotFound: when none is configured.
        """
        return self._once(
            ('cloud', site, project_id), lambda: self._cloud(site, project_id)
        )

    def identity(self, site: str) -> projects.Identity:
        """Keystone of a site, with the scope that is configured.

        :raises aegis.common.exception.SiteNotFound: when none is configured.
        """
        return self._once(('identity', site), lambda: self._identity(site))

    def watch(self, site: str, project_id: str, kind: str) -> watching.Watch:
        """The watch of all objects of a kind in a project.

        :param kind: ``servers``, ``flavors``, ``volumes``, ``volume_types``,
            ``volume_pools``, ``ports`` or ``floating_ips``.
        :raises aegis.common.exception.SiteNotFound: when none is configured.
        """
        cloud = self.cloud(site, project_id)
        options = self._site(site).options
        look = looks_at(cloud)[kind]
        return self._once(
            ('watch', site, project_id, kind),
            lambda: watching.Watch(
                look.list_all,
                options.watch_interval,
                read_function=look.read_some,
                long_list=options.long_list,
            ),
        )

    def _once(self, key: tuple[str, ...], make: Callable[[], _Made]) -> _Made:
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            made: _Made = self._made[key]
            return made

    def _site(self, name: str) -> _Site:
        if name not in self._conf.sites:
            raise exception.SiteNotFound(resource='site', name=name)
        return self._once(('site', name), lambda: _Site(self._conf, name))

    def _cloud(self, name: str, project_id: str) -> Cloud:
        site = self._site(name)
        scoped = site.session(project_id)
        common = {
            'session': scoped,
            'endpoint_type': site.options.interface,
            'region_name': site.options.region_name,
        }
        return Cloud(
            site=name,
            project_id=project_id,
            compute=compute.Compute(
                nova.Client(site.options.compute_api_version, **common),
                name,
                project_id,
            ),
            volume=blockstorage.BlockStorage(
                cinder.Client(site.options.volume_api_version, **common),
                name,
                project_id,
            ),
            network=networking.Networking(
                site.adapter('network', '2.0', scoped), name, project_id
            ),
            image=images.Images(
                site.adapter('image', '2', scoped), name, project_id
            ),
        )

    def _identity(self, name: str) -> projects.Identity:
        site = self._site(name)

        def authenticate() -> None:
            quick = site.session(silence=site.options.probe_timeout)
            # keystoneauth bears one silence when it looks for the versions
            # and another one when it asks for the token.
            url = getattr(quick.auth, 'auth_url', None)
            if url is not None:
                quick.get(url, authenticated=False, raise_exc=False)
            quick.get_token()

        return projects.Identity(
            site.adapter('identity', '3', site.session()), name, authenticate
        )
