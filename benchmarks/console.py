"""How long the console's answers take beside 100,000 open and 5,000,000 closed cases, and beside a bare indexed read.

CONSOLE_ROUNDS and CONSOLE_ONLY (in the name of what is asked) in the environment make it shorter.
"""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from sqlalchemy import text

from benchmarks.console_district import ALERTS, CLOSED, OPEN, fill
from benchmarks.topic import directory_of, server_seconds
from services.console.build import build
from services.console.tables import HISTORY
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import SystemClock
from shared.time.instants import shown
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

ONLY = os.environ.get("CONSOLE_ONLY", "")
ROUNDS, WARM = int(os.environ.get("CONSOLE_ROUNDS", "60")), 7

Ask = Callable[[], Awaitable[None]]


class Watch:
    """What is asked, timed: by the wall, and by the processor time of this process and of PostgreSQL in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._base: float | None = None

    async def time(self, name: str, ask: Ask) -> None:
        """Print how long `ask` takes, in milliseconds, beside the first that was asked."""
        took, own, server = [], 0.0, 0.0
        for turn in range(ROUNDS + WARM):
            if turn == WARM:
                own, server = _used(), server_seconds(self._directory)
            began = time.perf_counter()
            await ask()
            if turn >= WARM:
                took.append((time.perf_counter() - began) * 1000)
        own, server = (
            (now - then) / ROUNDS * 1000 for now, then in ((_used(), own), (server_seconds(self._directory), server))
        )
        took.sort()
        middle, worst = took[len(took) // 2], took[int(len(took) * 0.99)]
        self._base = self._base or middle
        print(
            f"{name:50} {middle:7.1f} ms, p99 {worst:7.1f}; processor {own:5.1f} own, {server:6.1f} of PostgreSQL;"
            f" {middle / self._base:6.1f} times the bare read",
            flush=True,
        )


def _used() -> float:
    return sum(os.times()[:2])


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print what the board, lists and searches take, each beside a bare read of 50 rows by an index."""
    database = Database(postgres.url())
    await migrate(database.engine, HISTORY)
    began = time.perf_counter()
    await fill(database)
    print(f"{OPEN} open and {CLOSED} closed cases, {ALERTS} alerts, made in {time.perf_counter() - began:.0f} s")
    with TemporaryDirectory() as directory:
        await ask_all(database, postgres.url(), Path(directory))
    await database.close()


async def ask_all(database: Database, url: str, directory: Path) -> None:
    """Ask everything in turn of the service as it is built, with the processes' own costs of HTTP left out."""
    settings = Settings(attachments_url=directory.as_uri(), evidence_directory=directory)
    identity = Identity.from_settings(settings, directory)
    service = build(settings, SystemClock(), database_url=url, kafka={}, identity=identity)
    token = DevelopmentIssuer(directory).token(
        Principal(role=Role.LEADER, subject="li"), settings.oidc_audience, SystemClock().now()
    )
    app = httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app),
        base_url="http://console",
        headers={"Authorization": f"Bearer {token}"},
        timeout=600,
    )

    async def bare() -> None:
        async with database.autocommit() as connection:
            await connection.execute(
                text("""select case_id, due_key from console.cases where closed_at is null and kind is not null
                         order by due_key, case_id limit 50""")
            )

    def get(path: str, asked: Mapping[str, str | list[str]]) -> Ask:
        async def ask() -> None:
            (await app.get(path, params=asked)).raise_for_status()

        return ask

    watch = Watch(directory_of(url))
    await watch.time("a bare indexed read of 50 rows", bare)
    for name, path, asked in await questions(database, app):
        if not ONLY or ONLY in name:
            await watch.time(name, get(path, asked))
    await app.aclose()
    await service.database.close()


async def questions(database: Database, app: httpx.AsyncClient) -> list[tuple[str, str, Mapping[str, str | list[str]]]]:
    """What is asked: its name, where, and with which filters."""
    async with database.autocommit() as connection:
        busiest, quiet = await connection.scalars(
            text("""
                with numbers as (select enterprise_code, count(*) as number from console.cases group by 1)
                select enterprise_code from (select * from numbers order by number desc limit 1) b
                union all select enterprise_code from (select * from numbers order by number, 1 limit 1) q
            """)
        )
        old = await connection.scalar(text("select min(opened_at) + interval '10 days' from console.cases"))
    assert old is not None
    cases, alerts, closed = "/v1/cases", "/v1/alerts", {"open": "false", "sort": "opened"}
    deep, deeper = "", closed | {"limit": "500"}
    for _ in range(20):
        deep = (await app.get(cases, params=deeper | ({"cursor": deep} if deep else {}))).json()["next"] or deep
    month = {"opened_since": shown(old), "opened_until": shown(old + timedelta(days=30))}
    rare = {"category": "sampling_interference", "station": "station-3", "level": "red", "outcome": "report_untrue"}
    return [
        ("board", "/v1/board", {}),
        ("board of a station", "/v1/board", {"station": "station-3"}),
        ("open cases, due first", cases, {"open": "true"}),
        ("open red cases of a station", cases, {"open": "true", "station": "station-3", "level": "red"}),
        ("closed cases, the latest opened", cases, closed),
        ("closed cases, the 20th page of 500", cases, closed | {"cursor": deep}),
        ("all cases, due first", cases, {"sort": "due"}),
        ("all cases, due last", cases, {"sort": "due", "order": "desc"}),
        ("all cases, the oldest opened", cases, {"sort": "opened", "order": "asc"}),
        ("all cases, the latest changed", cases, {"sort": "updated"}),
        ("late ones of a category", cases, closed | {"category": "data_missing", "on_time": "false"}),
        ("cases of the quietest enterprise", cases, {"enterprise": quiet, "sort": "opened"}),
        *(
            (f"cases of the busiest enterprise by {sort}", cases, {"enterprise": busiest, "sort": sort})
            for sort in ("due", "opened", "updated")
        ),
        ("late open reds of the busiest enterprise", cases, {"enterprise": busiest, "level": "red", "overdue": "true"}),
        ("open cases of an officer", cases, {"officer": "officer-station-3-7", "open": "true"}),
        ("closed cases of an officer", cases, closed | {"officer": "officer-station-3-7"}),
        ("untrue reports of an officer", cases, {"officer": "officer-station-3-7", "outcome": "report_untrue"}),
        *(
            (f"category × station × level × outcome by {sort}", cases, rare | {"sort": sort})
            for sort in ("due", "opened", "updated")
        ),
        ("… of which none is open", cases, rare | {"open": "true"}),
        ("a state that on-site cases never have", cases, {"state": "accepted_report", "kind": "on_site"}),
        ("closed cases that wait for a team", cases, {"state": "open", "outcome": "rectified"}),
        ("a rung that no station has", cases, {"rung": "station_chief", "sort": "opened"}),
        ("no station in charge", cases, {"station": "", "sort": "updated"}),
        ("an unknown category", cases, {"category": "none_such", "sort": "updated"}),
        (
            "two outcomes of two stations, late",
            cases,
            {
                "outcome": ["report_untrue", "false_alarm"],
                "station": ["station-1", "station-2"],
                "on_time": "false",
                "sort": "updated",
            },
        ),
        ("not finished though handled", cases, {"handled": "true", "finished": "false"}),
        ("false alarms of a month years ago, by due", cases, month | {"outcome": "false_alarm"}),
        ("a station's cases of a month years ago, by due", cases, month | {"station": "station-3"}),
        ("all cases of a month years ago, by due", cases, month),
        ("what a month's figures count at 3 o'clock", cases, month | {"counted": "true", "hour": "3"}),
        ("closed on a day years ago", cases, {"closed_since": shown(old), "closed_until": shown(old + timedelta(1))}),
        ("due before all, opened last", cases, {"due_before": "2015-01-01T00:00:00+08:00", "sort": "opened"}),
        ("search: a name of few", cases, {"q": "华强鸿泰电镀", "sort": "opened"}),
        ("search: a name of many", cases, {"q": "有限公司", "sort": "opened"}),
        ("search: one character", cases, {"q": "镀", "sort": "opened"}),
        ("search: two characters", cases, {"q": "电池", "sort": "updated"}),
        ("search: three characters", cases, {"q": "线路板", "sort": "due"}),
        ("search: a pollutant", cases, {"q": "二氧化硫", "open": "true"}),
        ("search: two words", cases, closed | {"q": "沙井 氨氮"}),
        ("search: a code", cases, {"q": busiest, "sort": "updated"}),
        ("search: a code, late, one outcome", cases, {"q": busiest, "on_time": "false", "outcome": "report_untrue"}),
        ("search: nothing there", cases, {"q": "没有这家企业"}),
        ("search: half of it there", cases, {"q": "华强鸿泰 没有这家"}),
        ("search: many, and none of them late", cases, {"q": "公司", "on_time": "false", "open": "true"}),
        ("search: many, of rare ones", cases, {"q": "公司", **rare}),
        ("search: one character, of rare ones", cases, {"q": "氨", **rare, "sort": "updated"}),
        ("alerts, the latest", alerts, {}),
        ("alerts, the oldest", alerts, {"order": "asc"}),
        ("alerts of a station with doubts", alerts, {"station": "station-3", "doubts": "true"}),
        ("alerts held, dismissed", alerts, {"held": "true", "dismissed": "true"}),
        ("alerts of the busiest enterprise, red", alerts, {"enterprise": busiest, "level": "red"}),
        (
            "alerts: category × station × level, doubts",
            alerts,
            {"category": "sampling_interference", "station": "station-3", "level": "red", "doubts": "true"},
        ),
        ("alerts: an unknown category, a level", alerts, {"category": "none_such", "level": "red"}),
        ("alerts: search", alerts, {"q": "线路板 化学需氧量"}),
        ("alerts: search, one character", alerts, {"q": "镀"}),
        ("alerts: search, nothing there", alerts, {"q": "没有这家企业"}),
        ("alerts: search, red with doubts", alerts, {"q": "电池", "level": "red", "doubts": "true"}),
        ("work", "/v1/work", {}),
        ("map", "/v1/map", {}),
        ("map of a station", "/v1/map", {"station": "station-3"}),
        *(
            (f"figures of this month by {by}", "/v1/figures", {"by": by})
            for by in ("station", "officer", "enterprise", "hour")
        ),
        ("figures of a year by category", "/v1/figures", {"by": "category", "period": "year"}),
    ]
