"""Proposals: made by one person, done when another confirms, on the state as it is then, and never lost."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, NotAllowed, NotFound, Refusal
from shared.contract.roles import OFFICE, Role
from shared.messaging.proposals import policy
from shared.messaging.proposals.expiring import ExpiringProposals
from shared.messaging.proposals.people import SYSTEM, Matter, Person
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind, Proposals
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock, SystemClock
from shared.web import proposals as routes
from shared.web.app import create_app
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.idempotency import Mutations
from shared.web.identity import Identity
from tests.integration.shared.conftest import idempotency, outbox, proposals

CODE = "91440306MA5000001W"
WANG = Person(Role.STATION_CHIEF, "wang", "xinan")
LI = Person(Role.STATION_CHIEF, "li", "xinan")
ZHANG = Person(Role.STATION_CHIEF, "zhang", "shajing")
CHEN = Person(Role.SECTION, "chen")


class Applied(BaseModel):
    """What confirming the sample's kind did."""

    to: int


class Valve:
    """Something that a proposal changes: it opens to a number, and never less than it is."""

    def __init__(self) -> None:
        self.open_to = 1

    async def turn(self, work: UnitOfWork, confirmed: Confirmed) -> Applied:
        del work
        to = confirmed.parameters["to"]
        if to <= self.open_to:
            raise Conflict("not-wider", f"it is open to {self.open_to}")
        self.open_to = to
        return Applied(to=to)


@pytest.fixture
def valve() -> Valve:
    return Valve()


@pytest.fixture
def mechanism(valve: Valve) -> Proposals[UnitOfWork]:
    return Proposals(
        "alert_ingest",
        proposals,
        [
            Kind(
                name="turn",
                title=Bilingual(zh="开阀", en="Turn the valve"),
                about="valve",
                proposers=OFFICE | {Role.OFFICER},
                confirmers=OFFICE,
                apply=valve.turn,
            )
        ],
    )


def draft(subject: str = "v1", to: int = 2, matter: Matter = Matter("xinan", CODE)) -> Draft:  # noqa: B008  frozen
    return Draft(
        kind="turn",
        subject=subject,
        matter=matter,
        summary=Bilingual(zh=f"开到 {to}", en=f"to {to}"),
        reason="检修",
        ground="规程",
        parameters={"to": to},
        before={"to": 1},
        after={"to": to},
    )


async def told(store: Database) -> list[dict[str, Any]]:
    async with store.autocommit() as connection:
        values = await connection.scalars(select(outbox.c.value).order_by(outbox.c.position))
        return [from_json(value)["data"] for value in values]


Units = UnitsOfWork[UnitOfWork]


async def made(units: Units, mechanism: Proposals[UnitOfWork], one: Draft | None = None, by: Person = WANG) -> UUID:
    async with units.open() as work:
        found: UUID = (await mechanism.propose(work, one or draft(), by)).proposal_id
    return found


async def test_nothing_is_done_before_another_person_confirms(
    store: Database, units: Units, mechanism: Proposals[UnitOfWork], valve: Valve, clock: ManualClock
) -> None:
    proposal_id = await made(units, mechanism)
    assert valve.open_to == 1
    clock.advance(timedelta(hours=2))
    async with units.open() as work:
        row = await mechanism.confirm(work, proposal_id, LI, "可以")
    assert valve.open_to == 2
    assert (row.state, row.decided_by, row.decided_role, row.decided_station) == (
        "confirmed",
        "li",
        "station_chief",
        "xinan",
    )
    assert (row.explanation, row.result, row.decided_at) == ("可以", {"to": 2}, clock.now())
    opened, decided = await told(store)
    assert [one["role"] for one in opened["recipients"]] == ["station_chief", "section"]
    assert (opened["name"]["zh"], opened["summary"]["zh"], opened["station"]) == ("开阀", "开到 2", "xinan")
    assert (decided["state"], decided["decided_by"]["subject"], decided["proposed_by"]["subject"]) == (
        "confirmed",
        "li",
        "wang",
    )


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (WANG, Conflict),
        (Person(Role.SECTION, "WANG"), Conflict),
        (ZHANG, NotFound),
        (Person(Role.OFFICER, "chen", "xinan"), NotAllowed),
        (Person(Role.ENTERPRISE, CODE, enterprises=(CODE,)), NotFound),
        (Person(Role.AUDITOR, "zhao"), NotAllowed),
    ],
    ids=["oneself", "oneself in another role", "another station", "an officer", "the enterprise", "the auditor"],
)
async def test_who_may_not_decide_is_refused(
    units: Units, mechanism: Proposals[UnitOfWork], valve: Valve, who: Person, refusal: type[Refusal]
) -> None:
    proposal_id = await made(units, mechanism)
    for act in (mechanism.confirm, mechanism.reject):
        with pytest.raises(refusal):
            async with units.open() as work:
                await act(work, proposal_id, who)
    assert valve.open_to == 1


async def test_two_names_typed_by_one_user_of_the_machine_are_one_person(
    units: Units, mechanism: Proposals[UnitOfWork]
) -> None:
    by = Person(Role.SECTION, "zhao", login="root@station")
    proposal_id = await made(units, mechanism, by=by)
    with pytest.raises(Conflict, match="whoever proposed it"):
        async with units.open() as work:
            await mechanism.confirm(work, proposal_id, Person(Role.LEADER, "qian", login="root@station"))


@pytest.mark.parametrize(
    ("who", "matter", "refusal"),
    [
        (ZHANG, Matter("xinan", CODE), NotFound),
        (WANG, Matter(), NotFound),
        (Person(Role.OFFICER, "o", "shajing"), Matter("xinan", CODE), NotFound),
        (Person(Role.AUDITOR, "zhao"), Matter("xinan", CODE), NotAllowed),
    ],
)
async def test_what_is_not_theirs_looks_like_not_there(
    units: Units, mechanism: Proposals[UnitOfWork], who: Person, matter: Matter, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await made(units, mechanism, draft(matter=matter), who)


async def test_of_a_kind_and_subject_one_waits_at_a_time(units: Units, mechanism: Proposals[UnitOfWork]) -> None:
    proposal_id = await made(units, mechanism)
    with pytest.raises(Conflict, match="another proposal"):
        await made(units, mechanism, by=LI)
    async with units.open() as work:
        assert await mechanism.keep(work, [draft(), draft("v2")]) != ()
    async with units.open() as work:
        await mechanism.reject(work, proposal_id, LI, "不同意")
    await made(units, mechanism)


async def test_of_two_who_confirm_at_once_one_does(
    store: Database, units: Units, mechanism: Proposals[UnitOfWork], valve: Valve
) -> None:
    proposal_id = await made(units, mechanism)

    async def confirm(who: Person) -> str:
        try:
            async with units.open() as work:
                await mechanism.confirm(work, proposal_id, who)
        except Conflict as refusal:
            return refusal.code
        return "confirmed"

    assert sorted(await asyncio.gather(confirm(LI), confirm(CHEN))) == ["already-reviewed", "confirmed"]
    assert len(await told(store)) == 2


async def test_what_no_longer_fits_has_failed_and_says_why(
    store: Database, units: Units, mechanism: Proposals[UnitOfWork], valve: Valve
) -> None:
    proposal_id = await made(units, mechanism)
    valve.open_to = 3
    with pytest.raises(Conflict, match="open to 3"):
        async with mechanism.keeping_failure(units, proposal_id, LI), units.open() as work:
            await mechanism.confirm(work, proposal_id, LI)
    _, decided = await told(store)
    assert (decided["state"], decided["explanation"]) == ("failed", "it is open to 3")
    await made(units, mechanism, draft(to=4))


async def test_only_whoever_proposed_it_withdraws_it(
    store: Database, units: Units, mechanism: Proposals[UnitOfWork]
) -> None:
    proposal_id = await made(units, mechanism)
    with pytest.raises(NotAllowed):
        async with units.open() as work:
            await mechanism.withdraw(work, proposal_id, LI)
    async with units.open() as work:
        await mechanism.withdraw(work, proposal_id, WANG, "已恢复")
    with pytest.raises(Conflict, match="withdrawn by wang"):
        async with units.open() as work:
            await mechanism.confirm(work, proposal_id, LI)
    assert [one.get("state") for one in await told(store)] == [None, "withdrawn"]


async def test_what_nobody_confirms_in_time_expires(
    store: Database, units: Units, mechanism: Proposals[UnitOfWork], clock: ManualClock, valve: Valve
) -> None:
    expiring = ExpiringProposals(mechanism, units)
    by_person = await made(units, mechanism)
    async with units.open() as work:
        await mechanism.keep(work, [draft("v2")], SYSTEM)
    clock.advance(policy.load().open - timedelta(seconds=1))
    assert await expiring.run_once() == 0
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Conflict, match="in time"):
        async with units.open() as work:
            await mechanism.confirm(work, by_person, LI)
    assert (await expiring.run_once(), await expiring.run_once()) == (2, 0)
    assert [one.get("state") for one in await told(store)] == [None, None, "expired", "expired"]
    assert valve.open_to == 1


async def test_the_table_keeps_one_person_from_being_both(
    store: Database, units: Units, mechanism: Proposals[UnitOfWork], clock: ManualClock
) -> None:
    proposal_id = await made(units, mechanism)
    with pytest.raises(IntegrityError, match="two_people"):
        async with store.transaction() as connection:
            await connection.execute(
                update(proposals)
                .where(proposals.c.proposal_id == proposal_id)
                .values(state="confirmed", decided_by="wang", decided_at=clock.now())
            )
    async with store.autocommit() as connection:
        row = (await connection.execute(select(proposals))).one()
    again = row._asdict() | {"proposal_id": UUID(int=1)}
    with pytest.raises(IntegrityError, match="proposals_open_idx"):
        async with store.transaction() as connection:
            await connection.execute(insert(proposals).values(**again))


# --- over HTTP ---


@pytest.fixture
def app(
    units: Units, mechanism: Proposals[UnitOfWork], settings: Settings, data_directory: Path
) -> httpx.ASGITransport:
    web = create_app(
        title="sample",
        description="",
        identity=Identity.from_settings(settings, data_directory),
        telemetry=Telemetry("sample"),
        checks={},
    )
    web.take(routes.router(mechanism, units, Mutations(units, idempotency)))
    return httpx.ASGITransport(web)


async def call(
    app: httpx.ASGITransport,
    data: Path,
    who: Person,
    path: str,
    *,
    method: str = "GET",
    key: str | None = None,
    body: Any = None,
) -> httpx.Response:
    principal = Principal(role=Role(who.role), subject=who.subject, station=who.station, enterprises=who.enterprises)
    token = DevelopmentIssuer(data).token(principal, Settings().oidc_audience, SystemClock().now())
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"} | ({"Idempotency-Key": key} if key else {})
    async with httpx.AsyncClient(transport=app, base_url="http://sample", headers=headers) as client:
        return await client.request(method, path, json=body)


async def test_the_work_list_shows_each_their_own(
    app: httpx.ASGITransport, data_directory: Path, units: Units, mechanism: Proposals[UnitOfWork], clock: ManualClock
) -> None:
    first = await made(units, mechanism)
    clock.advance(timedelta(minutes=1))
    second = await made(units, mechanism, draft("v2", matter=Matter()), CHEN)

    async def seen(who: Person, query: str = "") -> list[str]:
        answer = await call(app, data_directory, who, f"/v1/proposals{query}")
        assert answer.is_success, answer.text
        return [one["proposal_id"] for one in answer.json()["items"]]

    assert await seen(WANG) == await seen(LI) == await seen(Person(Role.OFFICER, "o", "xinan")) == [str(first)]
    assert await seen(ZHANG) == await seen(Person(Role.ENTERPRISE, CODE, enterprises=(CODE,))) == []
    assert await seen(CHEN, "?state=open") == [str(second), str(first)]
    assert await seen(CHEN, "?state=confirmed") == []
    assert await seen(CHEN, "?subject=v2") == [str(second)]
    page = (await call(app, data_directory, CHEN, "/v1/proposals?limit=1")).json()
    assert await seen(CHEN, f"?limit=1&cursor={page['next']}") == [str(first)]
    whole = (await call(app, data_directory, LI, f"/v1/proposals/{first}")).json()
    assert (whole["parameters"], whole["before"], whole["after"]) == ({"to": 2}, {"to": 1}, {"to": 2})
    assert (await call(app, data_directory, ZHANG, f"/v1/proposals/{first}")).status_code == 404
    assert (await call(app, data_directory, Person(Role.PLATFORM, "p"), "/v1/proposals")).status_code == 403


async def test_a_confirmation_sent_again_with_its_key_is_answered_as_the_first_time(
    app: httpx.ASGITransport, data_directory: Path, units: Units, mechanism: Proposals[UnitOfWork], store: Database
) -> None:
    path = f"/v1/proposals/{await made(units, mechanism)}"
    answers = [
        await call(app, data_directory, LI, f"{path}/confirm", method="POST", key="once", body={"reason": "可以"})
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await told(store)) == 2
    again = await call(app, data_directory, CHEN, f"{path}/reject", method="POST")
    assert (again.status_code, again.json()["type"]) == (409, "urn:tricolor:problem:already-reviewed")


async def test_over_http_too_what_no_longer_fits_is_kept_as_failed(
    app: httpx.ASGITransport, data_directory: Path, units: Units, mechanism: Proposals[UnitOfWork], valve: Valve
) -> None:
    path = f"/v1/proposals/{await made(units, mechanism)}"
    valve.open_to = 5
    answer = await call(app, data_directory, LI, f"{path}/confirm", method="POST")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tricolor:problem:not-wider")
    kept = (await call(app, data_directory, WANG, path)).json()
    assert (kept["state"], kept["explanation"], kept["decided_by"]) == ("failed", "it is open to 5", "li")
