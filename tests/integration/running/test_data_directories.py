"""A demonstration and real data keep apart, and no command makes up data that are not there."""

from pathlib import Path
from uuid import uuid4

import pytest

from shared.runtime.demonstrations import clock_of, is_demonstration, note_time
from shared.time.clock import ScaledClock, SystemClock
from tests.integration.running.commands import tricolor

WRITING = {
    "serve": ("serve", "all", "--port", "0"),
    "reconcile": ("reconcile",),
    "publish": ("proposals", "confirm", str(uuid4()), "--by", "zhao"),
    "rebuild": ("console", "rebuild"),
}
READING = {
    "verify": ("evidence", "verify"),
    "export": ("evidence", "export", str(uuid4())),
    "reconcile": ("reconcile",),
    "look": ("reconcile", "--no-repair"),
    "draw": ("draw", "verify", "2026-11-23"),
    "letters": ("dead-letters", "list"),
    "brakes": ("brakes", "list"),
    "proposals": ("proposals", "list"),
    "keys": ("api-keys", "list"),
}


@pytest.mark.parametrize("command", WRITING.values(), ids=WRITING)
async def test_what_writes_refuses_a_demonstration(command: tuple[str, ...], tmp_path: Path) -> None:
    note_time(tmp_path, SystemClock().now())
    code, out, err = await tricolor(*command, "--data", tmp_path)
    assert (code, out) == (1, "")
    assert f"tricolor: {tmp_path} 是演示数据" in err
    assert f"{tmp_path} holds a demonstration" in err
    assert not (tmp_path / "postgres").exists()


async def test_a_demonstration_refuses_real_data_and_a_database_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    code, _, err = await tricolor("demo", "--data", tmp_path)
    assert code == 1
    assert f"{tmp_path} 已有真实业务数据" in err
    assert not is_demonstration(tmp_path)
    code, _, err = await tricolor("demo", "--data", tmp_path / "new", url="postgresql://localhost/tricolor")
    assert code == 1
    assert "unset TRICOLOR_DATABASE_URL" in err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", READING.values(), ids=READING)
async def test_where_nothing_is_a_command_says_so_and_makes_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    nowhere = tmp_path / "mistyped"
    code, out, err = await tricolor(*command, "--data", nowhere)
    assert (code, out) == (1, "")
    assert f"{nowhere} 中没有 Tricolor 的数据" in err
    assert not nowhere.exists()


async def test_a_case_that_is_not_there_is_not_verified(database_url: str, tmp_path: Path) -> None:
    case = str(uuid4())
    code, out, err = await tricolor("evidence", "verify", "--case", case, "--data", tmp_path, url=database_url)
    assert (code, out) == (1, "")
    assert f"没有编号为 {case} 的案件" in err


async def test_a_database_of_others_is_not_verified(empty_database_url: str, tmp_path: Path) -> None:
    code, out, err = await tricolor("evidence", "verify", "--data", tmp_path, url=empty_database_url)
    assert (code, out) == (1, "")
    assert "There is nothing of Tricolor in TRICOLOR_DATABASE_URL" in err


def test_a_directory_says_by_which_clock_its_data_were_written(tmp_path: Path) -> None:
    assert isinstance(clock_of(tmp_path), SystemClock)
    note_time(tmp_path, SystemClock().now())
    assert isinstance(clock_of(tmp_path), ScaledClock)
