# SPDX-License-Identifier: Apache-2.0
"""Open sessions and their idle expiry."""

import secrets
import threading
import uuid
from collections import deque
from dataclasses import dataclass, replace

from flasharray_simulator import errors

_REMEMBERED = 1000


@dataclass(frozen=True)
class User:
    """Who may log in with which token; ``role`` is a Purity role."""

    name: str
    api_token: str
    role: str = 'array_admin'


@dataclass(frozen=True)
class Identity:
    """Who a session belongs to, and what the role lets it do."""

    name: str
    role: str


@dataclass(frozen=True)
class Session:
    """``expires`` and ``ended`` are times, None for never and not yet."""

    id: str
    user: Identity
    started: int
    last_used: int
    location: str
    agent: str
    method: str = 'API token'
    expires: int | None = None
    ended: int | None = None

    def over_at(self, idle_timeout: int) -> int | None:
        """Return when the session ends if it is not used any more."""
        ends = [] if self.expires is None else [self.expires]
        if idle_timeout:
            ends.append(self.last_used + idle_timeout)
        return min(ends, default=None)


class Sessions:
    """The open sessions, in memory: a restart logs everybody out.

    Times are of the array's clock (ms); ``idle_timeout`` is 0 for never.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._ended: deque[Session] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def open(self, user: Identity, now: int, location: str, agent: str) -> str:
        """Return the token of a new session."""
        token = secrets.token_urlsafe(24)
        session = Session(str(uuid.uuid4()), user, now, now, location, agent)
        self.add(token, session)
        return token

    def add(self, token: str, session: Session) -> None:
        """Open a session whose token somebody else made."""
        with self._lock:
            self._sessions[token] = session

    def use(self, token: str, now: int, idle_timeout: int) -> Identity:
        """Return the session's user; raise ApiError (401) if it is over."""
        with self._lock:
            session = self._sessions.get(token)
            if session is None:
                raise errors.unauthorized()
            over = session.over_at(idle_timeout)
            if over is not None and now > over:
                self._end(token, over)
                raise errors.unauthorized()
            self._sessions[token] = replace(session, last_used=now)
            return session.user

    def owner(self, token: str) -> str | None:
        """Return whose session it is, whether or not it is over."""
        with self._lock:
            session = self._sessions.get(token)
            return session.user.name if session else None

    def logout(self, token: str, now: int) -> None:
        """End a session; one that is over already is left alone."""
        with self._lock:
            self._end(token, now)

    def expire_all(self, now: int) -> None:
        with self._lock:
            for token in list(self._sessions):
                self._end(token, now)

    def expire_user(self, name: str, now: int) -> None:
        """End all sessions of a user who may not log in any more."""
        with self._lock:
            for token, session in list(self._sessions.items()):
                if session.user.name == name:
                    self._end(token, now)

    def _end(self, token: str, when: int) -> None:
        session = self._sessions.pop(token, None)
        if session is not None:
            self._ended.append(replace(session, ended=when))

    def all(self, now: int, idle_timeout: int) -> list[Session]:
        """Return the ended and the open sessions, oldest first."""
        with self._lock:
            for token, session in list(self._sessions.items()):
                over = session.over_at(idle_timeout)
                if over is not None and now > over:
                    self._end(token, over)
            found = [*self._ended, *self._sessions.values()]
        return sorted(found, key=lambda session: session.started)
