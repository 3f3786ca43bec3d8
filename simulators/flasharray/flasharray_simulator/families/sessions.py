# SPDX-License-Identifier: Apache-2.0
"""/sessions: who is and was logged in."""

from flasharray_simulator import listing
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.sessions import Session


def _render(session: Session) -> Item:
    return {
        'id': session.id,
        'name': session.id,
        'start_time': session.started,
        'end_time': session.ended,
        'event': 'login',
        'event_count': 1,
        'location': session.location,
        'method': session.method,
        'user': session.user.name,
        'user_interface': 'REST',
    }


def get(call: Call) -> Answer:
    array = call.array
    known = array.sessions.all(array.now(), array.settings.idle_timeout)
    return listing.plain(call, [_render(one) for one in known], 'Session')


ROUTES = (Route('GET', 'sessions', get),)
