"""The open cases of enterprises that others can join, or that can join others: read once, and looked through here."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Self

from sqlalchemy import text

from services.dispatcher.cases.store import Case, lock_all, lock_without_alerts
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import AWAITS_REPORT, JOINABLE, ON_SITE, WAITING, Action
from services.dispatcher.tables import listed
from shared.contract.events import CaseKind

# The states stand in the statement, so that the index of just these cases is used.
_FIND = text(f"""
    select case_id from dispatch.cases
     where enterprise_code = any(cast(:visited as text[])) and state in ({listed(JOINABLE)})
       and kind <> '{CaseKind.SELF_REPORT}'
     union all
    select case_id from dispatch.cases
     where enterprise_code = any(cast(:reporting as text[])) and state in ({listed(JOINABLE)})
       and kind = '{CaseKind.SELF_REPORT}' and state in ({listed(AWAITS_REPORT)})
""")


class OpenCases:
    """Cases under lock, by enterprise, the earliest opened first. What is taken from them is asked of their states."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._of: defaultdict[str, list[Case]] = defaultdict(list)
        for case in cases:
            self.add(case)

    @classmethod
    async def lock(cls, work: CaseUnitOfWork, enterprise: str) -> Self:
        """Lock those of an enterprise that can be joined or can join now."""
        found = await work.connection.scalars(_FIND, {"visited": [enterprise], "reporting": [enterprise]})
        return cls(await lock_all(work, found.all()))

    @classmethod
    async def lock_beside(cls, work: CaseUnitOfWork, new: Collection[Case]) -> Self:
        """Lock those that `new` cases can join, or that can join them, without the new ones: they come one by one.

        Their alerts are not read: hardly any of them takes a step.
        """
        reporting = {case.enterprise_code for case in new if case.kind is CaseKind.SELF_REPORT}
        visited = {case.enterprise_code for case in new if case.kind is not CaseKind.SELF_REPORT}
        found = await work.connection.scalars(_FIND, {"visited": [*visited], "reporting": [*reporting]})
        return cls(await lock_without_alerts(work, {*found} - {case.case_id for case in new}))

    def add(self, case: Case) -> None:
        self._of[case.enterprise_code].append(case)

    def taking_in(self, case: Case) -> Case | None:
        """The case of its enterprise that takes in `case`: a red one first, then the oldest.

        A self-report joins one that nobody has answered; what is for officers joins a visit. A red case does not join
        what has no team yet: that joins the red one then.
        """
        reports = case.kind is CaseKind.SELF_REPORT
        states = AWAITS_REPORT if reports else JOINABLE
        able = [
            one
            for one in self._of[case.enterprise_code]
            if one.case_id != case.case_id and (one.kind is CaseKind.SELF_REPORT) == reports and one.state in states
        ]
        if case.kind is CaseKind.ON_SITE:
            able = [one for one in able if one.kind is CaseKind.ON_SITE or one.state not in WAITING]
        return min(able, key=lambda one: one.kind is not CaseKind.ON_SITE, default=None)

    def waiting_beside(self, lead: Case) -> list[Case]:
        """What can join `lead`: other self-reports, or to a red case what waits for a team to verify or check."""
        kinds = {lead.kind} if lead.kind is CaseKind.SELF_REPORT else ON_SITE - {CaseKind.ON_SITE}
        states = lifecycle.sources(lead.kind, Action.MERGE)
        return [
            one
            for one in self._of[lead.enterprise_code]
            if one.kind in kinds and one.state in states and not one.held_above and one.case_id != lead.case_id
        ]
