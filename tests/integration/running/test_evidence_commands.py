"""`tricolor evidence …` and `tricolor migrate --services` as a person types them."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from tests.integration.evidence.store import CHAIN, Store
from tests.integration.running.commands import tricolor
from tests.servers import Server, new_database


async def test_it_says_what_holds_and_names_the_first_record_that_does_not(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    store = Store(database, tmp_path / "anchors" / "dispatch")
    await store.happens(1, 2)
    await store.happens(1)
    await store.sign()
    anchors = ("--anchors", str(tmp_path / "anchors"))

    code, out, err = await tricolor("evidence", "verify", *anchors, url=database_url)
    assert (code, "✗" in out) == (0, False), err
    assert "✓ dispatch: 3 records in 2 chains" in " ".join(out.split())
    assert "1 compared with those kept elsewhere" in " ".join(out.split())
    case_id = CHAIN.format(2).removeprefix("case:")
    code, out, err = await tricolor("evidence", "verify", "--case", case_id, "--json", url=database_url)
    assert code == 0, err
    assert {one["schema"]: one["records"] for one in from_json(out)}["dispatch"] == 1

    async with store.tampering() as connection:
        await connection.execute(
            text("update dispatch.evidence set document = 'x' where chain = :chain and number = 2"),
            {"chain": CHAIN.format(1)},
        )
    code, out, _ = await tricolor("evidence", "verify", *anchors, url=database_url)
    assert code == 1
    assert f"✗ {CHAIN.format(1)} #2: the document is not what was hashed" in " ".join(out.split())


async def test_a_restored_store_holds_and_the_anchors_show_the_tail_that_an_older_state_lacks(
    database: Database, database_url: str, postgres: Server, tmp_path: Path
) -> None:
    store = Store(database, tmp_path / "anchors" / "dispatch")
    await store.happens(1, 2)
    await store.sign()
    anchors, kept = ("--anchors", str(tmp_path / "anchors")), tmp_path / "backup"
    # The server's own pg_dump: the machine's may be older.
    tools = {"PATH": f"{postgres.tools}:{os.environ['PATH']}"} if isinstance(postgres, EmbeddedPostgres) else {}
    code, _, err = await tricolor("backup", kept, "--data", tmp_path / "here", url=database_url, **tools)
    assert code == 0, err
    async with new_database(postgres) as elsewhere:
        code, _, err = await tricolor("restore", kept, "--data", tmp_path / "there", url=elsewhere, **tools)
        assert code == 0, err
        code, out, err = await tricolor("evidence", "verify", *anchors, url=elsewhere)
        assert code == 0, out + err
        # What happened since the backup is not in it: the roots that were signed since say so, and nothing else does.
        for _ in range(2):
            await store.happens(1)
            await store.sign()
        code, out, err = await tricolor("evidence", "verify", *anchors, "--json", url=elsewhere)
        assert code == 1, out + err
        faults = {one["schema"]: [fault["code"] for fault in one["faults"]] for one in from_json(out)}
        assert faults == {"ingest": [], "dispatch": ["anchor"], "watch": [], "console": []}
        (fault,) = next(one["faults"] for one in from_json(out) if one["schema"] == "dispatch")
        assert (fault["number"], "the store lacks the root" in fault["detail"]) == (3, True)
        # Evidence is kept there as it is here.
        there = Database(elsewhere)
        with pytest.raises(DBAPIError, match="is evidence"):
            async with there.transaction() as connection:
                await connection.execute(text("delete from dispatch.evidence"))
        await there.close()
    code, out, err = await tricolor("evidence", "verify", *anchors, url=database_url)
    assert code == 0, out + err


async def test_there_is_no_file_of_a_case_that_is_none(database_url: str, tmp_path: Path) -> None:
    code, out, err = await tricolor("evidence", "export", str(uuid4()), "--into", str(tmp_path), url=database_url)
    assert (code, out, "tricolor: " in err) == (1, "", True)


async def test_the_services_role_may_add_evidence_and_not_change_it(database: Database, database_url: str) -> None:
    role = f"services_{os.getpid()}"
    async with database.transaction() as connection:
        await connection.execute(text(f"create role {role}"))
    code, _, err = await tricolor("migrate", "--services", role, url=database_url)
    assert code == 0, err
    async with database.transaction() as connection:
        rights = await connection.execute(
            text("""
                select privilege, has_table_privilege(:role, 'watch.evidence', privilege) as has
                  from unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as privilege
            """),
            {"role": role},
        )
        assert {row.privilege for row in rights if row.has} == {"select", "insert"}
        await connection.execute(text(f"reassign owned by {role} to current_user"))
        await connection.execute(text(f"drop owned by {role}"))
        await connection.execute(text(f"drop role {role}"))
