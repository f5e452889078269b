"""`tricolor evidence …` and `tricolor migrate --services` as a person types them."""

import os
from pathlib import Path
from uuid import uuid4

from pydantic_core import from_json
from sqlalchemy import text

from shared.storage.database import Database
from tests.integration.evidence.store import CHAIN, Store
from tests.integration.running.commands import tricolor


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
