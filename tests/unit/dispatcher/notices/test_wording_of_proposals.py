"""What is told of proposals: to those who may confirm one, and to whoever made it."""

from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_json

from services.dispatcher.notices import wording
from shared.contract.events import ProposalDecided

FACTS: dict[str, Any] = {
    "proposal_id": UUID(int=7),
    "service": "deadline_watch",
    "kind": "extend",
    "name": {"zh": "延长时限", "en": "Extend a deadline"},
    "subject": str(UUID(int=8)),
    "summary": {"zh": "延长 5 个工作日", "en": "by 5 working days"},
    "reason": "检测报告\n未出",
    "ground": "《行政处罚法》",
    "station": "xinan",
    "enterprise_code": "91440306MA5000001W",
    "alert_id": None,
    "case_id": UUID(int=9),
    "proposed_by": {"role": "station_chief", "subject": "wang"},
    "proposed_at": "2026-03-02T09:00:00+08:00",
    "expires_at": "2026-03-05T09:00:00+08:00",
    "policy_version": "1",
    "at": "2026-03-02T09:00:00+08:00",
    "recipients": [{"role": "station_chief", "station": "xinan"}, {"role": "section"}],
    "state": "rejected",
    "decided_by": {"role": "section", "subject": "li"},
    "explanation": "理由不足",
}


def proposal(**changes: Any) -> ProposalDecided:
    return ProposalDecided.model_validate_json(to_json(FACTS | changes))


def test_those_who_may_confirm_it_are_told_by_when() -> None:
    chief, section = wording.proposal_opened(proposal())
    assert (chief.recipient, chief.station, section.recipient, section.station) == (
        "station_chief",
        "xinan",
        "section",
        None,
    )
    assert chief.subject.zh == "【待审批】延长时限：延长 5 个工作日"
    for words in ("理由：检测报告 未出", "提请人：wang", "逾期失效：3月5日（周四）09:00"):
        assert words in chief.body.zh
    assert chief.occasion != section.occasion


@pytest.mark.parametrize(
    ("role", "kind", "recipient", "station"),
    [
        ("station_chief", "role", "station_chief", "xinan"),
        ("section", "role", "section", None),
        ("officer", "officer", "wang", None),
        ("enterprise", "enterprise", "91440306MA5000001W", None),
    ],
)
def test_whoever_made_it_is_told_what_came_of_it(role: str, kind: str, recipient: str, station: str | None) -> None:
    (notice,) = wording.proposal_decided(proposal(proposed_by={"role": role, "subject": "wang"}))
    assert (notice.recipient_kind, notice.recipient, notice.station) == (kind, recipient, station)
    assert notice.subject.zh == "【审批结果】延长时限：未获批准（延长 5 个工作日）"
    assert "审批说明：理由不足" in notice.body.zh
    assert "审批人：li" in notice.body.zh


@pytest.mark.parametrize("state", ["confirmed", "expired", "failed"])
def test_every_end_has_its_words(state: str) -> None:
    (notice,) = wording.proposal_decided(proposal(state=state, explanation=None))
    assert "审批说明" not in notice.body.zh
    assert notice.subject.en


def test_nobody_is_told_of_what_they_took_back_or_of_what_tricolor_proposed() -> None:
    assert wording.proposal_decided(proposal(state="withdrawn")) == []
    assert wording.proposal_decided(proposal(proposed_by={"role": "system", "subject": "system:tricolor"})) == []


def test_an_enterprise_is_named_by_name_and_code() -> None:
    summary = {"zh": "91440306MA5000001W的案件延长", "en": "extend a case of 91440306MA5000001W"}
    (notice, _) = wording.proposal_opened(proposal(summary=summary), name="某某厂")
    assert notice.subject.zh == "【待审批】延长时限：某某厂（91440306MA5000001W）的案件延长"
