# SPDX-License-Identifier: Apache-2.0
"""Messages between two arrays: a JSON header and a binary payload.

They travel as HTTP POST bodies to the replication port. The channel is
private to simulators and is not part of any Purity interface.
"""

import json
from collections.abc import Callable
from typing import Any

import requests

Header = dict[str, Any]
Verb = Callable[[Header, bytes], Header]
Send = Callable[[str, Header, bytes], Header]

CONTENT_TYPE = 'application/octet-stream'
_LENGTH = 4
_TIMEOUT = (2, 20)


class LinkDown(Exception):
    """The peer does not answer, or the link is cut."""


class Rejected(Exception):
    """The peer answered that it does not want this."""


def pack(header: Header, payload: bytes = b'') -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(_LENGTH, 'big') + text + payload


def unpack(message: bytes) -> tuple[Header, bytes]:
    end = _LENGTH + int.from_bytes(message[:_LENGTH], 'big')
    return json.loads(message[_LENGTH:end]), message[end:]


class Channel:
    """Sends messages to one peer's replication port."""

    def __init__(
        self, address: str, timeout: tuple[float, float] = _TIMEOUT
    ) -> None:
        self.address = address
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, verb: str, header: Header, payload: bytes = b'') -> Header:
        """Return the peer's answer.

        Raises LinkDown when there is none, Rejected for a refusal.
        """
        try:
            response = self._session.post(
                f'http://{self.address}/{verb}',
                data=pack(header, payload),
                headers={'Content-Type': CONTENT_TYPE},
                timeout=self._timeout,
            )
        except requests.RequestException as error:
            raise LinkDown(str(error)) from error
        if response.status_code == 409:
            raise Rejected(response.text)
        if response.status_code != 200:
            raise LinkDown(f'status {response.status_code}')
        return dict(response.json())

    def close(self) -> None:
        self._session.close()
