"""Sending officers to verify self-reports on site: one visit for all that one answer, or one silence, concerns."""

from collections.abc import Sequence

from services.dispatcher.cases import verification
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.visits import shared_visits


async def verify_on_site(
    work: CaseUnitOfWork, answered: Sequence[Case], reason: str, *, policy_version: str | None = None
) -> None:
    """Open the verification of each of these yellow cases; it joins the open visit to the enterprise, if there is one.

    So one team goes for all of them, and each keeps its own deadline and may come to something else.
    """
    for one in answered:
        opened = await verification.open_verification(work, one, reason, policy_version=policy_version)
        if opened is not None:
            await shared_visits.join(work, opened)


async def verify_if_drawn(work: CaseUnitOfWork, accepted: Case, joined: Sequence[Case] = ()) -> None:
    """Draw whether what was accepted is verified on site, with what joined it, and send officers where it is."""
    if (why := await verification.decide_verification(work, accepted)) is not None:
        await verify_on_site(work, (accepted, *joined), why, policy_version=(await work.policy()).version)
