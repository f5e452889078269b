"""Whatever years have left behind, no statement of the work in hand, and no pass, reads a large table whole."""

from collections.abc import Mapping

from sqlalchemy import text

from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.storage.database import Database
from tests.plans import Statements
from tests.scenarios.conftest import STATION
from tests.world import World

ROWS = 40_000
_AGO = "timestamptz '2026-02-20 09:00+08' - n * interval '1 minute'"
_ID = "md5(n::text)::uuid"
_OFFICER = "'o' || n % 200"
_CODE = "'E' || n"
_GONE = {"closed_at": _AGO, "state": "'closed'", "outcome": "'rectified'"}
_PLACE = {"station": "'s' || n % 40", "issued_at": _AGO}
STORED: Mapping[str, Mapping[str, str]] = {
    "dispatch.enterprises": {"code": _CODE, "source": "'master'"},
    "dispatch.cases": {**_GONE, **_PLACE},
    "dispatch.case_alerts": {},
    "dispatch.timeline": {},
    "dispatch.assignments": {"officer": _OFFICER, "ended_at": _AGO, "part": "'lead'"},
    "dispatch.notices": {"sent_at": _AGO, "delivered_at": _AGO, "case_id": _ID, "recipient_kind": "'officer'"},
    "dispatch.notice_matters": {},
    "dispatch.inbox": {},
    "dispatch.outbox": {"published_at": _AGO},
    "dispatch.evidence": {},
    "watch.cases": {"closed_at": _AGO},
    "watch.deadlines": {"closed_at": _AGO, "state": "'met'"},
    "watch.steps": {"done_at": _AGO, "outcome": "'fired'", "action": "'warn'"},
    "watch.milestones": {"done_at": _AGO, "outcome": "'met'"},
    "watch.inbox": {},
    "watch.outbox": {"published_at": _AGO},
    "watch.evidence": {},
    "console.enterprises": {"code": _CODE},
    "console.matters": {"words": _CODE},
    "console.alerts": {**_PLACE, "held": "false"},
    "console.cases": {**_GONE, **_PLACE, "opened_at": _AGO, "handled": "true", "finished": "true", "overdue": "false"},
    "console.deadlines": {"state": "'met'"},
    "console.changes": {"subject": "'case'"},
    "console.inbox": {},
}
"""By table the columns that are not what their type has them be; so many rows are all of the past."""
_OF_TYPE = {
    "text": "'t' || n",
    "character": "'0'",
    "uuid": _ID,
    "timestamp with time zone": _AGO,
    "date": f"cast({_AGO} as date)",
    "integer": "1",
    "bigint": "n",
    "double precision": "0",
    "boolean": "false",
    "jsonb": "'{}'",
    "ARRAY": "'{}'",
    "bytea": "decode(md5(n::text), 'hex')",
}
_COLUMNS = text("""
    select column_name, data_type, is_nullable = 'NO' and column_default is null and is_identity = 'NO' as is_asked_for
      from information_schema.columns where table_schema || '.' || table_name = :name
""")


async def fill(database: Database, name: str, given: Mapping[str, str]) -> None:
    """Give a table what years have left in it."""
    async with database.transaction() as connection:
        columns = (await connection.execute(_COLUMNS, {"name": name})).all()
        values = {one.column_name: _OF_TYPE[one.data_type] for one in columns if one.is_asked_for}
        if any(one.column_name == "enterprise_code" for one in columns):
            values["enterprise_code"] = _CODE
        values |= given
        await connection.execute(
            text(f"""
                insert into {name} ({", ".join(f'"{one}"' for one in values)})
                select {", ".join(values.values())} from generate_series(1, {ROWS}) n
            """)
        )
        if name.endswith(".outbox"):  # which was relayed all along
            relayed = f"update {name}_relayed set until = (select max(position) from {name})"
            await connection.execute(text(relayed))
    async with database.autocommit() as connection:
        await connection.execute(text(f"analyze {name}"))


async def test_a_day_of_work_reads_no_large_table_whole(the_world: World, enterprise: Enterprise) -> None:
    the_world.proved_at_the_end = False  # what is stored has no past
    await the_world.settle()
    databases = {name: service.database for name, service in the_world.services.items()}
    for name, given in STORED.items():
        await fill(databases["console"], name, given)
    statements = Statements()
    with statements.of(*databases.values()):
        for pattern in (RED, YELLOW, WHITE):
            await the_world.push(pattern, enterprise)
        await the_world.settle()
        await work(the_world)
    found = await statements.reading_whole(databases["console"], STORED)
    assert found == {}
    assert len(statements.seen) > 100


async def work(the_world: World) -> None:
    """Two officers go to the red case and report; days pass, in which deadlines are missed and steps come due."""
    (assigned,) = the_world.heard("case.assigned")
    for member in assigned["team"]:
        app = await the_world.app(Role.OFFICER, member["officer"], station=STATION)
        for step in ("accept", "depart", "arrive"):
            (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
            assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.at("2026-03-02T16:00")
    await the_world.at("2026-03-10T09:00")
