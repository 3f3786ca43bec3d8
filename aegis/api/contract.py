# SPDX-License-Identifier: Apache-2.0
"""What a method of the API promises, in one place.

The decorators enforce it, ``openapi`` publishes it and a test walks all of
it.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Contract:
    """``policies`` are all rules that may apply; ``choose`` says which does.

    Schemas are None where there is nothing to describe: a method with no
    ``body`` refuses one. A ``public`` method needs no token and has no
    policies.
    """

    status: int
    public: bool
    policies: tuple[str, ...]
    choose: Callable[[Values, Values], str] | None
    query: Schema
    body: Schema | None
    response: Schema | None
    summary: str

    def policy_for(self, query: Values, body: Values | None) -> str | None:
        """The rule that a request has to pass."""
        if self.public:
            return None
        if self.choose is None:
            return self.policies[0]
        return self.choose(query, body or {})
