# SPDX-License-Identifier: Apache-2.0
"""Two arrays seen by one client each, in one REST version."""

import importlib
import unittest
from typing import Any

from flasharray_simulator import profiles
from tests import support, witness

SIZE = 2**20


class Base:
    """One watched client of each of two arrays, in one REST version.

    What subclasses do makes objects with names of its own, which end with
    ``suffix``; it asserts what the calls did, while the witnesses judge
    the shape of every answer.
    """

    def __init__(
        self,
        case: unittest.TestCase,
        version: str,
        array: support.ArrayProcess,
        peer: support.ArrayProcess,
    ) -> None:
        self.case = case
        self.version = version
        self.array = array
        self.witness = witness.Witness(version)
        self.peer_witness = witness.Witness(version)
        self.client = self.witness.watch(array.client(version=version))
        self.peer = self.peer_witness.watch(peer.client(version=version))
        self.peer_name = peer.name
        self.suffix = version.replace('.', '-')
        self.models = _models(version)

    @property
    def problems(self) -> list[str]:
        return self.witness.problems + self.peer_witness.problems

    def has(self, version: str) -> bool:
        return profiles.number(self.version) >= profiles.number(version)

    def since(self, version: str, **options: Any) -> dict[str, Any]:
        """Return the options if this version has them, else none."""
        return options if self.has(version) else {}

    def name(self, name: str) -> str:
        return f'{name}-{self.suffix}'

    def good(self, response: Any) -> list[Any]:
        self.case.assertEqual(200, response.status_code, response)
        return list(response.items or [])

    def one(self, response: Any) -> Any:
        (item,) = self.good(response)
        return item

    def bad(self, response: Any, message: str) -> None:
        self.case.assertEqual(400, response.status_code, response)
        self.case.assertIn(message, response.errors[0].message)

    def names_of(self, response: Any) -> list[str]:
        return [item.name for item in self.good(response)]

    def volume(self, name: str, **fields: Any) -> Any:
        fields.setdefault('provisioned', SIZE)
        return self.one(
            self.client.post_volumes(
                names=[name],
                volume=self.models.VolumePost(**fields),
                **self.since('2.16', with_default_protection=False),
            )
        )

    def destroy(self, kind: str, names: list[str], **options: Any) -> None:
        """Destroy, recover, destroy again and eradicate."""
        for destroyed in (True, False, True):
            body = self._patch(kind)(destroyed=destroyed)
            changed = self.good(
                getattr(self.client, f'patch_{kind}')(
                    names=names, **{kind.removesuffix('s'): body}, **options
                )
            )
            for item in changed:
                self.case.assertEqual(destroyed, item.destroyed)
        remove = getattr(self.client, f'delete_{kind}')
        self.case.assertEqual(200, remove(names=names).status_code)
        get = getattr(self.client, f'get_{kind}')
        self.bad(get(names=names), 'does not exist')

    def _patch(self, kind: str) -> Any:
        """Return the model of a PATCH's body, which changed its name."""
        name = ''.join(part.capitalize() for part in kind[:-1].split('_'))
        return getattr(self.models, f'{name}Patch') or getattr(
            self.models, name
        )


def _models(version: str) -> Any:
    return importlib.import_module(
        f'pypureclient.flasharray.FA_{version.replace(".", "_")}.models'
    )
