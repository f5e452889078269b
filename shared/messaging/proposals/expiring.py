"""The duty over proposals: marks those that nobody confirmed in time."""

from typing import Generic, TypeVar

from shared.messaging.proposals.proposals import Proposals
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork

BEAT_SECONDS = 30.0

W = TypeVar("W", bound=UnitOfWork)


class ExpiringProposals(Generic[W]):
    """Marks proposals whose time is over, and tells whoever made them."""

    def __init__(self, proposals: Proposals[W], units: UnitsOfWork[W]) -> None:
        self._proposals, self._units = proposals, units

    async def run_once(self) -> int:
        """Mark up to 100 of them; answer how many. One unit of work."""
        async with self._units.open() as work:
            return await self._proposals.expire(work)
