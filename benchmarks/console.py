"""How long the console's answers take beside 100,000 open and 5,000,000 closed cases, and beside a bare indexed read.

CONSOLE_OPEN, CONSOLE_CLOSED and CONSOLE_ALERTS in the environment make it smaller.
"""

import os
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from sqlalchemy import text

from services.console.build import build
from services.console.domain.terms import terms_of, words_of
from services.console.store import rebuilding
from services.console.tables import HISTORY
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

OPEN = int(os.environ.get("CONSOLE_OPEN", "100000"))
CLOSED = int(os.environ.get("CONSOLE_CLOSED", "5000000"))
ALERTS = int(os.environ.get("CONSOLE_ALERTS", "1000000"))
ENTERPRISES, STATIONS, ROUNDS = 5_000, 9, 60
_PLACES = ("深圳市宝安区沙井", "深圳福永", "深圳松岗", "广东石岩", "深圳西乡", "燕罗", "航城", "新桥")
_NAMES = (
    "华强",
    "鸿泰",
    "金源",
    "永盛",
    "嘉和",
    "立讯",
    "宏达",
    "明辉",
    "正阳",
    "恒业",
    "瑞丰",
    "信诚",
    "联创",
    "天健",
)
_TRADES = ("电子", "电镀", "印染", "五金塑胶", "线路板", "化工", "食品", "纸业", "电池", "表面处理")
_OUTLETS = ("锅炉废气排放口", "废水总排放口", "喷涂废气排放口", "含铬废水排放口")
_POLLUTANTS = (("a21026", "二氧化硫"), ("a21002", "氮氧化物"), ("w01018", "化学需氧量"), ("w21003", "氨氮"))
_CATEGORIES = ("gas_daily_mean_exceedance", "water_daily_mean_exceedance", "data_missing", "short_data_gap")

Ask = Callable[[], Awaitable[None]]


def matters(choice: random.Random) -> list[dict[str, str]]:
    """What cases are about: every outlet of every enterprise with a pollutant and a category or two."""
    found = []
    for number in range(ENTERPRISES):
        name = f"{choice.choice(_PLACES)}{choice.choice(_NAMES)}{choice.choice(_NAMES)}{choice.choice(_TRADES)}有限公司"
        code = f"91440306MA5{number:06d}X"
        for place, outlet in enumerate(_OUTLETS):
            mn = f"A4403{number:06d}{place}"
            for pollutant, called in choice.sample(_POLLUTANTS, 2):
                for category in choice.sample(_CATEGORIES, 2):
                    words = words_of((name, code, mn, outlet, pollutant, called, category))
                    found.append(
                        {
                            "enterprise_code": code,
                            "outlet": mn,
                            "pollutant": pollutant,
                            "category": category,
                            "words": words,
                            "terms": " ".join(terms_of(words)),
                            "name": name,
                        }
                    )
    return found


_MATTERS = text("""
    insert into console.matters (enterprise_code, outlet, pollutant, category, words, terms)
    values (:enterprise_code, :outlet, :pollutant, :category, :words, string_to_array(:terms, ' '))
""")
_OF_MATTER = """
    select i, m.matter_id, m.enterprise_code,
           jsonb_build_object('code', m.category, 'zh', m.category, 'en', '') as category,
           jsonb_build_object('mn', m.outlet) as outlet, jsonb_build_object('code', m.pollutant) as pollutant,
           'station-' || (m.matter_id / 16) % :stations as station, random() as luck,
           split_part(m.words, E'\\n', 1) as name
      from generate_series(1, :number) i
      join console.matters m on m.matter_id = 1 + (i::bigint * 7919) % :matters
"""
_CASES = text(f"""
    insert into console.cases (
        case_id, enterprise_code, alert_id, revision, at, kind, level, state, station, enterprise_name, category,
        outlet, pollutant, observed, "limit", unit, reason, team, officers, issued_at, opened_at, closed_at, outcome,
        due_at, due_key, provisional, overdue, rung, awaits, handled, finished, on_time, matter_id, updated_at)
    select gen_random_uuid(), enterprise_code, gen_random_uuid(), 5, opened, kind, level, state, station, name,
           category, outlet, pollutant, 61.2, 50, 'mg/m3', '{{"zh": "日均值超标", "en": "exceeded"}}', '[]',
           array['officer-' || i % 300, 'officer-' || (i + 1) % 300], opened, opened, closed, outcome, due, due, false,
           closed is null and due < now(), case when closed is null and due < now() then 'section' end,
           case when closed is null then 'answer' end, closed is not null, closed is not null,
           case when closed is not null then luck < 0.9 end, matter_id, coalesce(closed, opened)
      from (select *, case when luck < 0.3 then 'on_site' else 'self_report' end as kind,
                   case when luck < 0.3 then 'red' else 'yellow' end as level,
                   case when :open then 'assigned' else 'approved' end as state,
                   case when :open then null else now() - :span * luck * interval '1 day' + interval '2 days'
                    end as closed,
                   case when :open then null else 'rectified' end as outcome,
                   now() - :span * luck * interval '1 day' as opened,
                   now() - :span * luck * interval '1 day' + interval '6 days' as due
              from ({_OF_MATTER}) found) made
""")
_ALERTS = text(f"""
    insert into console.alerts (
        alert_id, enterprise_code, revision, level, category, enterprise_name, station, outlet, pollutant, observed,
        reason, received_at, issued_at, doubts, matter_id, updated_at)
    select gen_random_uuid(), enterprise_code, 1, case when luck < 0.7 then 'white' else 'yellow' end, category, name,
           station, outlet, pollutant, 61.2, '{{"zh": "日均值超标", "en": "exceeded"}}', at, at, '[]', matter_id, at
      from (select *, now() - :span * luck * interval '1 day' as at from ({_OF_MATTER}) found) made
""")


async def fill(database: Database) -> None:
    """Rows by the million, with the indexes made afterwards: as they come about one by one it would take a day."""
    made = matters(random.Random(1))
    async with database.transaction() as connection:
        await connection.execute(_MATTERS, made)
        indexes = (
            await connection.execute(
                text("""
                    select indexname, indexdef from pg_indexes
                     where schemaname = 'console' and tablename in ('cases', 'alerts') and indexname not like '%pkey'
                """)
            )
        ).all()
        for name, _ in indexes:
            await connection.execute(text(f"drop index console.{name}"))
        common = {"stations": STATIONS, "matters": len(made)}
        await connection.execute(_CASES, common | {"number": OPEN, "open": True, "span": 8})
        await connection.execute(_CASES, common | {"number": CLOSED, "open": False, "span": 1500})
        await connection.execute(_ALERTS, common | {"number": ALERTS, "span": 300})
        for _, definition in indexes:
            await connection.execute(text(definition.replace("\\", "\\\\")))
        for number in range(STATIONS):
            await connection.execute(
                text("insert into console.stations values (:code, :code, 'd', '[]', null, null, now())"),
                {"code": f"station-{number}"},
            )
        await rebuilding.count_anew(connection)
    async with database.autocommit() as connection:
        await connection.execute(text("vacuum analyze"))


async def timed(name: str, ask: Ask, base: float | None = None) -> float:
    """Print how long `ask` takes, in milliseconds; answer the median."""
    spent = []
    for turn in range(ROUNDS + 5):
        began = time.perf_counter()
        await ask()
        if turn >= 5:
            spent.append((time.perf_counter() - began) * 1000)
    spent.sort()
    middle, worst = spent[len(spent) // 2], spent[int(len(spent) * 0.99)]
    beside = "" if base is None else f"{middle / base:8.1f} times the bare read"
    print(f"{name:44} {middle:8.1f} ms  p99 {worst:8.1f} ms {beside}", flush=True)
    return middle


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print what the board, lists and searches take, each beside a bare read of 50 rows by an index."""
    database = Database(postgres.url())
    await migrate(database.engine, HISTORY)
    began = time.perf_counter()
    await fill(database)
    print(f"{OPEN} open and {CLOSED} closed cases, {ALERTS} alerts, made in {time.perf_counter() - began:.0f} s")
    with TemporaryDirectory() as directory:
        await _measure(database, postgres.url(), Path(directory))
    await database.close()


async def _measure(database: Database, url: str, directory: Path) -> None:
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
    )

    async def bare() -> None:
        async with database.autocommit() as connection:
            await connection.execute(
                text("""select case_id, due_key from console.cases where closed_at is null and kind is not null
                         order by due_key, case_id limit 50""")
            )

    def get(path: str, **asked: str | list[str]) -> Ask:
        async def ask() -> None:
            (await app.get(path, params=asked)).raise_for_status()

        return ask

    closed = {"open": "false", "sort": "opened"}
    deep = ""
    for _ in range(20):
        asked = closed | {"limit": "500"} | ({"cursor": deep} if deep else {})
        deep = (await app.get("/v1/cases", params=asked)).json()["next"] or deep
    base = await timed("a bare indexed read of 50 rows", bare)
    for name, ask in {
        "board": get("/v1/board"),
        "board of a station": get("/v1/board", station="station-3"),
        "open cases, due first": get("/v1/cases", open="true"),
        "open red cases of a station": get("/v1/cases", open="true", station="station-3", level="red"),
        "closed cases, the latest opened": get("/v1/cases", **closed),
        "closed cases, the 20th page of 500": get("/v1/cases", cursor=deep, **closed),
        "all cases, the latest changed": get("/v1/cases", sort="updated"),
        "late ones of a category": get("/v1/cases", category="data_missing", on_time="false", **closed),
        "cases of an enterprise": get("/v1/cases", enterprise="91440306MA5000123X", sort="opened"),
        "open cases of an officer": get("/v1/cases", officer="officer-7", open="true"),
        "closed cases of an officer": get("/v1/cases", officer="officer-7", **closed),
        "search: a name of few": get("/v1/cases", q="华强鸿泰电镀", sort="opened"),
        "search: a name of many": get("/v1/cases", q="有限公司", sort="opened"),
        "search: a pollutant": get("/v1/cases", q="二氧化硫", open="true"),
        "search: two words": get("/v1/cases", q="沙井 氨氮", **closed),
        "search: a code": get("/v1/cases", q="91440306MA5000777X", sort="updated"),
        "search: nothing there": get("/v1/cases", q="没有这家企业"),
        "search: many, and none of them late": get("/v1/cases", q="公司", on_time="false", open="true"),
        "alerts, the latest": get("/v1/alerts"),
        "alerts of a station with doubts": get("/v1/alerts", station="station-3", doubts="true"),
        "alerts: search": get("/v1/alerts", q="线路板 化学需氧量"),
        "work": get("/v1/work"),
    }.items():
        await timed(name, ask, base)
    await app.aclose()
    await service.database.close()
