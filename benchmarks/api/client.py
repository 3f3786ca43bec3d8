# SPDX-License-Identifier: Apache-2.0
"""Clients of the API, in a process of their own.

Each asks, waits for the answer and asks again. Reads a request from standard
input as JSON and prints how long each answer took, in seconds, as JSON.
"""

import http.client
import json
import random
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any


def main() -> int:
    wanted = json.load(sys.stdin)
    latencies: list[float] = []
    refusals: list[str] = []
    deadline = time.monotonic() + wanted['seconds']
    threads = [
        threading.Thread(
            target=_ask, args=(wanted, deadline, latencies, refusals)
        )
        for _ in range(wanted['clients'])
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - started
    json.dump(
        {'seconds': spent, 'latencies': latencies, 'refusals': refusals[:3]},
        sys.stdout,
    )
    return 0


def _ask(
    wanted: dict[str, Any],
    deadline: float,
    latencies: list[float],
    refusals: list[str],
) -> None:
    headers = {
        'X-Auth-Token': wanted['token'],
        'Accept': 'application/json',
        'Content-Type': 'application/json',
    }
    for path, body in _requests(wanted):
        started = time.monotonic()
        if started > deadline:
            return
        connection = http.client.HTTPConnection(
            wanted['host'], wanted['port'], timeout=120
        )
        try:
            connection.request(wanted['method'], path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        latencies.append(time.monotonic() - started)
        if answer.status >= 300:
            refusals.append(f'{answer.status} {text[:300]!r}')


def _requests(wanted: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Endless requests: to a random group, or of a new name."""
    dice = random.SystemRandom()
    while True:
        path = wanted['path'].replace('{group}', dice.choice(wanted['groups']))
        body = wanted['body']
        if body is not None:
            body = body.replace('{name}', uuid.uuid4().hex)
        yield path, body


if __name__ == '__main__':
    sys.exit(main())
