"""A district's years for the console, made up: cases and alerts by the million, as they lie when they came one by one.

CONSOLE_OPEN, CONSOLE_CLOSED and CONSOLE_ALERTS in the environment make it smaller.
"""

import os
import random

from pydantic_core import to_json
from sqlalchemy import text

from services.console.domain.terms import terms_of, words_of
from services.console.store import rebuilding
from shared.storage.database import Database
from shared.time.clock import SystemClock

OPEN = int(os.environ.get("CONSOLE_OPEN", "100000"))
CLOSED = int(os.environ.get("CONSOLE_CLOSED", "5000000"))
ALERTS = int(os.environ.get("CONSOLE_ALERTS", "1000000"))
ENTERPRISES, STATIONS = 5_000, 9
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
