"""How long the console's answers take beside 100,000 open and 5,000,000 closed cases, and beside a bare indexed read.

CONSOLE_OPEN, CONSOLE_CLOSED and CONSOLE_ALERTS in the environment make it smaller.
"""

import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from pydantic_core import to_json
from sqlalchemy import text

from benchmarks.topic import directory_of, server_seconds
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
from shared.time.instants import shown
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

OPEN = int(os.environ.get("CONSOLE_OPEN", "100000"))
CLOSED = int(os.environ.get("CONSOLE_CLOSED", "5000000"))
ALERTS = int(os.environ.get("CONSOLE_ALERTS", "1000000"))
ONLY = os.environ.get("CONSOLE_ONLY", "")
ENTERPRISES, STATIONS = 5_000, 9
ROUNDS, WARM = int(os.environ.get("CONSOLE_ROUNDS", "60")), 7
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
_CATEGORIES = {
    "gas_daily_mean_exceedance": 25,
    "water_daily_mean_exceedance": 20,
    "gas_hourly_mean_repeated_exceedance": 12,
    "data_missing": 20,
    "short_data_gap": 12,
    "data_constant": 8,
    "calibration_overdue": 2,
    "bypass_discharge": 0.5,
    "sampling_interference": 0.1,
}
"""By category, how common it is."""

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
                kinds = [choice.choices([*_CATEGORIES], [*_CATEGORIES.values()])[0] for _ in range(2)]
                for category in dict.fromkeys(kinds):
                    words = words_of((name, code, mn, outlet, pollutant, called, category))
                    found.append(
                        {
                            "enterprise_code": code,
                            "outlet": mn,
                            "pollutant": pollutant,
                            "category": category,
                            "words": words,
                            "terms": " ".join(terms_of(words)),
                        }
                    )
    return found


_MATTERS = text("""
    insert into console.matters (enterprise_code, outlet, pollutant, category, words, terms)
    select enterprise_code, outlet, pollutant, category, words, string_to_array(terms, ' ')
      from jsonb_to_recordset(cast(:made as jsonb))
           as m (enterprise_code text, outlet text, pollutant text, category text, words text, terms text)
""")
# Some enterprises have thousands of cases and most have few; nights are quiet; the rows lie as they came about.
_OF_MATTER = """
    select i, m.matter_id, m.enterprise_code, m.station, m.category as category_code,
           jsonb_build_object('code', m.category, 'zh', m.category, 'en', '') as category,
           jsonb_build_object('mn', m.outlet) as outlet, jsonb_build_object('code', m.pollutant) as pollutant,
           luck, chance, date_trunc('hour', cast(:now as timestamptz)
                               - cast(:span as float8) * (1 - i::float8 / :number) * interval '1 day')
           + hours * interval '1 hour' as at, m.name
      from (select i, random() as luck, random() as chance, (random() ^ 2 * 12)::int as hours,
                   1 + (random() ^ 1.5 * (cast(:matters as bigint) - 1))::bigint as matter_id
              from generate_series(1, cast(:number as bigint)) i) one
      join (select *, 'station-' || (hashtext(enterprise_code) & 1023) % cast(:stations as int) as station,
                   split_part(words, E'\\n', 1) as name from console.matters) m using (matter_id)
"""
_CASES = text(f"""
    insert into console.cases (
        case_id, enterprise_code, alert_id, revision, at, kind, level, state, station, enterprise_name, category,
        outlet, pollutant, observed, "limit", unit, reason, team, officers, issued_at, opened_at, assigned_at,
        arrived_at, answered_at, closed_at, outcome, due_at, due_key, due_text, provisional, overdue, rung, awaits,
        handled, finished, on_time, matter_id, updated_at)
    select gen_random_uuid(), enterprise_code, gen_random_uuid(), 5, at, kind, level,
           case when not cast(:open as boolean)
                then case when chance < 0.03 then 'superseded' when level = 'red' then 'approved'
                          else 'accepted_report' end
                when chance < 0.1 then 'open' when chance < 0.9 then 'assigned' else 'reported' end,
           station, name, category, outlet, pollutant, 61.2, 50, 'mg/m3', '{{"zh": "日均值超标", "en": "exceeded"}}',
           '[]', array['officer-' || station || '-' || (chance * 30)::int, 'officer-' || station || '-' || i % 31],
           at, at, at + luck * interval '1 hour', case when level = 'red' then at + luck * interval '9 hours' end,
           case when not cast(:open as boolean) then at + luck * interval '20 hours' end, closed,
           case when cast(:open as boolean) or chance < 0.03 then null when chance < 0.031 then 'report_untrue'
                when chance < 0.07 then 'false_alarm' when chance < 0.1 then 'case_filed_for_penalty'
                when chance < 0.4 then 'no_exceedance_found' else 'rectified' end,
           due, due, '12月8日24:00', false, closed is null and due < cast(:now as timestamptz),
           case when closed is not null or due >= cast(:now as timestamptz) then null
                when luck < 0.1 then 'leader' else 'section' end,
           case when closed is not null then null when chance < 0.1 then 'team' when chance < 0.9 then 'answer'
                else 'review' end,
           closed is not null and chance >= 0.03, closed is not null and chance >= 0.04,
           case when closed is not null and chance >= 0.03 then closed < due end, matter_id, coalesce(closed, at)
      from (select *, case when luck < 0.3 then 'on_site' when luck < 0.35 then 'follow_up' when luck < 0.352
                           then 'marking' else 'self_report' end as kind,
                   case when luck < 0.35 then 'red' else 'yellow' end as level,
                   case when not cast(:open as boolean)
                        then least(at + luck * luck * interval '6.5 days', cast(:now as timestamptz)) end as closed,
                   at + interval '6 days' as due
              from ({_OF_MATTER}) found) made
     order by i
""")
_ALERTS = text(f"""
    insert into console.alerts (
        alert_id, enterprise_code, revision, level, category, enterprise_name, station, outlet, pollutant, observed,
        reason, received_at, issued_at, held, doubts, dismissed_at, matter_id, updated_at)
    select gen_random_uuid(), enterprise_code, 1,
           case when luck < 0.7 then 'white' when luck < 0.9 then 'yellow' else 'red' end, category, name,
           station, outlet, pollutant, 61.2, '{{"zh": "日均值超标", "en": "exceeded"}}', at, at, chance < 0.0001,
           case when chance < 0.01 then '[{{"code": "late", "zh": "迟到", "en": "late"}}]' else '[]' end::jsonb,
           case when luck > 0.97 then at + interval '1 day' end, matter_id, at
      from ({_OF_MATTER}) found
     order by i
""")
_ENTERPRISES = text("""
    insert into console.enterprises (code, name, district, station, longitude, latitude, at)
    select enterprise_code, name, '440306', max(station), 113.8 + random() / 10, 22.6 + random() / 10, now()
      from (select enterprise_code, enterprise_name as name, station from console.cases) c group by 1, 2
""")


async def fill(database: Database) -> None:
    """Rows by the million, with the indexes made afterwards: as they come about one by one it would take a day."""
    made = matters(random.Random(1))
    async with database.transaction() as connection:
        await connection.execute(_MATTERS, {"made": to_json(made).decode()})
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
        common = {"stations": STATIONS, "matters": len(made), "now": SystemClock().now()}
        await connection.execute(_CASES, common | {"number": CLOSED, "open": False, "span": 1500})
        await connection.execute(_CASES, common | {"number": OPEN, "open": True, "span": 8})
        await connection.execute(_ALERTS, common | {"number": ALERTS, "span": 300})
        for _, definition in indexes:
            await connection.execute(text(definition.replace("\\", "\\\\")))
        for number in range(STATIONS):
            await connection.execute(
                text("insert into console.stations values (:code, :code, 'd', '[]', 113.9, 22.6, now())"),
                {"code": f"station-{number}"},
            )
        await connection.execute(_ENTERPRISES)
        await rebuilding.count_anew(connection)
    async with database.autocommit() as connection:
        await connection.execute(text("vacuum analyze"))


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
