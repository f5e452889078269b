"""The command `tricolor` as a person types it."""

import asyncio
import os
import sys
from pathlib import Path

from pydantic_core import from_json


async def tricolor(*arguments: str | Path, url: str = "", **more: str) -> tuple[int, str, str]:
    """The exit code, and what stands on standard output and standard error. `more` goes into the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from services.cli import main; main()",
        *map(str, arguments),
        env=environment | {"TRICOLOR_DATABASE_URL": url, "COLUMNS": "200"} | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def confirmed(data: Path, url: str) -> str:
    """What is said when somebody else, who signed in, confirms the one proposal there is."""
    _, token, _ = await tricolor("token", "--role", "leader", "--subject", "qian", "--data", data)
    code, out, err = await tricolor("proposals", "list", "--json", url=url)
    assert code == 0, err
    (proposal,) = [one for proposals in from_json(out).values() for one in proposals]
    confirm = ("proposals", "confirm", proposal["proposal_id"])
    code, out, err = await tricolor(*confirm, "--token", token.strip(), "--data", data, url=url)
    assert code == 0, err
    return out
