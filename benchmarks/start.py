"""How long commands take to start, in processor time, beside importing what they need. In turns; medians.

`tricolor --help` is set beside importing FastAPI, SQLAlchemy, aiokafka and asyncpg together.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from shared.runtime.embedded import EmbeddedPostgres

_TURNS = 7
_TRICOLOR = str(Path(sys.executable).with_name("tricolor"))
_DATABASE = "services.infrastructure, typer, rich.console"


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the median of each command's processor time, of its base's, and their ratio."""
    with TemporaryDirectory() as directory:
        environment = os.environ | {"TRICOLOR_DATABASE_URL": postgres.url()}
        _seconds([_TRICOLOR, "migrate"], environment, directory)
        on_files = {key: value for key, value in environment.items() if key != "TRICOLOR_DATABASE_URL"}
        for arguments, base, given in _commands(on_files, environment):
            command, imports = [_TRICOLOR, *arguments], [sys.executable, "-c", f"import {base}"]
            turns = [(_seconds(command, given, directory), _seconds(imports, given, directory)) for _ in range(_TURNS)]
            own, others = (median(values) for values in zip(*turns, strict=True))
            spread = ", ".join(f"{one / other:.2f}" for one, other in turns)
            print(f"tricolor {' '.join(arguments[:2])}: {own * 1e3:.0f} ms; import {base}: {others * 1e3:.0f} ms")
            print(f"  ratio {own / others:.2f} ({spread})", flush=True)


def _commands(on_files: dict[str, str], on_database: dict[str, str]) -> Sequence[tuple[list[str], str, dict[str, str]]]:
    """Each command, what it is set beside, and its environment."""
    explain = ["deadline", "explain", "--level", "red", "--start", "2026-11-20T09:00:00+08:00"]
    deadlines = "typer, pydantic_settings, services.deadline_watch.domain.rules_in_force, shared.contract.events"
    rules = "typer, rich.progress, pydantic_settings, services.alert_ingest.domain.assessment"
    return [
        (["--help"], "fastapi, sqlalchemy, aiokafka, asyncpg", on_files),
        (explain, deadlines, on_files),
        (["token", "--role", "officer"], "typer, pydantic_settings, jwt, shared.contract.principal", on_files),
        (["rules", "check", str(RULE_BOOK)], rules, on_files),
        (["dead-letters", "list"], _DATABASE, on_database),
        (["proposals", "list"], f"{_DATABASE}, services.commands.office", on_database),
        (["evidence", "verify"], f"{_DATABASE}, obstore, cryptography.x509, rich.progress", on_database),
    ]


def _seconds(command: list[str], environment: dict[str, str], directory: str) -> float:
    """Processor time of a process from its start to its end."""
    process = subprocess.Popen(  # noqa: S603  our own
        command, env=environment, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {said.decode()[-500:]}")
    return usage.ru_utime + usage.ru_stime
