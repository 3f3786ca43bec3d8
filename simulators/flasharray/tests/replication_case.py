# SPDX-License-Identifier: Apache-2.0
"""A pair of arrays and a group on it, for the tests of replication."""

import itertools
from typing import Any

from pypureclient import flasharray

from tests import support
from tests.disturbed_case import DisturbedCase

_NUMBERS = itertools.count(1)


class ReplicationCase(DisturbedCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.source = cls.east.client()
        cls.target = cls.west.client()

    def setUp(self) -> None:
        super().setUp()
        self.here = self.east.door
        self.there = self.west.door
        self.group = f'pg-{next(_NUMBERS)}'
        self.copy = f'fa-east:{self.group}'

    def protect(self, *volumes: str, allow: bool = True) -> None:
        """Make a group with volumes that replicates to the west."""
        for volume in volumes:
            self.good(
                self.source.post_volumes(
                    names=[volume],
                    volume=flasharray.VolumePost(provisioned=support.GIB),
                )
            )
        self.good(self.source.post_protection_groups(names=[self.group]))
        self.good(
            self.source.post_protection_groups_targets(
                group_names=[self.group], member_names=['fa-west']
            )
        )
        if volumes:
            self.good(
                self.source.post_protection_groups_volumes(
                    group_names=[self.group], member_names=list(volumes)
                )
            )
        self.wait_for_copy()
        if allow:
            self.allow(True)

    def wait_for_copy(self) -> Any:
        def look() -> Any:
            found = self.target.get_protection_groups(names=[self.copy])
            return found.status_code == 200 and list(found.items)[0]

        return support.eventually(look, what='the copy of the group')

    def allow(self, allowed: bool) -> None:
        self.good(
            self.target.patch_protection_groups_targets(
                group_names=[self.copy],
                target=flasharray.TargetProtectionGroupPostPatch(
                    allowed=allowed
                ),
            )
        )
        support.eventually(
            lambda: self.target_row().allowed == allowed,
            what='the permission',
        )

    def target_row(self) -> Any:
        return self.good(
            self.source.get_protection_groups_targets(group_names=[self.group])
        )[0]

    def replicate(self, **options: Any) -> str:
        """Snapshot the group and send it; return its name there."""
        options = options or {'replicate_now': True}
        made = self.good(
            self.source.post_protection_group_snapshots(
                source_names=[self.group], **options
            )
        )[0]
        return f'fa-east:{made.name}'

    def record(self, name: str) -> Any:
        """Return the transfer at the target; None if it has none yet."""
        found = self.target.get_protection_group_snapshots_transfer(
            names=[name]
        )
        if found.status_code != 200:
            return None
        return next(iter(found.items), None)

    def wait_for(self, name: str) -> Any:
        def look() -> Any:
            record = self.record(name)
            return record if record and record.progress == 1.0 else None

        return support.eventually(look, what=f'{name} completely')

    def wait_for_progress(self, name: str, least: float) -> Any:
        def look() -> Any:
            record = self.record(name)
            return record if record and record.progress >= least else None

        return support.eventually(look, what=f'{name} at {least}')

    def restore(self, snapshot: str, volume: str) -> Any:
        return self.target.post_volumes(
            names=[volume],
            volume=flasharray.VolumePost(
                source=flasharray.Reference(name=snapshot)
            ),
            with_default_protection=False,
        )

    def is_complete(self, name: str) -> bool:
        record = self.record(name)
        return bool(record and hasattr(record, 'completed'))
