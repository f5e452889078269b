"""`tricolor proposals` as people type it: the name that is typed is kept with the user of the machine who typed it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import from_json

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from tests.integration.running.commands import tricolor

Json = dict[str, Any]


@pytest.fixture
async def proposal(tmp_path: Path, database_url: str) -> Json:
    """A rule book that `zhao` proposed on the command line."""
    book = yaml.safe_load(RULE_BOOK.read_text(encoding="utf-8")) | {"version": "candidate"}
    file = tmp_path / "book.yaml"
    file.write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    code, _, err = await tricolor("rules", "publish", file, "--author", "zhao", "--reason", "试行", url=database_url)
    assert code == 0, err
    (one,) = (await listed(database_url))["ingest"]
    return one


async def listed(url: str, *more: str) -> dict[str, list[Json]]:
    code, out, err = await tricolor("proposals", "list", "--json", *more, url=url)
    assert code == 0, err
    found: dict[str, list[Json]] = from_json(out)
    return found


async def test_what_waits_is_listed_with_who_proposed_it_on_which_machine(proposal: Json, database_url: str) -> None:
    assert (proposal["kind"], proposal["subject"], proposal["state"]) == ("rule_book", "candidate", "open")
    assert (proposal["proposed_by"], "@" in proposal["proposed_login"]) == ("zhao", True)
    code, out, err = await tricolor("proposals", "list", url=database_url)
    assert (code, proposal["proposal_id"] in out, "规则库发布" in out) == (0, True, True), err
    assert set(await listed(database_url)) == {"ingest", "dispatcher", "watch"}
    assert set(await listed(database_url, "--service", "watch")) == {"watch"}


async def test_another_name_typed_on_the_same_login_is_no_second_person(proposal: Json, database_url: str) -> None:
    confirm = ("proposals", "confirm", proposal["proposal_id"])
    for more, why in (
        (("--by", "qian", "--role", "leader"), "whoever proposed it cannot decide on it"),
        (("--by", "qian", "--role", "station_chief", "--station", "xinan"), "not yours to see"),
        (("--token", "no token"), "not valid"),
    ):
        code, out, err = await tricolor(*confirm, *more, url=database_url)
        assert (code, out, why in err) == (1, "", True), err
    code, _, err = await tricolor(*confirm, url=database_url)
    assert (code, "--by" in err) == (2, True)


async def test_somebody_who_signed_in_rejects_it(proposal: Json, tmp_path: Path, database_url: str) -> None:
    _, token, _ = await tricolor("token", "--role", "leader", "--subject", "qian", "--data", tmp_path)
    decide = ("--token", token.strip(), "--reason", "再议", "--data", tmp_path)
    code, out, err = await tricolor("proposals", "reject", proposal["proposal_id"], *decide, url=database_url)
    assert (code, "is rejected" in out) == (0, True), err
    (kept,) = (await listed(database_url, "--state", "rejected"))["ingest"]
    assert (kept["decided_by"], kept["decided_role"], kept["decided_login"]) == ("qian", "leader", None)
    assert kept["explanation"] == "再议"
    code, _, err = await tricolor("proposals", "confirm", proposal["proposal_id"], *decide, url=database_url)
    assert (code, "rejected by qian" in err) == (1, True)
