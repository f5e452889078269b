"""The routes of what the auditor found: the metric says that something is wrong, this says what, and since when."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.deadline_watch.handlers.proofs import RECONCILE
from services.deadline_watch.passes.auditor import AUDITOR, CHECKS
from services.deadline_watch.store import findings, heartbeats
from shared.contract.events import Bilingual
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes


class Finding(BaseModel):
    """`subject` is the case or deadline, with the step or milestone where it is about one."""

    finding: str
    name: Bilingual
    subject: str
    first_seen_at: Instant
    last_seen_at: Instant


class Findings(Page[Finding]):
    """`audited_at` is when the last audit was through; with none yet, or an old one, no finding proves nothing."""

    audited_at: Instant | None


class BrokenLink(BaseModel):
    """What was found at one link of the chain: how often, and what it says, of the first one."""

    link: str
    says: Bilingual
    number: int


class ChainProof(BaseModel):
    """The latest proof that every event has its alert, case, clock and outcome (`tricolor reconcile`, by schedule).

    `clean_at` is when the chain was last found whole, `repaired` how much of what was found was mended, `examined` how
    much was looked at. All are null where nothing was proved yet: no finding proves nothing then.
    """

    proved_at: Instant | None
    clean_at: Instant | None
    repaired: int | None
    seconds: float | None
    examined: dict[str, int]
    found: list[BrokenLink]


def _links(detail: Mapping[str, Any]) -> list[BrokenLink]:
    says = detail.get("says", {})
    return [
        BrokenLink(link=link, says=says.get(link, {"zh": link, "en": link}), number=len(subjects))
        for link, subjects in detail["findings"].items()
    ]


def router(database: Database) -> Routes:
    routes = Routes(tags=["audit"])

    @routes.get("/v1/audit/findings")
    async def list_findings(paging: PagingQuery) -> Findings:
        """What the last audit found and nobody has mended, by finding and subject."""
        after = None if paging.after is None else paging.after_as(str, str)
        async with database.transaction() as connection:
            heartbeat = await heartbeats.latest(connection, AUDITOR)
            rows = await findings.list_findings(connection, after, limit=paging.limit + 1)
        page = paging.page(
            [Finding.model_validate(dict(row._mapping) | {"name": CHECKS[row.finding][0]}) for row in rows],
            [(row.finding, row.subject) for row in rows],
        )
        return Findings(items=page.items, next=page.next, audited_at=heartbeat and heartbeat.at)

    @routes.get("/v1/audit/chain")
    async def read_chain_proof() -> ChainProof:
        """When the chain was last proved and when found whole, and what is amiss."""
        async with database.autocommit() as connection:
            proof = await heartbeats.latest(connection, RECONCILE)
        detail = {} if proof is None else proof.detail
        return ChainProof(
            proved_at=proof and proof.at,
            clean_at=detail.get("clean_at"),
            repaired=detail.get("repaired"),
            seconds=detail.get("seconds"),
            examined=detail.get("examined", {}),
            found=_links(detail) if detail else [],
        )

    return routes
