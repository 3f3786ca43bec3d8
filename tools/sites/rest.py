# SPDX-License-Identifier: Apache-2.0
"""A small OpenStack client over urllib.

The clients' own command line needs seconds of CPU for each call; filling
two new sites takes a hundred calls.
"""

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from sites import errors

Body = dict[str, Any]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RequestFailed(errors.CloudsError):
    """A service answered with an error; ``status`` is HTTP's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A service's answer."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content) if self.content else {}


def send(
    method: str,
    url: str,
    *,
    body: Any = None,
    headers: dict[str, str] | None = None,
    timeout: float = 60.0,
    content: bytes | None = None,
) -> Answer:
    """Send one request; raise RequestFailed or OSError."""
    all_headers = {'Accept': 'application/json', **(headers or {})}
    data = content
    if body is not None:
        data = json.dumps(body).encode()
        all_headers['Content-Type'] = 'application/json'
    request = urllib.request.Request(  # noqa: S310
        url, data=data, method=method, headers=all_headers
    )
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors='replace')[:500]
        raise RequestFailed(
            f'{method} {url}: {error.code} {text}', error.code
        ) from error


def answers(url: str) -> bool:
    """Tell whether an API answers below 500 within two seconds."""
    try:
        send('GET', url, timeout=2.0)
    except RequestFailed as error:
        return error.status < 500
    except (OSError, http.client.HTTPException):
        return False
    return True


@dataclass(frozen=True)
class Credentials:
    """Who logs in, and for which project."""

    auth_url: str
    region: str
    user: str
    user_domain: str
    password: str = field(repr=False)
    project: str
    project_domain: str

    def body(self) -> Body:
        return {
            'auth': {
                'identity': {
                    'methods': ['password'],
                    'password': {
                        'user': {
                            'name': self.user,
                            'password': self.password,
                            'domain': {'name': self.user_domain},
                        }
                    },
                },
                'scope': {
                    'project': {
                        'name': self.project,
                        'domain': {'name': self.project_domain},
                    }
                },
            }
        }


@dataclass(frozen=True)
class Cloud:
    """A logged-in client; endpoints come from the token's catalogue."""

    token: str = field(repr=False)
    project_id: str
    endpoints: dict[str, str]

    def get(self, service: str, path: str, key: str) -> Any:
        """Return one member of the answer."""
        return self._call('GET', service, path).json()[key]

    def list(self, service: str, path: str, key: str) -> list[Body]:
        """Return the list below a key of the answer."""
        found: list[Body] = self.get(service, path, key)
        return found

    def post(self, service: str, path: str, body: Any) -> Body:
        """Create something and return the answer's body."""
        made: Body = self._call('POST', service, path, body=body).json()
        return made

    def delete(self, service: str, path: str) -> None:
        """Delete something."""
        self._call('DELETE', service, path)

    def put(
        self,
        service: str,
        path: str,
        body: Any = None,
        content: bytes | None = None,
    ) -> None:
        """Set something; with ``content``: upload bytes."""
        headers = (
            {'Content-Type': 'application/octet-stream'}
            if content is not None
            else {}
        )
        self._call(
            'PUT', service, path, body=body, content=content, headers=headers
        )

    def _call(
        self,
        method: str,
        service: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
        content: bytes | None = None,
    ) -> Answer:
        return send(
            method,
            self.endpoints[service] + path,
            body=body,
            content=content,
            headers={'X-Auth-Token': self.token, **(headers or {})},
        )


def log_in(credentials: Credentials) -> Cloud:
    """Get a token and the public endpoints of the region."""
    answer = send(
        'POST', f'{credentials.auth_url}/auth/tokens', body=credentials.body()
    )
    token = answer.json()['token']
    endpoints = {
        entry['type']: endpoint['url'].rstrip('/')
        for entry in token.get('catalog', ())
        for endpoint in entry['endpoints']
        if endpoint['interface'] == 'public'
        and endpoint['region_id'] == credentials.region
    }
    endpoints['identity'] = credentials.auth_url
    return Cloud(
        answer.headers['X-Subject-Token'], token['project']['id'], endpoints
    )
