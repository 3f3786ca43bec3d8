# SPDX-License-Identifier: Apache-2.0
"""/sessions: who is logged in."""

from flasharray_simulator import listing
from flasharray_simulator.call import Answer, Call, Route


def get(call: Call) -> Answer:
    items = [
        {
            'id': session.id,
            'name': session.id,
            'start_time': session.started,
            'end_time': None,
            'event': 'login',
            'event_count': 0,
            'location': session.location,
            'method': 'API token',
            'user': session.user.name,
            'user_interface': 'REST',
        }
        for session in call.array.sessions.open()
    ]
    return listing.plain(call, items, 'Session')


ROUTES = (Route('GET', 'sessions', get),)
