"""The commands `tricolor proposals …`: what waits for a second person, and what they decide."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from services.commands.acting import DATA, ByRole, Data, Name, Token, acting, run
from services.commands.listing import Block, print_json, show
from shared.contract.events import ProposalState
from shared.contract.roles import Role
from shared.messaging.proposals import store
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.views import Proposal
from shared.time.instants import shown

if TYPE_CHECKING:
    from services.commands.office import Office

app = typer.Typer(no_args_is_help=True, help="Proposals: what one person proposed and another confirms.")

_READER = Person(Role.ADMIN, "command line")
ProposalId = Annotated[UUID, typer.Argument(help="As `list` prints it.")]
By = Annotated[str | None, typer.Option(help="Who decides; kept with the user of this machine. Or give --token.")]
Station = Annotated[str | None, typer.Option(help="Of a station chief, where no --token says so.")]
Reason = Annotated[str | None, typer.Option(help="Why, for whoever proposed it.")]


@app.command("list")
def list_(
    service: Annotated[Name | None, typer.Option(help="Only those that this service keeps.")] = None,
    state: Annotated[ProposalState, typer.Option(help="Open ones, or those already decided on.")] = ProposalState.OPEN,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of each service, the latest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    data: Data = DATA,
) -> None:
    """List proposals of all services, by default those that wait for a second person."""

    async def listed(office: "Office") -> dict[str, list[Proposal]]:
        found: dict[str, list[Proposal]] = {}
        async with office.database.transaction() as connection:
            for name, kept in office.all.items():
                if service in (None, name):
                    asked = {"state": state}
                    rows = await store.listed(connection, kept.proposals.table, _READER, asked, after=None, limit=limit)
                    found[name] = [Proposal.of(row, kept.proposals) for row in rows]
        return found

    found = run(listed, data, reading=True)
    if as_json:
        print_json({name: [one.model_dump(mode="json") for one in proposals] for name, proposals in found.items()})
    else:
        _show(found, state)


@app.command()
def confirm(
    proposal_id: ProposalId,
    by: By = None,
    role: ByRole = Role.SECTION,
    station: Station = None,
    token: Token = None,
    reason: Reason = None,
    data: Data = DATA,
) -> None:
    """Do what somebody else proposed, on the state as it is now."""
    _decide(proposal_id, "confirm", (by, role, station, token), reason, data)


@app.command()
def reject(
    proposal_id: ProposalId,
    by: By = None,
    role: ByRole = Role.SECTION,
    station: Station = None,
    token: Token = None,
    reason: Reason = None,
    data: Data = DATA,
) -> None:
    """Reject what somebody else proposed; everything stays as it is."""
    _decide(proposal_id, "reject", (by, role, station, token), reason, data)


def _decide(
    proposal_id: UUID,
    verdict: str,
    who: tuple[str | None, Role, str | None, str | None],
    reason: str | None,
    data: Path,
) -> None:
    async def decided(office: "Office") -> Any:
        by = await acting(*who, data)
        kept = await office.where(proposal_id, by)
        act = kept.proposals.confirm if verdict == "confirm" else kept.proposals.reject
        async with kept.proposals.keeping_failure(kept.units, proposal_id, by), kept.units.open() as work:
            return await act(work, proposal_id, by, reason)

    row = run(decided, data)
    typer.echo(f"{proposal_id} is {row.state}: {row.summary['zh']} · {row.summary['en']}")


def _show(found: dict[str, list[Proposal]], state: ProposalState) -> None:
    blocks = (
        Block(
            [str(one.proposal_id), name, one.name.zh],
            [
                one.summary.zh,
                f"{one.proposed_by}: {one.reason}",
                f"{shown(one.proposed_at)} · over at {shown(one.expires_at)}",
            ],
        )
        for name, proposals in found.items()
        for one in proposals
    )
    show(f"待确认事项 · {state} proposals, the latest first", blocks, none=f"没有 · no {state} proposals")
