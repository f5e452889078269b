"""`tricolor dead-letters …` as a person types it, over the lists of all three services."""

from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import select

from services.alert_ingest import tables as ingest
from services.deadline_watch import tables as watch
from shared.contract.cloudevents import Refused
from shared.messaging.dead_letters.store import DeadLetters, Letter
from shared.messaging.kafka import Record
from shared.storage.database import Database
from shared.time.clock import SystemClock
from tests.integration.running.commands import tricolor


def letter(number: int, topic: str, code: str) -> Letter:
    record = Record(topic, 0, number, b"E1", b"\x00\xff", (("ce_id", b"1"),), 0)
    return Letter(record, Refused(code, "a [bold]detail[/] \x1b[31m"), "test", SystemClock().now())


async def kept(database: Database) -> list[UUID]:
    """Two letters of alert_ingest and one of deadline_watch."""
    lists = (
        (ingest, [letter(1, "anomaly-events", "unknown-category"), letter(2, "anomaly-events", "not-json")]),
        (watch, [letter(3, "cases", "unknown-category")]),
    )
    async with database.transaction() as connection:
        told = [await DeadLetters(tables.dead_letters, "test").keep(connection, some) for tables, some in lists]
    return [one.event_id for some in told for one in some]


async def test_from_the_list_to_a_decision(database: Database, database_url: str) -> None:
    unknown, garbled, of_watch = await kept(database)

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await tricolor("dead-letters", *arguments, url=database_url)

    code, out, err = await run("list")
    assert code == 0, err
    assert all(str(one) in out for one in (unknown, garbled, of_watch))
    assert "[bold]detail" in out  # what a sender wrote is text, neither markup nor a command to the terminal
    assert "\x1b[31m" not in out
    _, narrow, _ = await tricolor("dead-letters", "list", url=database_url, COLUMNS="80")
    assert max(map(len, narrow.splitlines())) <= 80
    assert f"{unknown}  ingest  unknown-category" in narrow.splitlines()
    _, out, _ = await run("list", "--json", "--service", "ingest", "--code", "not-json")
    listed = from_json(out)["ingest"]
    assert [one["letter_id"] for one in listed["items"]] == [str(garbled)]
    assert {one["code"]: one["waiting"] for one in listed["counts"]["items"]} == {"unknown-category": 1, "not-json": 1}
    _, out, _ = await run("show", str(of_watch))
    assert from_json(out)["body"] == {"encoding": "base64", "content": "AP8="}

    code, _, err = await run("discard", str(garbled), "--by", "zhao", "--reason", "平台联调")
    assert code == 0, err
    code, _, err = await run("retry", str(garbled), "--by", "qian")
    assert (code, "was discarded by zhao" in err) == (1, True)
    code, out, err = await run("retry", "--code", "unknown-category", "--by", "zhao")
    assert (code, out.split()[0]) == (0, "2"), err
    for tables in (ingest, watch):
        async with database.autocommit() as connection:
            (sent,) = (await connection.execute(select(tables.outbox))).all()
        assert (sent.value, sent.key) == (b"\x00\xff", b"E1")
    code, _, err = await run("retry", "--by", "zhao")
    assert (code, "one of the two" in err) == (2, True)
    code, _, err = await run("show", "00000000-0000-0000-0000-000000000000")
    assert (code, "no dead letter" in err) == (1, True)
