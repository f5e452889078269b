"""The list of commands says of each what the command says of itself, without loading it."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.cli import COMMANDS, loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_in_its_own_words(name: str) -> None:
    assert COMMANDS[name][1] == loaded(name).get_short_help_str(limit=200)


def test_the_list_of_commands_needs_none_of_the_system() -> None:
    shown = loaded_by("--help")
    assert "Bring the schemas" in shown
    assert {"fastapi", "sqlalchemy", "aiokafka", "asyncpg", "pydantic", "alembic"} & set(shown.split()) == set()


EXPLAIN = ("deadline", "explain", "--level", "red", "--start", "2026-11-20T09:00:00+08:00")


@pytest.mark.parametrize("command", [EXPLAIN, ("token", "--role", "officer"), ("rules", "check", str(RULE_BOOK))])
def test_a_command_without_a_database_loads_neither_that_nor_the_services(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    modules = loaded_by(*command, directory=tmp_path).split()
    assert {"fastapi", "sqlalchemy", "aiokafka", "asyncpg", "alembic"} & set(modules) == set()


def test_a_command_on_the_database_loads_no_fastapi() -> None:
    modules = loaded_by("proposals", "--help").split()
    office = run_and_list("import services.commands.office").split()
    assert {"fastapi", "alembic"} & {*modules, *office} == set()


def test_a_start_loads_no_routes_and_no_object_mapper() -> None:
    code = "from services.spared_imports import *; spare_imports(); build_models_late(); import services.commands.serve"
    modules = set(run_and_list(code).split())
    routes = {name for name in modules if ".api." in name and name.startswith("services.")}
    assert routes == {"services.console.api.by_accept", "services.console.api.table_files"}
    spared = {"sqlalchemy.orm", "pydantic.v1.main", "cryptography.x509.name", "rfc3161_client", "typst", "openpyxl"}
    assert spared & modules == set()


def loaded_by(*arguments: str, directory: Path | None = None) -> str:
    """What a command prints, and then every module that it has loaded."""
    return run_and_list(f"from services.cli import app; app({list(arguments)}, standalone_mode=False)", directory)


def run_and_list(code: str, directory: Path | None = None) -> str:
    looks = f"import sys; {code}; print(*sys.modules)"
    process = subprocess.run(  # noqa: S603
        [sys.executable, "-c", looks], capture_output=True, text=True, check=True, cwd=directory
    )
    return process.stdout


def test_a_token_of_a_new_key_says_so_beside_it(tmp_path: Path) -> None:
    """Of a key that no running service has, its tokens are refused: whoever asks in another directory has to know."""
    first, second = (token_of(tmp_path) for _ in range(2))
    assert f"A new development key was made in {tmp_path / '.tricolor'}" in first.stderr
    assert second.stderr == ""
    for process in (first, second):
        assert process.stdout.count("\n") == 1
        assert process.stdout.count(".") == 2  # the token alone


def token_of(directory: Path) -> subprocess.CompletedProcess[str]:
    code = "from services.cli import app; app(['token', '--role', 'officer'])"
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=directory
    )
