"""What the system screen asks deadline_watch: its processes, its outbox, and the latest proof of the chain."""

from sqlalchemy import text

from services.deadline_watch import tables
from services.deadline_watch.handlers.proofs import RECONCILE, Amiss, Proof, Proofs
from shared.contract.events import Bilingual
from shared.contract.roles import Role
from shared.runtime.heartbeat import Heartbeat
from shared.storage.replicas import SeenReplicas
from tests.integration.deadline_watch.office import STATION, Office

LOST = Bilingual(zh="案件没有时限", en="a case has no clock")


async def test_every_process_is_seen_and_one_that_went_silent_is_shown_as_such(office: Office) -> None:
    here, gone = (Heartbeat(office.database, SeenReplicas(tables.replicas)) for _ in range(2))
    for one in (here, gone, here):
        assert await one.run_once() == 0
    await ago(office, gone.replica, "10 minutes")
    app = await office.app(Role.AUDITOR)
    said = (await app.get("/v1/replicas")).json()
    assert [(one["replica"], one["is_current"]) for one in said["replicas"]] == [
        (here.replica, True),
        (gone.replica, False),
    ]
    assert said["replicas"][1]["silent_seconds"] >= 600
    await ago(office, gone.replica, "2 days")
    await here.run_once()
    assert [one["replica"] for one in (await app.get("/v1/replicas")).json()["replicas"]] == [here.replica]


async def ago(office: Office, replica: str, how_long: str) -> None:
    async with office.database.transaction() as connection:
        await connection.execute(
            text("update watch.replicas set seen_at = now() - cast(:ago as text)::interval where replica = :replica"),
            {"ago": how_long, "replica": replica},
        )


async def test_what_waits_in_the_outbox_is_counted_with_the_first_of_it(office: Office) -> None:
    app = await office.app(Role.AUDITOR)
    before = (await app.get("/v1/replicas")).json()["outbox"]
    assert before == {"pending": 0, "counted_to": 10_000, "oldest_at": None}
    await office.opened()
    outbox = (await app.get("/v1/replicas")).json()["outbox"]
    assert outbox["pending"] >= 1
    assert outbox["oldest_at"] is not None


async def test_the_latest_proof_of_the_chain_says_when_it_was_whole_and_what_is_amiss(office: Office) -> None:
    app = await office.app(Role.AUDITOR)
    nothing = (await app.get("/v1/audit/chain")).json()
    assert (nothing["proved_at"], nothing["clean_at"], nothing["found"]) == (None, None, [])

    proofs = Proofs.of(office.settings, office.clock, office.database)
    figures = {"repaired": 0, "examined": {"cases": 7}, "seconds": 0.2, "says": {}}
    clean_at = office.clock.now()
    await proofs.keep(Proof(RECONCILE, clean_at, True, [], figures))
    whole = (await app.get("/v1/audit/chain")).json()
    assert (whole["clean_at"], whole["examined"], whole["found"]) == (whole["proved_at"], {"cases": 7}, [])

    amiss = [Amiss("case-without-clock", subject, LOST) for subject in ("a", "b")]
    found = figures | {"repaired": 1, "says": {"case-without-clock": LOST.model_dump()}}
    await proofs.keep(Proof(RECONCILE, clean_at, False, amiss, found))
    broken = (await app.get("/v1/audit/chain")).json()
    assert (broken["clean_at"], broken["repaired"]) == (whole["clean_at"], 1)
    assert broken["found"] == [{"link": "case-without-clock", "says": LOST.model_dump(), "number": 2}]
    officer = await office.app(Role.OFFICER, station=STATION)
    assert (await officer.get("/v1/audit/chain")).status_code == 403
