# SPDX-License-Identifier: Apache-2.0
"""All passwords and tokens, derived from one random seed on disk."""

import base64
import hashlib
import hmac
import os
import secrets
import uuid
from dataclasses import dataclass

from sites import layout


@dataclass(frozen=True, repr=False)
class Passwords:
    """Give the secret that belongs to a name; the same one each time."""

    seed: bytes

    def of(self, name: str) -> str:
        """Return 24 hexadecimal digits."""
        return self._derive(name).hex()[:24]

    def token(self, name: str) -> str:
        """Return a secret in the form of an array's API token."""
        return str(uuid.UUID(bytes=self._derive(f'token {name}')[:16]))

    def key(self, name: str) -> str:
        """Return 32 bytes in URL-safe base64, as Fernet keys are."""
        return base64.urlsafe_b64encode(self._derive(f'key {name}')).decode()

    def _derive(self, name: str) -> bytes:
        return hmac.new(self.seed, name.encode(), hashlib.sha256).digest()


def load(paths: layout.Layout) -> Passwords:
    """Read the seed, or make one that only its owner can read."""
    if not paths.seed.exists():
        temporary = paths.seed.with_suffix('.new')
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )
        with os.fdopen(descriptor, 'wb') as stream:
            stream.write(secrets.token_bytes(32))
        temporary.rename(paths.seed)
    return Passwords(paths.seed.read_bytes())
