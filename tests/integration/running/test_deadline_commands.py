"""`tricolor deadline explain` and `tricolor calendar import` as a person types them."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from shared.storage.database import Database
from tests.integration.running.commands import confirmed, tricolor

RED = ("deadline", "explain", "--level", "red", "--start", "2026-12-29T16:20+08:00")
# As it might be published: New Year's Day is bridged, and the Saturday before it is worked.
NOTICE = {
    "version": "as sent",
    "years": {
        2027: {
            "published": True,
            "notice": {"title": "国务院办公厅关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕0号"},
            "days_off": {"元旦": ["2027-01-01", "2027-01-04"]},
            "make_up_days": {"元旦": ["2027-01-03"]},
        }
    },
}


async def test_without_a_database_it_is_laid_out_by_what_is_shipped(tmp_path: Path) -> None:
    code, out, err = await tricolor(*RED, "--data", tmp_path / "nothing")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:4] == [
        "现场办理与反馈：2026-12-29 16:20:00 (+08:00) 发出预警",
        "  2026-12-29 周二  不计  发出当日不计",
        "  2026-12-30 周三  第 1 日  工作日",
        "  2026-12-31 周四  第 2 日  工作日",
    ]
    assert "到期：2027-01-06 24:00 (+08:00)，此刻及以后收到为逾期" in lines
    assert "暂定：2027年放假安排尚未公布，按法定节假日和普通周末暂定" in lines
    assert "  2027-01-07 00:00:00  rung-1-station-chief → station_chief" in lines
    assert lines[-1].endswith("(as shipped)")
    # Each language tells the source in its own words.
    (source,) = [line for line in lines if line.startswith("source: ")]
    assert source.isascii() or "《" not in source
    assert not (tmp_path / "nothing").exists()


async def test_once_the_year_is_imported_it_is_final(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(yaml.safe_dump(NOTICE, allow_unicode=True), encoding="utf-8")
    bring_in = ("calendar", "import", file, "--year", "2027", "--by", "zhao", "--reason", "通知已公布")
    code, out, err = await tricolor(*bring_in, "--dry-run", url=database_url)
    assert (code, "would be in force: 0 open deadlines examined" in out) == (0, True), err
    code, out, err = await tricolor(*RED, url=database_url)
    assert (code, "暂定" in out, out.splitlines()[-1].endswith("(in force)")) == (0, True, True), err

    code, out, err = await tricolor(*bring_in, url=database_url)
    assert (code, "would be in force" in out, "proposed as" in out) == (0, True, True), err
    code, out, _ = await tricolor(*RED, url=database_url)
    assert (code, "暂定" in out) == (0, True)
    await confirmed(tmp_path, database_url)
    code, out, err = await tricolor(*RED, url=database_url)
    assert (code, "暂定" in out, "provisional" in out) == (0, False, False), err
    assert "  2027-01-03 周日  第 3 日  元旦调休上班" in out.splitlines()
    assert "due: 2027-01-06 24:00 (+08:00); what arrives at that instant or later is late" in out.splitlines()


async def test_where_there_is_nobody_else_it_is_done_at_once_and_says_so(tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(yaml.safe_dump(NOTICE, allow_unicode=True), encoding="utf-8")
    alone = ("calendar", "import", file, "--year", "2027", "--by", "zhao", "--reason", "通知", "--nobody-else")
    code, out, err = await tricolor(*alone, url=database_url)
    assert (code, "is in force" in out) == (0, True), err
    database = Database(database_url)
    async with database.autocommit() as connection:
        row = (await connection.execute(text("select * from watch.calendars order by position desc limit 1"))).one()
    await database.close()
    assert (row.confirmed_by, "未经他人批准" in row.reason, row.imported_by.startswith("zhao (")) == (None, True, True)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("2026-12-29T16:20", "has no offset"),
        ("tomorrow", "--start"),
        ("9999-12-29T16:20+08:00", "is not between 1949 and 2199"),
    ],
)
async def test_a_start_that_has_no_answer_is_refused(tmp_path: Path, start: str, why: str) -> None:
    code, out, err = await tricolor("deadline", "explain", "--level", "red", "--start", start, "--data", tmp_path)
    assert (code, out) == (1, "")
    assert why in err
