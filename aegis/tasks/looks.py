# SPDX-License-Identifier: Apache-2.0
"""How old a look at a service may be and still show what a lane did."""


class Looks:
    """The moments after which a lane has changed nothing more.

    Nobody but a lane's owner makes or removes what is born in the lane. So a
    list that was asked for after the lane was taken over and after its own
    latest change shows all of it, whoever asked. It belongs to the thread
    that runs the lane.

    :param begun: when the lane was taken over, by the waiter's clock.
    """

    def __init__(self, begun: float = float('inf')) -> None:
        self._begun = begun
        self._touched: dict[str, float] = {}

    def touch(self, service: str, moment: float) -> None:
        """Note that something at a service changes until a moment."""
        self._touched[service] = moment

    def needed(self, service: str, now: float) -> float:
        """The moment after which a look at a service has to be made.

        It is now while nobody said when the lane was taken over.
        """
        if self._begun > now:
            return now
        return max(self._begun, self._touched.get(service, self._begun))
