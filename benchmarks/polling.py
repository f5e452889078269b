"""What 5,000 officers cost who poll every ten seconds while one answer in a hundred changes, beside a bare route."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks.dispatching import prepared
from shared.database import Database
from shared.embedded import EmbeddedPostgres
from shared.identity import DevelopmentIssuer, Principal
from shared.instants import SHANGHAI
from shared.roles import Role

OFFICERS, EVERY_SECONDS, FOR_SECONDS = 5_000, 10, 30
CONNECTIONS = 200
_CHANGED = 0.01

# Three open cases an officer, and who has them.
_OFFICERS = """
    insert into dispatch.officers (code, name, station, certified, on_duty, skills, updated_at)
    select 'o' || n, '执法员' || n, 's' || lpad((n % 20)::text, 2, '0'), true, true, '{}', :now
      from generate_series(0, :officers - 1) as n
"""
_CASES = """
    with new as (
        insert into dispatch.cases (case_id, enterprise_code, alert_id, kind, level, state, station, category,
                                    issued_at, opened_at, due_at, due_text, revision)
        select gen_random_uuid(), 'E' || lpad((n % 1000)::text, 5, '0'), gen_random_uuid(), 'on_site', 'red',
               'assigned', 's' || lpad((n % 20)::text, 2, '0'), 'gas_daily_mean_exceedance', :now, :now, :now, 'due', 2
          from generate_series(1, :cases) as n
        returning case_id, enterprise_code),
    numbered as (select *, row_number() over () as n from new)
    insert into dispatch.assignments (assignment_id, case_id, enterprise_code, officer, part, state, round, offered_at,
                                      explanation)
    select gen_random_uuid(), case_id, enterprise_code, 'o' || ((n * 2 + k) % :officers),
           case k when 0 then 'lead' else 'second' end, 'assigned', 1, :now, '{}'
      from numbered, generate_series(0, 1) as k
"""


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print p99 and processor time of both, and the ratio."""
    now = datetime(2026, 3, 3, 9, 0, tzinfo=SHANGHAI)
    desk = await prepared(postgres, now)
    async with desk.database.transaction() as connection:
        await connection.execute(text(_OFFICERS), {"now": now, "officers": OFFICERS})
        await connection.execute(text(_CASES), {"now": now, "cases": OFFICERS * 3 // 2, "officers": OFFICERS})
    async with desk.database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("vacuum analyze"))
    with TemporaryDirectory() as directory:
        data = Path(directory)
        issuer = DevelopmentIssuer(data)
        tokens = [
            issuer.token(Principal(role=Role.OFFICER, subject=f"o{n}"), "tricolor", datetime.now(UTC))
            for n in range(OFFICERS)
        ]
        bare = await _measured("bare", postgres, data, [f"/v1/officers/o{n}" for n in range(OFFICERS)], tokens, None)
        feed = await _measured("feed", postgres, data, ["/v1/assignments"] * OFFICERS, tokens, desk.database)
    for name, (cuts, used, changed) in (("a bare route (base)", bare), ("the assignment feed", feed)):
        print(
            f"{name + ':':34} p50 {cuts[49] * 1000:6.1f}  p99 {cuts[98] * 1000:6.1f} ms, {used:.0%} of a core", end=""
        )
        print(f", {changed:.1%} changed" if changed else "")
    print(f"ratio:                             p99 {feed[0][98] / bare[0][98]:.2f}, processor {feed[1] / bare[1]:.2f}")
    await desk.database.close()


async def _measured(
    kind: str, postgres: EmbeddedPostgres, data: Path, paths: list[str], tokens: list[str], changing: Database | None
) -> tuple[list[float], float, float]:
    """Percentiles of the seconds from when a poll was due until its answer, processor share, share of changed ones."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.polling_server", kind, postgres.url(), str(data)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    polls = Polls(port, paths, tokens)
    await polls.run(OFFICERS / 500, 1.0)  # everybody once, to know what they know
    polls.forget()
    assert process.stdin is not None
    process.stdin.write(b"\n")
    changer = asyncio.create_task(_change(changing)) if changing else None
    began = time.monotonic()
    await polls.run(FOR_SECONDS, OFFICERS / EVERY_SECONDS / 500)
    elapsed = time.monotonic() - began
    if changer is not None:
        changer.cancel()
    out, _ = await process.communicate(b"\n")
    assert process.returncode == 0
    return quantiles(polls.seconds, n=100), float(out) / elapsed, polls.changed / len(polls.seconds)


class Polls:
    """Every officer polls in turn over a few kept connections; a poll is late from the moment that it was due."""

    def __init__(self, port: int, paths: list[str], tokens: list[str]) -> None:
        self._port, self._paths, self._tokens = port, paths, tokens
        self._known: dict[int, str] = {}
        self._due: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
        self.seconds: list[float] = []
        self.changed = 0

    def forget(self) -> None:
        self.seconds, self.changed = [], 0

    async def run(self, seconds: float, pace: float) -> None:
        """500 polls a second times `pace`."""
        workers = [asyncio.create_task(self._work()) for _ in range(CONNECTIONS)]
        began, number = time.monotonic(), 0
        while (now := time.monotonic()) - began < seconds:
            while number < (now - began) * 500 * pace:
                self._due.put_nowait((number % len(self._paths), began + number / 500 / pace))
                number += 1
            await asyncio.sleep(0.002)
        await self._due.join()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while True:
                officer, due = await self._due.get()
                status = await self._poll(reader, writer, officer)
                self.seconds.append(time.monotonic() - due)
                self.changed += status == 200 and bool(self._known)
                self._due.task_done()
        finally:
            writer.close()

    async def _poll(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, officer: int) -> int:
        known = f"If-None-Match: {self._known[officer]}\r\n" if officer in self._known else ""
        writer.write(
            f"GET {self._paths[officer]} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._tokens[officer]}\r\n"
            f"{known}\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        await reader.readexactly(int(headers.get("content-length", 0)))
        status = int(head[0].split()[1])
        assert status in {200, 304}, head
        if "etag" in headers:
            self._known[officer] = headers["etag"]
        return status


async def _change(database: Database) -> None:
    """As many cases move on as make one poll in a hundred see something new."""
    a_second = OFFICERS / EVERY_SECONDS * _CHANGED / 2  # each case has two officers
    number = 0
    while True:
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "update dispatch.cases set revision = revision + 1 where case_id ="
                    " (select case_id from dispatch.assignments where officer = :officer limit 1)"
                ),
                {"officer": f"o{number * 7 % OFFICERS}"},
            )
        number += 1
        await asyncio.sleep(1 / a_second)
