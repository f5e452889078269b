"""The days of the draw: one secret whoever makes it, shown to nobody before its time, and proved afterwards."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic_core import from_json
from sqlalchemy import update

from services.dispatcher import tables
from services.dispatcher.domain.verification_draw import commitment_to
from services.dispatcher.handlers.draws import DrawDays
from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import Bureau
from tests.integration.running.commands import tricolor

REPORT = {"cause": "设备老化", "measures": "已维修", "finished_at": "2026-03-02T08:00:00+08:00"}
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


async def accepted(bureau: Bureau) -> UUID:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise, bureau.chief() as chief:
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).is_success
        assert (await chief.post(f"/v1/cases/{case_id}/approve", json={})).is_success
    await bureau.assign_waiting()
    return case_id


async def test_several_replicas_make_one_secret_of_a_day(bureau: Bureau) -> None:
    made = await asyncio.gather(*(DrawDays(bureau.units).run_once() for _ in range(4)))
    assert sum(made) == 2
    days = {row["day"]: row for row in await bureau.rows("draw_days")}
    assert set(days) == {MONDAY, TUESDAY}
    told = {one["day"]: one["commitment"] for one in await bureau.told("draw.committed")}
    assert told == {str(day): commitment_to(row["secret"]) for day, row in days.items()}
    assert len(await bureau.told("draw.committed")) == 2


async def test_no_secret_leaves_before_its_day_is_over(bureau: Bureau) -> None:
    days = DrawDays(bureau.units)
    await days.run_once()
    bureau.clock.move_to(datetime(2026, 3, 2, 1, tzinfo=UTC))
    case_id = await accepted(bureau)
    bureau.clock.move_to(datetime(2026, 3, 2, 16, 5, tzinfo=UTC))  # five minutes into Tuesday
    await days.run_once()
    secrets = [row["secret"] for row in await bureau.rows("draw_days")]
    assert await bureau.told("draw.published") == []
    async with bureau.api.app(Role.ADMIN, "admin") as admin:
        for path in ("/v1/draws", f"/v1/draws/{MONDAY}", f"/v1/draws/{TUESDAY}", f"/v1/cases/{case_id}/timeline"):
            answer = await admin.get(path)
            assert answer.is_success
            assert not any(secret.hex() in answer.text for secret in secrets)
        assert (await admin.get(f"/v1/draws/{MONDAY}")).json()["draws"] == []
        assert (await admin.get("/v1/draws/2026-03-20")).status_code == 404
        assert (await admin.get("/v1/draws/20260302")).status_code == 422
    outgoing = b"".join(row["value"] for row in await bureau.rows("outbox"))
    assert not any(secret.hex().encode() in outgoing for secret in secrets)


async def test_a_day_waits_until_everyone_whom_it_drew_was_visited(bureau: Bureau) -> None:
    days = DrawDays(bureau.units)
    await days.run_once()
    bureau.clock.move_to(datetime(2026, 3, 2, 1, tzinfo=UTC))
    cases = [await accepted(bureau) for _ in range(3)]  # the third is verified: a repeat offender
    bureau.clock.move_to(datetime(2026, 3, 3, 1, tzinfo=UTC))
    await days.run_once()
    assert await bureau.told("draw.published") == []

    async with bureau.database.transaction() as connection:
        visited = update(tables.cases).where(tables.cases.c.kind == "verification")
        await connection.execute(visited.values(arrived_at=bureau.clock.now()))
    await days.run_once()
    (published,) = await bureau.told("draw.published")
    assert (published["day"], len(published["draws"])) == (str(MONDAY), 3)
    assert [one["repeat"] for one in published["draws"] if one["case_id"] == str(cases[2])] == [True]
    assert await days.run_once() == 0


async def test_a_draw_cannot_be_made_under_a_secret_that_was_published(bureau: Bureau) -> None:
    await DrawDays(bureau.units).run_once()
    async with bureau.database.transaction() as connection:
        await connection.execute(update(tables.draw_days).values(published_at=bureau.clock.now()))
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise, bureau.chief() as chief:
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).is_success
        assert (await chief.post(f"/v1/cases/{case_id}/approve", json={})).status_code == 503
    assert await bureau.rows("draws") == []


@pytest.fixture
async def proved(bureau: Bureau) -> list[UUID]:
    """Two reports, accepted and drawn on a Monday whose secret is published."""
    days = DrawDays(bureau.units)
    await days.run_once()
    bureau.clock.move_to(datetime(2026, 3, 2, 1, tzinfo=UTC))
    cases = [await accepted(bureau) for _ in range(2)]
    async with bureau.database.transaction() as connection:
        visited = update(tables.cases).where(tables.cases.c.kind == "verification")
        await connection.execute(visited.values(arrived_at=bureau.clock.now()))
    bureau.clock.move_to(datetime(2026, 3, 3, 1, tzinfo=UTC))
    await days.run_once()
    return cases


async def test_the_command_repeats_every_draw_of_a_day(proved: list[UUID], database_url: str, tmp_path: Path) -> None:
    code, out, err = await tricolor("draw", "verify", str(MONDAY), "--json", "--data", tmp_path, url=database_url)
    assert code == 0, out + err
    checked = from_json(out)
    assert {one["case_id"]: one["passed"] for one in checked["cases"]} == {str(case_id): True for case_id in proved}
    for day, ends, why in (
        ("2026-03-03", 1, "not published yet"),
        ("2026-03-09", 1, "There is no draw"),
        ("20260302", 2, "is no day"),
    ):
        code, _, err = await tricolor("draw", "verify", day, "--data", tmp_path, url=database_url)
        assert (code, why in err) == (ends, True), err


async def test_the_command_finds_what_was_changed_afterwards(
    proved: list[UUID], bureau: Bureau, database_url: str, tmp_path: Path
) -> None:
    entries = tables.timeline.c
    async with bureau.database.transaction() as connection:
        forged = update(tables.timeline).where(entries.case_id == proved[0], entries.detail.has_key("lot"))
        await connection.execute(forged.values(detail={"lot": 0.5, "verified": False, "method": "hmac-sha256"}))
    code, out, _ = await tricolor("draw", "verify", str(MONDAY), "--data", tmp_path, url=database_url)
    assert (code, "FAIL" in out, "pass" in out) == (1, True, True)


async def test_draws_from_before_days_had_secrets_stay_readable(
    bureau: Bureau, database_url: str, tmp_path: Path
) -> None:
    case_id = await accepted(bureau)
    entries = tables.timeline.c
    async with bureau.database.transaction() as connection:
        old = {"verified": False, "lot": 0.25, "cases_lately": 1, "policy_version": "1"}
        written = update(tables.timeline).where(entries.case_id == case_id, entries.detail.has_key("lot"))
        await connection.execute(written.values(detail=old))
        await connection.execute(tables.outbox.delete())
    async with bureau.chief() as chief:
        shown = (await chief.get(f"/v1/cases/{case_id}/timeline")).json()["items"]
    assert old in [entry["detail"] for entry in shown]
    code, out, err = await tricolor("draw", "verify", str(MONDAY), "--data", tmp_path, url=database_url)
    assert (code, "FAIL" in out) == (1, True), err  # 0.25 is not what the SHA-256 of this case draws
