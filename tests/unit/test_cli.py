"""The list of commands says of each what the command says of itself, without loading it."""

import subprocess
import sys

import pytest

from services.cli import COMMANDS, loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_in_its_own_words(name: str) -> None:
    assert COMMANDS[name][1] == loaded(name).get_short_help_str(limit=200)


def test_the_list_of_commands_needs_none_of_the_system() -> None:
    looks = "import sys; from services.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True)  # noqa: S603
    assert "Bring the schemas" in shown.stdout
    assert {"fastapi", "sqlalchemy", "aiokafka", "pydantic", "alembic"} & set(shown.stdout.split()) == set()
