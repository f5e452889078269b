"""What chiefs hear at once, and lists: each names its enterprise, its case, and whom to phone."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.dispatcher.notices import wording
from services.dispatcher.notices.wording import CaseFacts
from shared.contract.events import Bilingual

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SUBJECT = Bilingual(zh="【黄色预警】请反馈", en="[Yellow alert] Report")


def case(station: str | None = "xinan") -> CaseFacts:
    return CaseFacts(
        case_id=uuid4(),
        alert_id=uuid4(),
        enterprise_code="91440306MA5000001W",
        enterprise_name="深圳某某电子有限公司",
        station=station,
        due_at=NOW,
        provisional=False,
        revision=3,
    )


def undelivered(facts: CaseFacts, *phones: Bilingual) -> wording.NoticeDraft:
    return wording.notice_undelivered(
        facts,
        notice_id=UUID(int=7),
        subject=SUBJECT,
        recipient=Bilingual(zh="某某电子", en="Some Electronics"),
        phones=phones,
        queued_at=NOW,
    )


def test_whom_to_phone_stands_in_the_notice_with_every_number() -> None:
    draft = undelivered(
        case(), wording.phone_of("王厂长", "环保负责人", "13800138000"), wording.phone_of(None, None, "0755-2")
    )
    assert "电话：王厂长 环保负责人 13800138000；0755-2" in draft.body.zh
    assert "【黄色预警】请反馈" in draft.body.zh
    assert (draft.recipient, draft.station, draft.purpose) == ("station_chief", "xinan", "notice_undelivered")


def test_without_a_number_it_says_so() -> None:
    assert "档案中没有电话" in undelivered(case()).body.zh


@pytest.mark.parametrize(("station", "recipient"), [("xinan", "station_chief"), (None, "section")])
def test_while_no_station_is_in_charge_the_section_hears(station: str | None, recipient: str) -> None:
    for draft in (undelivered(case(station)), wording.report_waiting(case(station), of_enterprise=True)):
        assert (draft.recipient_kind, draft.recipient, draft.station) == ("role", recipient, station)


def test_each_report_that_waits_is_an_occasion_of_its_own() -> None:
    facts = case()
    first = wording.report_waiting(facts, of_enterprise=False)
    assert "办理反馈" in first.subject.zh
    assert first.occasion != wording.report_waiting(case(), of_enterprise=False).occasion


def test_a_list_names_each_case_with_its_number() -> None:
    cases = [uuid4() for _ in range(3)]
    matters = [
        (Bilingual(zh=f"第{number}件", en=f"No. {number}"), case_id)
        for number, case_id in enumerate([*cases, cases[0]], 1)
    ]
    subject, _ = wording.heading(len(cases))
    assert subject.zh == "【汇总】3起案件待您关注"
    expected = [f"{number}. 第{number}件（案件编号：{case_id}）" for number, (_, case_id) in enumerate(matters, 1)]
    body = wording.listed(matters)
    assert body.zh.splitlines() == expected
    assert len(body.en.splitlines()) == 4
    assert wording.listed(matters[2:], first=3).zh.splitlines() == expected[2:]
