"""Events of cases by the batch: all in one unit of work, in order, and never two batches waiting in a ring."""

import asyncio
from datetime import timedelta

from shared.contract.events import CaseKind, CaseType
from tests.integration.deadline_watch.office import Office


async def test_a_batch_brings_many_cases_on_their_way_in_order(office: Office) -> None:
    cases = [office.case(kind) for kind in CaseKind for _ in range(5)]
    story = (CaseType.OPENED, CaseType.ASSIGNED, CaseType.SELF_REPORTED, CaseType.RETURNED, CaseType.CLOSED)
    await office.receive(
        *(
            office.step(type_, case, case.at + timedelta(minutes=minutes))
            for minutes, type_ in enumerate(story)
            for case in cases
        )
    )
    for case in cases:
        clock = await office.clock_of(case)
        # The return of a marking is the station's own answer; any other asks for one again.
        state = "met" if case.kind is CaseKind.MARKING else "cancelled"
        assert (clock["state"], clock["closed_at"]) == (state, case.at + timedelta(minutes=4))
        assert await office.names(case) == ["deadline.started", "deadline.met"]


async def test_two_batches_of_the_same_cases_in_opposite_orders_do_not_wait_in_a_ring(office: Office) -> None:
    cases = [office.case() for _ in range(12)]
    for type_ in (CaseType.OPENED, CaseType.ASSIGNED, CaseType.SELF_REPORTED):
        forward = [office.step(type_, case) for case in cases]
        backward = [office.step(type_, case) for case in reversed(cases)]
        await asyncio.gather(office.receive(*forward), office.receive(*backward))
    for case in cases:
        assert (await office.clock_of(case))["state"] == "met"
        assert await office.names(case) == ["deadline.started", "deadline.met"]
