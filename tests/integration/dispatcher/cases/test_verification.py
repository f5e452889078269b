"""Verifying self-reports: the draw is kept, a repeat offender is always verified, an untrue report is emitted."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from services.dispatcher import tables
from services.dispatcher.cases.verification import VERIFICATION_DECIDED
from services.dispatcher.domain.verification_draw import keyed_number
from tests.integration.dispatcher.bureau import Bureau

REPORT = {"cause": "设备老化", "measures": "已维修", "finished_at": "2026-03-02T08:20:00+08:00"}


async def accepted(bureau: Bureau) -> UUID:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise, bureau.chief() as chief:
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).is_success
        assert (await chief.post(f"/v1/cases/{case_id}/approve", json={})).is_success
    await bureau.assign_waiting()
    return case_id


async def test_the_draw_of_every_accepted_report_is_kept(bureau: Bureau) -> None:
    case_id = await accepted(bureau)
    (check,) = [row for row in await bureau.rows("timeline") if row["type"] == VERIFICATION_DECIDED]
    (day,) = await bureau.rows("draw_days")
    lot = keyed_number(day["secret"], case_id)
    assert check["detail"]["lot"] == lot
    assert (check["detail"]["method"], check["detail"]["day"]) == ("hmac-sha256", "2026-03-02")
    assert check["detail"]["policy_version"]
    verified = [row for row in await bureau.rows("cases") if row["kind"] == "verification"]
    assert len(verified) == (lot < 0.1) == check["detail"]["verified"]
    (drawn,) = await bureau.rows("draws")
    assert (drawn["case_id"], drawn["number"], drawn["verified"]) == (case_id, lot, lot < 0.1)


@pytest.mark.parametrize("ended", ["dismissed", "superseded"])
async def test_what_was_no_offence_makes_no_repeat_offender(bureau: Bureau, ended: str) -> None:
    spared = await accepted(bureau)
    async with bureau.database.transaction() as connection:
        await connection.execute(update(tables.cases).where(tables.cases.c.case_id == spared).values(state=ended))
    for _ in range(2):
        await accepted(bureau)
    checks = [row["detail"] for row in await bureau.rows("timeline") if row["type"] == VERIFICATION_DECIDED]
    assert sorted(check["cases_lately"] for check in checks) == [1, 1, 2]


async def test_the_third_case_in_ninety_days_is_verified_whatever_the_lot(bureau: Bureau) -> None:
    cases = [await accepted(bureau) for _ in range(3)]
    verifications = [row for row in await bureau.rows("cases") if row["kind"] == "verification"]
    third = next(row for row in verifications if row["raised_by"] == cases[2])
    assert third["issued_at"] == datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    (opened,) = [told for told in await bureau.told("case.opened") if told["case_id"] == str(third["case_id"])]
    assert opened["reason"] == "90 日内第 3 件黄色或红色案件，自查反馈须现场核查"
    # Where one of the first two was drawn as well, this one joins that visit.
    assert len(await bureau.team(third["merged_into"] or third["case_id"])) == 2
