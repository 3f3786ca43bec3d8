# SPDX-License-Identifier: Apache-2.0
"""Who may call: API tokens, sessions and their idle expiry."""

import hmac
import secrets
import threading
import uuid
from dataclasses import dataclass, replace

from flasharray_simulator import errors


@dataclass(frozen=True)
class User:
    name: str
    api_token: str
    read_only: bool = False


@dataclass(frozen=True)
class Session:
    id: str
    user: User
    started: int
    last_used: int
    location: str
    agent: str


class Sessions:
    """The open sessions, in memory: a restart logs everybody out."""

    def __init__(self, users: tuple[User, ...]) -> None:
        self._users = users
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def login(
        self, api_token: str, now: int, location: str, agent: str
    ) -> tuple[str, User]:
        """Return a new session's token; raise ApiError (401) if refused."""
        for user in self._users:
            if hmac.compare_digest(
                user.api_token.encode(), api_token.encode()
            ):
                token = secrets.token_urlsafe(24)
                session = Session(
                    str(uuid.uuid4()), user, now, now, location, agent
                )
                with self._lock:
                    self._sessions[token] = session
                return token, user
        raise errors.unauthorized()

    def use(self, token: str, now: int, idle_timeout: int) -> User:
        """Return the session's user; raise ApiError (401) if it is over.

        ``idle_timeout`` is in ms, 0 for never.
        """
        with self._lock:
            session = self._sessions.get(token)
            if session is None:
                raise errors.unauthorized()
            if idle_timeout and now - session.last_used > idle_timeout:
                del self._sessions[token]
                raise errors.unauthorized()
            self._sessions[token] = replace(session, last_used=now)
            return session.user

    def logout(self, token: str) -> None:
        with self._lock:
            self._sessions.pop(token, None)

    def expire_all(self) -> None:
        with self._lock:
            self._sessions.clear()

    def open(self) -> list[Session]:
        with self._lock:
            return list(self._sessions.values())
