# SPDX-License-Identifier: Apache-2.0
"""How a server becomes a member of a failover group."""

import dataclasses

from oslo_log import log as logging
from oslo_utils import uuidutils

from aegis import models
from aegis.catalog import capture, placement
from aegis.catalog import manifest as catalog
from aegis.common import clock, exception
from aegis.common import context as aegis_context
from aegis.db import checkpoints, groups, members, session
from aegis.engine import services as engine_services
from aegis.readiness import base as readiness
from aegis.readiness import eligibility
from aegis.storage import base as storage
from aegis.storage import errors
from aegis.tasks import access
from aegis.tasks import capture as capture_task

LOG = logging.getLogger(__name__)

Context = aegis_context.RequestContext


def add_member(
    services: engine_services.Services,
    context: Context,
    group: models.FailoverGroup,
    server: str,
    wave: int,
) -> models.Member:
    """Judge, capture and record a server as a member.

    Nothing is changed at any site. The member, its placement and a
    checkpoint that holds everything needed to rebuild all members, as far as
    it was captured before, are written in one transaction.

    :param server: name or id, in the tenant's project at the protected
        site.
    :raises ServerNotFound: when the project has no such server.
    :raises MemberExists: when it is in a group already.
    :raises MemberIneligible: with a reason per volume in ``details``.
    """
    cloud = services.clouds.cloud(
        group.protected_site, group.protected_project_id
    )
    try:
        found = cloud.compute.find_server(server)
    except exception.CloudNotFound as error:
        raise exception.ServerNotFound(
            resource='server', name=server, site=group.protected_site
        ) from error
    _require_free(context, group, found.id, found.name)
    member = models.Member(
        id=uuidutils.generate_uuid(),
        group_id=group.id,
        kind=models.MemberKind.SERVER,
        name=found.name,
        wave=wave,
        created_at=clock.now(),
    )
    manifest = capture.capture(cloud, [(member.id, found.id)])
    facts = _facts(services, group, manifest.members[0])
    replication = _require_eligible(facts)
    captured = _as_the_array_says(facts)
    manifest = dataclasses.replace(manifest, members=(captured,))
    with session.transaction(context):
        _bind_replication(context, group, replication)
        members.add_member(
            context,
            group.id,
            member,
            placement.of(captured, group.protected_site),
        )
        _save_checkpoint(context, group, manifest)
    return member


def resolve_protected_project(
    services: engine_services.Services,
    project_id: str,
    local_site: str,
    protected_site: str,
) -> str:
    """The tenant's project at the protected site.

    It is the one of the same name in the domain of the same name. No mapping
    changes that, or a tenant could reach another tenant's servers.

    :raises NotFound: when that site has no such project.
    """
    here = services.clouds.identity(local_site).get_project(project_id)
    try:
        there = services.clouds.identity(protected_site).find_project(
            here.name, here.domain_name
        )
    except exception.CloudNotFound as error:
        raise exception.NotFound(
            resource=f'project {here.domain_name}/{here.name} at site',
            name=protected_site,
            remedy='Create the project there, with the same names.',
        ) from error
    return there.id


def _require_free(
    context: Context,
    group: models.FailoverGroup,
    server_id: str,
    name: str,
) -> None:
    known = members.member_by_server(context, group.protected_site, server_id)
    if known is None:
        return
    if known.group_id == group.id:
        raise exception.MemberExists(
            server=name, group=group.name, remedy='Nothing is left to be done.'
        )
    raise exception.MemberExists(
        f'Server {name} is already a member of another group.'
    )


def _save_checkpoint(
    context: Context,
    group: models.FailoverGroup,
    manifest: catalog.GroupManifest,
) -> None:
    """Add what was captured to what is known of the other members."""
    groups.lock_group(context, group.id)
    known = {
        member.id for member in members.list_members(context, group.id)
    } | {None}
    latest = checkpoints.latest_checkpoint(context, group.id)
    captured = catalog.to_resources(manifest)
    fresh = {_key(resource) for resource in captured}
    kept = [
        resource
        for resource in (latest.resources if latest else ())
        if resource.member_id in known and _key(resource) not in fresh
    ]
    checkpoints.save_checkpoint(
        context, group.id, group.protected_site, (*kept, *captured)
    )
    checkpoints.prune(context, group.id, capture_task.KEPT_CHECKPOINTS)


def _key(resource: models.CheckpointResource) -> tuple[str | None, str, str]:
    return (resource.member_id, resource.resource_type, resource.resource_id)


def _facts(
    services: engine_services.Services,
    group: models.FailoverGroup,
    captured: catalog.MemberManifest,
) -> eligibility.EligibilityFacts:
    return eligibility.EligibilityFacts(
        member=captured,
        volumes=tuple(
            eligibility.VolumeFacts(volume=volume, resolved=resolved)
            for volume, resolved in zip(
                captured.volumes,
                _resolve(services, group.protected_site, captured),
                strict=True,
            )
        ),
        replication=(
            access.replication_of(group) if group.replication_group else None
        ),
        recovery_arrays=frozenset(
            services.storage.array_name(label)
            for label in access.array_labels(
                services.conf, group.recovery_site
            )
        ),
    )


def _resolve(
    services: engine_services.Services,
    site: str,
    captured: catalog.MemberManifest,
) -> list[storage.ResolvedVolume | None]:
    """Ask each array of the site about the volumes it should hold."""
    answers: dict[str, storage.ResolvedVolume] = {}
    for label in access.array_labels(services.conf, site):
        name = services.storage.array_name(label)
        here = [
            storage.VolumeReference(
                volume_id=volume.id,
                array=volume.array,
                name=volume.array_volume,
            )
            for volume in captured.volumes
            if volume.array in (name, None)
        ]
        if here:
            try:
                resolved = services.storage.driver(label).resolve(here)
            except errors.StorageError as error:
                LOG.warning('Array %s: %s', label, error)
                raise exception.StorageFailed(
                    site=site,
                    reason=error.summary,
                    code=error.code,
                    remedy=error.remedy,
                ) from error
            answers.update(
                {each.volume_id: each for each in resolved if each.name}
            )
    return [answers.get(volume.id) for volume in captured.volumes]


def _require_eligible(
    facts: eligibility.EligibilityFacts,
) -> storage.ReplicationGroup:
    """The replication group that protects a server.

    :raises MemberIneligible: when nothing does.
    """
    verdicts = readiness.judge(eligibility.CHECKS, facts)
    failed = readiness.blocking(verdicts, force=False)
    replication = eligibility.shared_group(facts)
    if replication is not None and not failed:
        return replication
    raise exception.MemberIneligible(
        code=failed[0].code,
        server=facts.member.server.name,
        reason=' '.join(verdict.reason for verdict in failed),
        remedy=' '.join(dict.fromkeys(verdict.remedy for verdict in failed)),
        details=[
            dataclasses.asdict(refusal)
            for refusal in eligibility.refusals(facts)
        ],
    )


def _as_the_array_says(
    facts: eligibility.EligibilityFacts,
) -> catalog.MemberManifest:
    """The member with its volumes' places as the array itself knows them.

    What Cinder knows of volumes that old releases made is less.
    """
    return dataclasses.replace(
        facts.member,
        volumes=tuple(
            dataclasses.replace(
                each.volume,
                array=each.resolved.array,
                array_volume=each.resolved.name,
            )
            if each.resolved
            else each.volume
            for each in facts.volumes
        ),
    )


def _bind_replication(
    context: Context,
    group: models.FailoverGroup,
    replication: storage.ReplicationGroup,
) -> None:
    """Note the protection group of a failover group's first member.

    :raises Conflict: when somebody else just bound another one.
    """
    now = groups.get_group(context, group.id)
    bound = (now.replication_array, now.replication_group)
    wanted = (replication.array, replication.name)
    if bound == wanted:
        return
    if bound != (None, None):
        raise exception.Conflict(
            reason=(
                f'group {group.name} was given a member in another '
                'protection group meanwhile.'
            )
        )
    groups.update_group(
        context,
        group.id,
        {
            'replication_array': replication.array,
            'replication_group': replication.name,
        },
    )
