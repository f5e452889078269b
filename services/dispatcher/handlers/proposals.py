"""What takes two people in the dispatcher: a dispatch policy, proposed with its preview and confirmed by another."""

from datetime import datetime

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import SERVICE, CaseUnitOfWork
from services.dispatcher.handlers.dispatch_policies import By, Changed, PolicyChanges
from services.dispatcher.notices import wording
from shared.contract.dates import instant_in_words
from shared.contract.events import Bilingual, ProposalDecided, ProposalOpened
from shared.contract.roles import Role
from shared.messaging.proposals.people import Matter
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind, Proposals
from shared.time.instants import instant_of, shown

AUTHORS = frozenset({Role.SECTION, Role.ADMIN})
_POLICY = "dispatch_policy"


class PolicyProposals:
    """Makes proposals of dispatch policies, and publishes those that another person confirms."""

    def __init__(self, changes: PolicyChanges) -> None:
        self._changes = changes
        self.proposals = Proposals(
            SERVICE,
            tables.proposals,
            [
                Kind(
                    name=_POLICY,
                    title=Bilingual(zh="派单策略", en="A dispatch policy"),
                    about="policy",
                    proposers=AUTHORS,
                    confirmers=AUTHORS | {Role.LEADER},
                    apply=self._publish,
                )
            ],
            on_event=_notify,
        )

    async def draft(self, work: CaseUnitOfWork, body: str, effective_from: datetime | None, by: By) -> Draft:
        """Return the proposal to publish the policy in `body`. Raises as publishing it now would."""
        preview = await self._changes.publish(work, body, effective_from, by, dry_run=True)
        changed = preview.preview.waiting.changed + preview.preview.unaccepted.changed
        since = instant_in_words(preview.effective_from)
        return Draft(
            kind=_POLICY,
            subject=preview.version,
            matter=Matter(),
            summary=Bilingual(
                zh=f"派单策略 {preview.version}，自{since.zh}起施行，现有 {changed} 件派单会不同",
                en=f"dispatch policy {preview.version} from {since.en}: {changed} teams would differ",
            ),
            reason=by.reason,
            ground=by.reason,
            parameters={"policy": body, "effective_from": effective_from and shown(effective_from)},
            after=preview.model_dump(mode="json"),
        )

    async def _publish(self, work: CaseUnitOfWork, confirmed: Confirmed) -> Changed:
        effective_from = confirmed.parameters["effective_from"]
        return await self._changes.publish(
            work,
            confirmed.parameters["policy"],
            effective_from and instant_of(effective_from),
            By(confirmed.proposed_by.name, confirmed.reason, confirmed.confirmed_by.name),
            dry_run=False,
        )


async def _notify(work: CaseUnitOfWork, type_: str, proposal: ProposalOpened) -> None:
    """The dispatcher does not read its own topic: it notifies of its own proposals here."""
    del type_
    if isinstance(proposal, ProposalDecided):
        work.notify(wording.proposal_decided(proposal))
    else:
        work.notify(wording.proposal_opened(proposal))
