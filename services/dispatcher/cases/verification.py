"""Verification (现场核查) of a yellow case on site: because no report came, or because its report was drawn."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select

from services.dispatcher import tables
from services.dispatcher.cases import draws
from services.dispatcher.cases.opening import Opening, alert_of, open_case
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import verification_draw
from services.dispatcher.domain.lifecycle import ENDED_UNANSWERED
from services.dispatcher.domain.verification_draw import DrawMethod
from shared.contract.events import CaseKind
from shared.contract.words import DecisiveOutcome

VERIFICATION_DECIDED = "cn.tricolor.case.truth_check.v1"


async def open_verification(
    work: CaseUnitOfWork, answered: Case, reason: str, *, policy_version: str | None = None
) -> Case | None:
    """Open the verification of a yellow case; None where there is one already, whatever it was opened for."""
    opening = Opening(
        await alert_of(work, answered),
        CaseKind.VERIFICATION,
        station=answered.station,
        issued_at=work.now,  # it starts when it becomes due to go, not when the alert was issued
        alert_revision=answered.alert_revision,
        raised_by=answered.case_id,
        reopening=answered.reopening,
        reason=reason,
        policy_version=policy_version,
    )
    return await open_case(work, opening)


async def decide_verification(work: CaseUnitOfWork, answered: Case) -> str | None:
    """Draw by policy whether an accepted self-report is verified on site, and note the draw; return why it is."""
    policy, code = await work.policy(), answered.enterprise_code
    lately = (await cases_lately(work, [code], policy.truth_check.repeat_days)).get(code, 0)
    drawn = await draws.draw(work, answered, lately, policy)
    why = verification_draw.why_verified(drawn.number, lately, policy.truth_check)
    detail = {
        "verified": drawn.verified,
        "lot": drawn.number,
        "method": DrawMethod.KEYED,
        "day": drawn.day.isoformat(),
        "cases_lately": lately,
        "policy_version": policy.version,
    }
    reason = None if why is None else why.zh
    await note(
        work, answered, VERIFICATION_DECIDED, StepDetails(reason=reason, policy_version=policy.version, detail=detail)
    )
    return reason


async def cases_lately(work: CaseUnitOfWork, enterprises: Collection[str], days: int) -> dict[str, int]:
    """How many yellow and red alerts each enterprise got a case for within `days`; those without one are left out."""
    cases = tables.cases.c
    counted = await work.connection.execute(
        select(cases.enterprise_code, func.count(cases.alert_id.distinct()).label("number"))
        .where(
            cases.enterprise_code.in_(enterprises),
            cases.kind.in_([CaseKind.SELF_REPORT, CaseKind.ON_SITE]),
            cases.opened_at > work.now - timedelta(days=days),
            # An upgrade, or a case asked for anew, is no second offence; a false alarm is none at all.
            cases.state.not_in(sorted(ENDED_UNANSWERED)),
            cases.outcome.is_distinct_from(DecisiveOutcome.FALSE_ALARM),
        )
        .group_by(cases.enterprise_code)
    )
    return {row.enterprise_code: row.number for row in counted}
