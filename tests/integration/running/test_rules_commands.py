"""`tricolor rules …` as a person types it: what it says, and how it ends."""

import csv
from pathlib import Path

import pytest
import yaml
from pydantic_core import from_json, to_json

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.handlers.intake import Intake, Submission
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import units_of_work
from services.alert_ingest.tables import dead_letters, outbox
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import SystemClock
from tests.integration.alert_ingest.hourly import hour
from tests.integration.running.commands import confirmed, tricolor

SHIPPED = RULE_BOOK.read_text(encoding="utf-8")


def long_ago(number: int, value: float = 61.0) -> bytes:
    """An hour of 2024, which lies in the past whatever the machine's clock says."""
    window = {"start": f"2024-11-22T{number:02}:00:00+08:00", "end": f"2024-11-22T{number + 1:02}:00:00+08:00"}
    return to_json(hour(number, value, window=window))


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(SHIPPED.replace('category == "bypass_discharge"', "wind > 3.0"), encoding="utf-8")
    return path


@pytest.fixture
def event(tmp_path: Path) -> Path:
    path = tmp_path / "event.json"
    path.write_bytes(long_ago(1))
    return path


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """A book by which 1.22 times the limit is red."""
    content = yaml.safe_load(SHIPPED) | {"version": "candidate"}
    content["policy"]["severe_ratio"] = 1.2
    path = tmp_path / "candidate.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


async def rules(*arguments: str | Path, url: str = "") -> tuple[int, str, str]:
    return await tricolor("rules", *arguments, url=url)


async def test_check_names_file_line_and_rule(candidate: Path, broken: Path) -> None:
    code, out, _ = await rules("check", candidate)
    assert (code, out.split(":")[1].split(",")[0]) == (0, " version candidate")
    assert "red: 18 rules, 2 stated by the plan, 16 inferred" in out
    code, _, err = await rules("check", broken)
    assert code == 1
    assert "rule bypass_discharge: `when` uses wind, which is no fact" in err
    assert "broken.yaml:" in err


async def test_try_says_how_every_rule_fares(candidate: Path, event: Path) -> None:
    code, out, _ = await rules("try", candidate, event)
    tried = from_json(out)
    assert (code, tried["level"]) == (0, "red")
    assert tried["facts"]["ratio"] == 1.22
    assert {one["rule"] for one in tried["outcomes"] if one["holds"]} >= {"gas_hourly_mean_severe_exceedance"}
    code, _, err = await rules("try", candidate, candidate)
    assert (code, "not-json" in err) == (1, True)


async def test_try_takes_the_enterprise_and_its_past_as_told(event: Path) -> None:
    code, out, _ = await rules("try", RULE_BOOK, event, "--classification", "key_unit")
    alone = from_json(out)
    assert (code, alone["level"], alone["facts"]["key_unit"], alone["facts"]["yellow_7d"]) == (0, "yellow", True, 1)
    code, _, err = await rules("try", RULE_BOOK, event, "--classification", "nonsense")
    assert (code, "special_supervision" in err) == (2, True)
    code, out, _ = await rules("try", RULE_BOOK, event, "--history", "yellow_7d=3")
    third = from_json(out)
    assert (code, third["level"], third["grading"]["rule"]) == (0, "red", "yellow_repeated")
    for wrong in ("yellow_7d", "yellow_7d=many", "yellow_7d=-1", "windy_days=3"):
        code, _, err = await rules("try", RULE_BOOK, event, "--history", wrong)
        assert (code, f"--history {wrong}: give NAME=NUMBER" in err) == (1, True)


async def test_backtest_and_publish_on_what_is_stored(
    candidate: Path, tmp_path: Path, database: Database, database_url: str
) -> None:
    clock = SystemClock()
    books = RuleBooks(SHIPPED)
    intake = Intake(
        settings=Settings(),
        units=units_of_work(database, Outbox(outbox, clock), clock, Settings().topic_prefix),
        letters=DeadLetters(dead_letters, "test"),
        books=books,
        decisions=Decisions(books),
        telemetry=Telemetry("test"),
    )

    def submission(body: bytes) -> Submission:
        return Submission(raw=body, structured=lambda: body, entrance="http", origin="test")

    await intake.take([submission(long_ago(number, value)) for number, value in ((1, 61.0), (5, 45.0))])

    listed = tmp_path / "changed.csv"
    since = ("--since", "2024-11-01", "--until", "2024-11-30T00:00+08:00")
    code, out, err = await rules("backtest", candidate, *since, "--changed", listed, url=database_url)
    assert code == 0, err
    assert "officer visits: +1; alerts that change: 1" in out
    (row,) = csv.DictReader(listed.read_text(encoding="utf-8").splitlines())
    assert (row["before"], row["after"], row["category"]) == ("yellow", "red", "gas_hourly_mean_exceedance")

    why = ("--author", "zhao", "--reason", "试行")
    code, out, err = await rules("publish", candidate, *why, url=database_url)
    assert (code, "version candidate would decide from" in out, "proposed as" in out) == (0, True, True), err
    assert "policy.severe_ratio: 2.0 → " in out
    code, _, err = await rules("publish", candidate, *why, url=database_url)
    assert (code, "waits for a second person" in err) == (1, True)
    assert "is confirmed" in await confirmed(tmp_path, database_url)
    code, _, err = await rules("publish", candidate, *why, url=database_url)
    assert (code, "was published" in err) == (1, True)
    code, _, err = await rules("backtest", candidate, "--since", "yesterday", url=database_url)
    assert code == 1
