"""What is told of proposals: to those who may confirm one, and to whoever made it. Pure."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.phrases import both, enterprise, instant, labelled, lines, plain, text
from shared.contract.events import Bilingual, ProposalDecided, ProposalOpened, ProposalState
from shared.contract.roles import Role

_Addressee: TypeAlias = tuple[Literal["enterprise", "officer", "role"], str, str | None]
"""Kind, name and station of whom a notice is for."""

_CAME_OF_IT: Mapping[ProposalState, Bilingual] = {
    ProposalState.CONFIRMED: text("已批准并生效", "confirmed, and done"),
    ProposalState.REJECTED: text("未获批准", "rejected"),
    ProposalState.WITHDRAWN: text("已撤回", "withdrawn"),
    ProposalState.EXPIRED: text("逾期无人审批，已失效", "confirmed by nobody in time, and over"),
    ProposalState.FAILED: text("批准时情况已变，未能执行", "confirmed, and no longer possible"),
}


def proposal_opened(proposal: ProposalOpened, *, name: str | None = None) -> list[NoticeDraft]:
    """One notice for each office that may confirm it. `name` is that of the enterprise concerned."""
    summary = _summary(proposal, name)
    subject = text(f"【待审批】{proposal.name.zh}：{summary.zh}", f"[To confirm] {proposal.name.en}: {summary.en}")
    body = lines(
        text(
            "下列事项须由提请人以外的人员审批，批准后才生效。",
            "This takes effect when another person than whoever proposed it confirms it.",
        ),
        *_facts(proposal, summary),
        labelled(text("逾期失效", "Over at"), instant(proposal.expires_at)),
    )
    return [
        _draft(proposal, "proposal_opened", ("role", to.role, to.station), subject, body) for to in proposal.recipients
    ]


def proposal_decided(proposal: ProposalDecided, *, name: str | None = None) -> list[NoticeDraft]:
    """A notice for whoever made it, unless that was Tricolor itself, or they took it back.

    `name` is that of the enterprise concerned.
    """
    to = _proposer(proposal)
    if to is None or proposal.state is ProposalState.WITHDRAWN:
        return []
    summary, came_of_it = _summary(proposal, name), _CAME_OF_IT[proposal.state]
    subject = text(
        f"【审批结果】{proposal.name.zh}：{came_of_it.zh}（{summary.zh}）",
        f"[Decided] {proposal.name.en}: {came_of_it.en} ({summary.en})",
    )
    explanation = proposal.explanation
    body = lines(
        labelled(text("结果", "What came of it"), came_of_it),
        labelled(text("审批人", "Decided by"), both(plain(proposal.decided_by.subject))),
        labelled(text("审批说明", "Why"), both(plain(explanation)) if explanation else None),
        *_facts(proposal, summary),
    )
    return [_draft(proposal, "proposal_decided", to, subject, body)]


def _proposer(proposal: ProposalDecided) -> _Addressee | None:
    """Whoever made it: an officer or enterprise by name, an office by its role."""
    by = proposal.proposed_by
    match by.role:
        case Role.OFFICER:
            return "officer", by.subject, None
        case Role.ENTERPRISE if proposal.enterprise_code is not None:
            return "enterprise", proposal.enterprise_code, None
        case Role.STATION_CHIEF:
            return "role", by.role, proposal.station
        case Role.SECTION | Role.LEADER | Role.ADMIN:
            return "role", by.role, None
        case _:
            return None


def _draft(proposal: ProposalOpened, purpose: str, to: _Addressee, subject: Bilingual, body: Bilingual) -> NoticeDraft:
    kind, recipient, station = to
    return NoticeDraft(
        occasion=f"{purpose}:{proposal.proposal_id}:{recipient}",
        purpose=purpose,
        recipient_kind=kind,
        recipient=recipient,
        station=station,
        enterprise_code=proposal.enterprise_code,
        alert_id=proposal.alert_id,
        case_id=proposal.case_id,
        subject=subject,
        body=body,
    )


def _summary(proposal: ProposalOpened, name: str | None) -> Bilingual:
    """The summary, which names an enterprise by its code, with its name too."""
    zh, en = plain(proposal.summary.zh), plain(proposal.summary.en)
    if name is None or proposal.enterprise_code is None:
        return text(zh, en)
    code, called = proposal.enterprise_code, enterprise(proposal.enterprise_code, name)
    return text(zh.replace(code, called.zh), en.replace(code, called.en))


def _facts(proposal: ProposalOpened, summary: Bilingual) -> list[Bilingual | None]:
    return [
        labelled(text("事项", "Matter"), summary),
        labelled(text("理由", "Reason"), both(plain(proposal.reason))),
        labelled(text("依据", "Ground"), both(plain(proposal.ground))),
        labelled(text("提请人", "Proposed by"), both(plain(proposal.proposed_by.subject))),
        labelled(text("提请时间", "Proposed at"), instant(proposal.proposed_at)),
        labelled(text("提请编号", "Proposal"), both(f"{proposal.service} {proposal.proposal_id}")),
    ]
