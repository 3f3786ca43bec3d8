# SPDX-License-Identifier: Apache-2.0
"""When and how often a failed call is repeated."""

import dataclasses
import zlib


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """Repeat what may succeed by itself later, ever more slowly.

    An error may be repeated when its ``retryable`` attribute is true. One
    whose ``retryable`` is false is a refusal, and believed only when it is
    heard again: a service that has just started refuses things that it
    accepts a moment later (a Neutron that is asked two things at once before
    it has read its policies answers 403). Errors without the attribute are
    never repeated. :class:`Failures` counts.
    """

    initial_interval: float = 1.0
    """Seconds before the first repetition."""

    backoff_coefficient: float = 2.0
    """What the interval is multiplied by after each repetition."""

    maximum_interval: float = 30.0
    """Seconds that an interval never exceeds."""

    maximum_attempts: int = 10
    """How often the call is made altogether."""

    refused_attempts: int = 2
    """How often a call that is refused is made altogether."""

    undo_attempts: int = 6
    """How often an undo that leaves something behind is made altogether."""

    jitter: float = 0.2
    """Part of an interval by which callers are spread apart, 0 to 1."""

    non_retryable: tuple[type[BaseException], ...] = ()
    """Errors that are never repeated, whatever they say of themselves."""

    def __post_init__(self) -> None:
        checks = (
            (self.initial_interval > 0, 'initial_interval is positive'),
            (self.backoff_coefficient >= 1, 'backoff_coefficient is >= 1'),
            (
                self.maximum_interval >= self.initial_interval,
                'maximum_interval is >= initial_interval',
            ),
            (self.maximum_attempts >= 1, 'maximum_attempts is >= 1'),
            (self.refused_attempts >= 1, 'refused_attempts is >= 1'),
            (self.undo_attempts >= 1, 'undo_attempts is >= 1'),
            (0 <= self.jitter <= 1, 'jitter is between 0 and 1'),
        )
        for holds, rule in checks:
            if not holds:
                raise ValueError(f'{rule}: {self}')

    def interval(self, failures: int, seed: str = '') -> float:
        """Seconds to wait after the given number of failures (from 1).

        Callers with different seeds get different intervals, the same
        caller always the same one.
        """
        # Far beyond every maximum; keeps the power from overflowing.
        exponent = min(failures - 1, 64)
        interval = min(
            self.initial_interval * self.backoff_coefficient**exponent,
            self.maximum_interval,
        )
        spread = zlib.crc32(f'{seed}:{failures}'.encode()) / 0xFFFFFFFF
        return interval * (1 - self.jitter * spread)


class Failures:
    """The failures of a call since it last got through.

    Refusals are counted by themselves: one that ends an outage has been
    heard once only.
    """

    def __init__(self, policy: RetryPolicy, seed: str = '') -> None:
        self._policy = policy
        self._seed = seed
        self._refusals = 0
        self.number = 0

    def allow(self, error: BaseException) -> bool:
        """Count a failure and say whether to repeat the call."""
        self.number += 1
        retryable = getattr(error, 'retryable', None)
        policy = self._policy
        if retryable is None or isinstance(error, policy.non_retryable):
            return False
        self._refusals += not retryable
        return (
            self.number < policy.maximum_attempts
            and self._refusals < policy.refused_attempts
        )

    def pause(self) -> float:
        """Seconds to wait before the next repetition."""
        return self._policy.interval(self.number, self._seed)

    def forget(self) -> None:
        """Begin anew: it got through."""
        self.number = self._refusals = 0


NEVER = RetryPolicy(maximum_attempts=1)
"""For what must not be repeated."""
