# SPDX-License-Identifier: Apache-2.0
"""The step that keeps what is needed to rebuild a group."""

import dataclasses
from collections.abc import Mapping

from aegis import models
from aegis.catalog import capture, placement
from aegis.catalog import manifest as catalog
from aegis.db import checkpoints, members, session
from aegis.tasks import access, results

KEPT_CHECKPOINTS = 10


class CaptureGroup(access.GroupTask):
    """Capture all members at the protected site as a new checkpoint.

    Where Cinder does not say on which array a volume is, or what it is
    called there, what the array said when the member was added stays.

    Reversion strategy: none is needed; a checkpoint only adds knowledge.
    """

    step = 'capture_group'
    service = 'nova'
    result_type = results.Recorded
    provides = 'checkpoint'

    def observe(self) -> results.Recorded | None:
        """Tell the checkpoint that was made since the operation began."""
        latest = checkpoints.latest_checkpoint(
            self.environment.context, self.group.id
        )
        started = self.environment.operation.created_at
        if latest is None or latest.created_at < started:
            return None
        return results.Recorded(f'checkpoint {latest.version}')

    def act(self) -> None:
        placements = self.protected_placements()
        manifest = capture.capture(
            self.source,
            [
                (each.member_id, each.server_id)
                for each in placements
                if each.server_id
            ],
        )
        recorded = {
            volume.volume_id: volume
            for each in placements
            for volume in each.volumes
        }
        manifest = dataclasses.replace(
            manifest,
            members=tuple(
                _located(member, recorded) for member in manifest.members
            ),
        )
        context = self.environment.context
        with session.transaction(context):
            for member in manifest.members:
                members.save_placement(
                    context, placement.of(member, self.group.protected_site)
                )
            checkpoints.save_checkpoint(
                context,
                self.group.id,
                self.group.protected_site,
                catalog.to_resources(manifest),
            )
            checkpoints.prune(context, self.group.id, KEPT_CHECKPOINTS)


def _located(
    member: catalog.MemberManifest, recorded: Mapping[str, models.PlacedVolume]
) -> catalog.MemberManifest:
    """A member whose volumes all say where they lie, as far as known."""
    return dataclasses.replace(
        member,
        volumes=tuple(
            dataclasses.replace(
                volume,
                array=volume.array or recorded[volume.id].array,
                array_volume=(
                    volume.array_volume or recorded[volume.id].array_volume
                ),
            )
            if volume.id in recorded
            else volume
            for volume in member.volumes
        ),
    )
