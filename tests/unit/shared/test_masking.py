"""What logs may say of people and credentials: nothing by which anybody is reached or anything is opened."""

import logging

import pytest
from pydantic_core import from_json

from shared import telemetry
from shared.masking import masked, masked_numbers


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("联系人 13800138000。", "联系人 138****8000。"),
        ("+86 139 0013 9000", "+86 139****9000"),
        ("8613800138000 called", "86138****8000 called"),
        ("0755-29871234", "0755-****234"),
        ("440306199001011234", "440306************"),
        ("44030619900101123X", "440306************"),
    ],
)
def test_numbers_are_masked(text: str, shown: str) -> None:
    assert masked_numbers(text) == shown
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "019cabf3-af40-797b-9d6a-d2ba7970aad8",
        "91440306MA5000001W",
        "A440306000001",
        "offset 13800138000123",
        "1764380000",
        "2026-11-29T01:15:43+08:00",
    ],
)
def test_identifiers_are_not(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
        "token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl was refused",
        "X-API-Key: tck_abcdefghijklmnopqrstuvwxyz",
        "the key tck_abcdefghijklmnopqrstuvwxyz",
        "postgresql+asyncpg://tricolor:s3cret-word@db/tricolor",
        "sasl password=s3cret-word",
    ],
)
def test_credentials_are_not_there(text: str) -> None:
    assert not {"c2lnbmF0dXJl", "abcdefghijklmnopqrstuvwxyz", "s3cret-word"} & set(
        masked(text).replace("_", " ").split()
    )
    assert "s3cret" not in masked(text)
    assert "c2lnbmF0dXJl" not in masked(text)
    assert "tck_abc" not in masked(text)


def test_a_row_that_a_database_quotes_is_not_there() -> None:
    text = (
        'null value in column "name" of relation "officers" violates not-null constraint\n'
        "DETAIL:  Failing row contains (xinan-01, null, 陈志强, 13800138000, {a,b}, (x)).\n"
        "DETAIL:  Key (subject, phone)=(陈志强, 0755-29871234) already exists."
    )
    shown = masked(text)
    assert "陈志强" not in shown
    assert "Failing row contains (…)" in shown
    assert "already exists" in shown


def test_lines_of_log_are_written_like_that(capsys: pytest.CaptureFixture[str]) -> None:
    before, level = logging.root.handlers[:], logging.root.level
    try:
        telemetry.configure_logging()
        try:
            int("13800138000 at postgresql://tricolor:s3cret@db/x")
        except ValueError:
            logging.getLogger("services.test").exception("called %s", "13900139000")
    finally:
        logging.root.handlers[:] = before
        logging.root.setLevel(level)
    line = from_json(capsys.readouterr().err.splitlines()[-1])
    assert line["message"] == "called 139****9000"
    assert "138****8000" in line["traceback"]
    assert "s3cret" not in str(line)
