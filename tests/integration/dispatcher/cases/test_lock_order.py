"""Units of work that touch the same cases wait for each other and never in a ring."""

import asyncio
from collections.abc import Sequence
from itertools import permutations
from threading import Event
from uuid import UUID

from sqlalchemy import text

from services.dispatcher.assignments.queue import AssignmentQueue
from services.dispatcher.cases.store import lock
from services.dispatcher.domain.batch_assignment import BatchPlan, assign_batch
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import Candidate, Matter
from services.dispatcher.visits import shared_visits
from shared.contract.cloudevents import Outgoing, compose
from shared.contract.events import ALERT_DISMISSED, AlertDismissed
from tests.integration.dispatcher.bureau import ENTERPRISE, Bureau

_WAITING = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")


async def until_somebody_waits(bureau: Bureau) -> None:
    async with bureau.database.autocommit() as connection:
        while not await connection.scalar(_WAITING):  # noqa: ASYNC110  the lock tells nobody who waits
            await asyncio.sleep(0)


async def dismissal(bureau: Bureau, case_id: UUID) -> Outgoing:
    (case,) = [row for row in await bureau.rows("cases") if row["case_id"] == case_id]
    dismissed = AlertDismissed.model_validate(
        {
            "alert_id": case["alert_id"],
            "enterprise": {"code": ENTERPRISE},
            "level": "red",
            "ground": "monitoring_fault",
            "reason": "零点漂移",
            "proposed_by": "zhou",
            "confirmed_by": "he",
            "at": bureau.clock.now(),
        }
    )
    return compose(
        topic="alerts",
        source="/t",
        type_=ALERT_DISMISSED,
        enterprise=ENTERPRISE,
        time=bureau.clock.now(),
        data=dismissed,
    )


async def test_a_request_gets_the_joined_cases_of_a_visit_that_a_batch_waits_for(bureau: Bureau) -> None:
    visit = await bureau.red()
    joined = await bureau.red()
    async with bureau.units.open() as request:
        case = await lock(request, visit)
        assert case is not None
        batch = asyncio.create_task(bureau.hear(await dismissal(bureau, joined), await dismissal(bureau, visit)))
        await until_somebody_waits(bureau)
        assert [one.case_id for one in await shared_visits.joined_cases(request, case)] == [joined]
    await batch
    assert {row["state"] for row in await bureau.rows("cases")} == {"dismissed"}


async def test_batches_that_name_enterprises_in_any_order_all_come_through(bureau: Bureau) -> None:
    known = [await bureau.know(f"91440306MA500000{number}X") for number in range(2)]
    new = [{"code": f"91440306MA500000{number}X", "name": None} for number in range(2, 5)]
    batches = [[bureau.alert("red", enterprise=one) for one in order] for order in permutations([*known, *new])]
    await asyncio.gather(
        *(bureau.inbox.handle([bureau.record(bureau.event(alert).value) for alert in batch]) for batch in batches[::12])
    )
    cases = await bureau.rows("cases")
    assert len(cases) == sum(len(batch) for batch in batches[::12])
    assert await bureau.rows("dead_letters") == []
    assert {row["name"] for row in await bureau.rows("enterprises")} >= {one["name"] for one in known}


async def test_the_pass_over_waiting_cases_goes_round_those_that_somebody_holds(bureau: Bureau) -> None:
    await bureau.duty()
    held = await bureau.red()
    other = await bureau.red(enterprise=await bureau.know("91440306MA5000000X"))
    await bureau.duty("chen", "li")
    async with bureau.units.open() as request:
        await lock(request, held)
        assert await bureau.assign_waiting(AssignmentQueue(10)) == 1
    assert (await bureau.team(held), [*await bureau.team(other)]) == ({}, ["chen", "li"])
    assert await bureau.assign_waiting(AssignmentQueue(10)) == 1
    assert [*await bureau.team(held)] == ["chen", "li"]


async def test_nobody_waits_while_teams_are_chosen_and_what_changed_meanwhile_is_chosen_anew(bureau: Bureau) -> None:
    await bureau.duty()
    dismissed = await bureau.red()
    recused, other = [
        await bureau.red(enterprise=await bureau.know(f"91440306MA500000{number}X")) for number in range(2)
    ]
    await bureau.duty("chen", "li", "zhao")
    choosing, go_on = Event(), Event()

    def slowly(matters: Sequence[Matter], officers: Sequence[Candidate], policy: DispatchPolicy) -> BatchPlan:
        choosing.set()
        go_on.wait()
        return assign_batch(matters, officers, policy)

    queue = AssignmentQueue(10, slowly)
    assigning = asyncio.create_task(bureau.assign_waiting(queue))
    await asyncio.to_thread(choosing.wait)
    try:
        await bureau.inbox.handle([bureau.record((await dismissal(bureau, dismissed)).value)])
        async with bureau.database.transaction() as connection:
            await connection.execute(_RECUSE, {"case_id": recused, "now": bureau.clock.now()})
    finally:
        go_on.set()
    assert await assigning == 1
    assert (await bureau.team(dismissed), await bureau.team(recused)) == ({}, {})
    assert len(await bureau.team(other)) == 2
    assert await bureau.assign_waiting(queue) == 1
    assert {*await bureau.team(recused)} == {"li", "zhao"}


_RECUSE = text("""
    insert into dispatch.recusals (officer, enterprise_code, reason, recorded_by, recorded_at)
    select 'chen', enterprise_code, '亲属', 'x', :now from dispatch.cases where case_id = :case_id
""")
