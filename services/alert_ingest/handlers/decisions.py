"""Decisions about alerts: to dismiss one as a false alarm, or to lower its grade. Each takes two people."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import StoredAlert
from services.alert_ingest.domain.decisions import (
    Decision,
    Proposal,
    check_confirmation,
    check_proposal,
    downgrade_for_dismissal,
    not_proposed,
)
from services.alert_ingest.domain.decisions import Kind as Change
from services.alert_ingest.handlers import regrading
from services.alert_ingest.store import decisions as decision_store
from services.alert_ingest.store import graded_alerts
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.alerts import enterprises_of, find_alert
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import SERVICE
from shared.contract.events import ALERT_DISMISSED, AlertDismissed, Bilingual, Level
from shared.contract.messages import Event
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import OFFICE, Role
from shared.messaging.proposals.people import Matter, Person
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind, Proposals
from shared.messaging.unit_of_work import UnitOfWork

PROPOSERS = OFFICE | {Role.OFFICER}
PLEA = "plea"
"""An enterprise says that an alert about it is false; its station decides. Its clock goes on meanwhile."""


class Granted(BaseModel):
    """What granting a plea did: the alert is dismissed, or a dismissal waits for a second official."""

    dismissed: bool
    proposal_id: UUID | None = None


class Decisions:
    """Proposals about alerts, by people and by Tricolor, and what confirming them does.

    `proposals` are those of the whole service: with the `other_kinds` that it is given.
    """

    def __init__(self, books: RuleBooks, other_kinds: Iterable[Kind[UnitOfWork]] = ()) -> None:
        self._books = books
        kinds = (
            Kind(
                name="dismiss",
                title=Bilingual(zh="误报撤销", en="Dismissal of an alert"),
                about="alert",
                proposers=PROPOSERS,
                confirmers=OFFICE,
                apply=self._dismiss,
            ),
            Kind(
                name="downgrade",
                title=Bilingual(zh="预警降级", en="Downgrade of an alert"),
                about="alert",
                proposers=PROPOSERS,
                confirmers=OFFICE,
                apply=self._downgrade,
            ),
            Kind(
                name=PLEA,
                title=Bilingual(zh="误报申辩", en="Plea of a false alarm"),
                about="alert",
                proposers=frozenset({Role.ENTERPRISE}),
                confirmers=OFFICE,
                apply=self._grant,
            ),
        )
        self.proposals = Proposals(SERVICE, tables.proposals, (*kinds, *other_kinds))

    async def keep(self, work: UnitOfWork, proposals: Sequence[Proposal]) -> None:
        """Keep what Tricolor itself proposes, but for alerts about which something is proposed already."""
        if not proposals:
            return
        taken = await decision_store.alerts_with_proposals(work.connection, {one.alert_id for one in proposals})
        codes = {one.enterprise_code for one in proposals}
        stations = await decision_store.stations_of(work.connection, codes)
        drafts = [
            _draft(one, stations.get(one.enterprise_code), None) for one in proposals if one.alert_id not in taken
        ]
        await self.proposals.keep(work, drafts)

    async def propose(
        self, work: UnitOfWork, alert_id: UUID, kind: Change, level: Level | None, ground: str, reason: str, by: Person
    ) -> Row[Any]:
        """Keep a person's proposal; answer its row.

        Raises NotFound, and Conflict where the alert cannot be decided like that or another proposal is open.
        """
        code, station = await self._whose(work, alert_id)
        if not Matter(station, code).is_proposed_by(by):
            raise NotFound("alert", alert_id)
        alert = await self._locked(work, alert_id)
        proposal = Proposal(alert_id, code, kind, level, ground, reason)
        check_proposal(alert, proposal)
        if await decision_store.alerts_with_proposals(work.connection, [alert_id]):
            raise not_proposed("proposal-open", "another proposal for this alert waits for its review")
        return await self.proposals.propose(work, _draft(proposal, station, alert.level), by)

    async def plea(
        self, work: UnitOfWork, alert_id: UUID, caller: Principal, reason: str, evidence: Sequence[UUID]
    ) -> Draft:
        """What an enterprise pleads about an alert, as it sees that one. Raises NotFound, and Conflict.

        What it does not see yet, a red grade before the visit, is not said to it.
        """
        seen = await find_alert(work.connection, alert_id, caller)
        if seen is None:
            raise NotFound("alert", alert_id)
        if seen.dismissed_at is not None:
            raise not_proposed("already-dismissed", "the alert was dismissed before")
        code, station = await self._whose(work, alert_id)
        return Draft(
            kind=PLEA,
            subject=str(alert_id),
            matter=Matter(station, code),
            summary=Bilingual(zh=f"{code}称其预警为误报", en=f"{code} says that an alert about it is false"),
            reason=reason,
            ground=PLEA,
            parameters={"alert_id": alert_id, "evidence": list(evidence)},
            before={"level": seen.level},
            after={"dismissed": True},
            alert_id=alert_id,
        )

    async def _grant(self, work: UnitOfWork, confirmed: Confirmed) -> Granted:
        """Dismiss the alert. A red one takes two officials: the one who grants the plea proposes it to another."""
        alert_id = UUID(confirmed.subject)
        alert = await self._locked(work, alert_id)
        if alert.level is not Level.RED:
            await self._dismiss(work, confirmed)
            return Granted(dismissed=True)
        by = confirmed.confirmed_by
        proposed = await self.propose(work, alert_id, "dismiss", None, PLEA, confirmed.reason, by)
        return Granted(dismissed=False, proposal_id=proposed.proposal_id)

    async def _dismiss(self, work: UnitOfWork, confirmed: Confirmed) -> None:
        alert, decision = await self._confirmed(work, "dismiss", confirmed)
        shown = decision.shown(work.now)
        await decision_store.store_dismissal(work.connection, alert.alert_id, shown, work.now)
        await self.keep(work, await self._unsupported(work, alert))
        data = AlertDismissed(
            alert_id=alert.alert_id,
            enterprise=alert.assessment.event.data.enterprise,
            level=alert.level,
            ground=confirmed.ground,
            reason=confirmed.reason,
            proposed_by=decision.proposed_by,
            confirmed_by=decision.confirmed_by,
            at=work.now,
        )
        work.emit(Event(ALERT_DISMISSED, alert.enterprise_code, data))

    async def _downgrade(self, work: UnitOfWork, confirmed: Confirmed) -> None:
        alert, decision = await self._confirmed(work, "downgrade", confirmed)
        level = Level(confirmed.parameters["level"])
        grade = replace(alert.grade, level=level, response=alert.assessment.response(level))
        revision = alert.revised(grade, "decision", work.now)
        await regrading.apply_revisions(work, [revision], decision.shown(work.now))

    async def _confirmed(self, work: UnitOfWork, kind: Change, confirmed: Confirmed) -> tuple[StoredAlert, Decision]:
        """Return the alert, locked, and what was decided about it. Raises Conflict where it has changed since."""
        alert = await self._locked(work, UUID(confirmed.subject))
        level = confirmed.parameters.get("level")
        proposal = Proposal(
            alert.alert_id,
            alert.enterprise_code,
            kind,
            None if level is None else Level(level),
            confirmed.ground,
            confirmed.reason,
        )
        check_confirmation(alert, proposal)
        return alert, Decision(confirmed.proposal_id, proposal, confirmed.proposed_by.name, confirmed.confirmed_by.name)

    async def _unsupported(self, work: UnitOfWork, dismissed: StoredAlert) -> list[Proposal]:
        """Propose to take back the upgrades that counted the dismissed alert and would not have come about without."""
        proposals: list[Proposal] = []
        for one in await graded_alerts.alerts_caused_by(
            work.connection, self._books, dismissed.enterprise_code, dismissed.alert_id
        ):
            level = (await regrading.regrade(work.connection, one)).level
            if level.rank < one.level.rank:
                proposals.append(downgrade_for_dismissal(one, level, dismissed.alert_id))
        return proposals

    async def _whose(self, work: UnitOfWork, alert_id: UUID) -> tuple[str, str | None]:
        """Return the alert's enterprise and the station in charge of it. Raises NotFound."""
        codes = await enterprises_of(work.connection, [alert_id])
        if not codes:
            raise NotFound("alert", alert_id)
        (code,) = codes
        return code, (await decision_store.stations_of(work.connection, [code])).get(code)

    async def _locked(self, work: UnitOfWork, alert_id: UUID) -> StoredAlert:
        """Return the alert with its enterprise's lock, as every change of an alert has it."""
        await intake_store.lock_enterprises(work.connection, await enterprises_of(work.connection, [alert_id]))
        return await graded_alerts.locked_alert(work.connection, self._books, alert_id)


def _draft(proposal: Proposal, station: str | None, present: Level | None) -> Draft:
    level = proposal.level
    return Draft(
        kind=proposal.kind,
        subject=str(proposal.alert_id),
        matter=Matter(station, proposal.enterprise_code),
        summary=proposal.summary,
        reason=proposal.reason,
        ground=proposal.ground,
        parameters={"alert_id": proposal.alert_id} | ({} if level is None else {"level": level}),
        before=None if present is None else {"level": present},
        after={"dismissed": True} if level is None else {"level": level},
        alert_id=proposal.alert_id,
    )
