"""Lists that people take away: their columns, what a cell says, and the lines above that say what was asked. Pure.

Whoever opens a table months later must see what it lists: its filters, its reader and its instant stand in it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from shared.contract.events import Bilingual
from shared.contract.names import KINDS, LEVELS, OUTCOMES, called, state_name
from shared.time.instants import SHANGHAI

Language = Literal["zh-CN", "en"]
Cell = str | int | float | None
Row = Mapping[str, Any]


class Column(NamedTuple):
    """A column: its heading, and the cell of a row in a language."""

    heading: Bilingual
    cell: Callable[[Row, Language], Cell]


def in_language(text: Bilingual | Mapping[str, str] | None, language: Language) -> str | None:
    if text is None:
        return None
    both = text if isinstance(text, Mapping) else {"zh": text.zh, "en": text.en}
    return both["en"] if language == "en" else both["zh"]


def safe(cell: Cell) -> Cell:
    """The cell as a spreadsheet shows and never computes it: a text that would be a formula begins with an apostrophe.

    Source: OWASP, CSV Injection.
    """
    if isinstance(cell, str):
        text = "".join(sign for sign in cell if sign >= " " or sign == "\n")
        return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
    return cell


def written(instant: datetime | None) -> str | None:
    """An instant as a table has it: 2026-11-29 09:30:00+08:00."""
    return None if instant is None else instant.astimezone(SHANGHAI).isoformat(" ", "seconds")


def _column(zh: str, en: str, cell: Callable[[Row, Language], Cell]) -> Column:
    return Column(Bilingual(zh=zh, en=en), cell)


def _plain(zh: str, en: str, name: str) -> Column:
    return _column(zh, en, lambda row, _: row[name])


def _text(zh: str, en: str, name: str) -> Column:
    return _column(zh, en, lambda row, _: None if row[name] is None else str(row[name]))


def _instant(zh: str, en: str, name: str) -> Column:
    return _column(zh, en, lambda row, _: written(row[name]))


def _word(zh: str, en: str, name: str, names: Mapping[str, Bilingual]) -> Column:
    return _column(zh, en, lambda row, language: in_language(called(names, row[name]), language))


def _truth(zh: str, en: str, name: str) -> Column:
    words = {True: Bilingual(zh="是", en="yes"), False: Bilingual(zh="否", en="no")}
    return _column(zh, en, lambda row, language: in_language(words.get(row[name]), language))


def _outlet(row: Row, _: Language) -> Cell:
    outlet = row["outlet"] or {}
    return outlet.get("name") or outlet.get("code") or outlet.get("mn")


def _pollutant(row: Row, _: Language) -> Cell:
    pollutant = row["pollutant"] or {}
    return pollutant.get("name") or pollutant.get("code")


_CATEGORY = _column("类别", "category", lambda row, language: in_language(row["category"], language))
_REASON = _column("判定理由", "reason", lambda row, language: in_language(row["reason"], language))
_WHERE = (
    _text("企业编码", "enterprise code", "enterprise_code"),
    _plain("企业名称", "enterprise", "enterprise_name"),
    _plain("执法所", "station", "station_name"),
    _CATEGORY,
    _column("排放口", "outlet", _outlet),
    _column("因子", "pollutant", _pollutant),
    _plain("监测值", "observed", "observed"),
    _plain("限值", "limit", "limit"),
    _plain("单位", "unit", "unit"),
)
CASES: Sequence[Column] = (
    _text("案件编号", "case", "case_id"),
    _word("等级", "level", "level", LEVELS),
    _word("种类", "kind", "kind", KINDS),
    _column("状态", "state", lambda row, language: in_language(state_name(row["state"], row["kind"]), language)),
    *_WHERE,
    _column("执法人员", "team", lambda row, _: "、".join(member["name"] for member in row["team"])),
    _instant("发出时间", "issued at", "issued_at"),
    _instant("立案时间", "opened at", "opened_at"),
    _plain("到期", "due", "due_text"),
    _truth("时限暂定", "provisional", "provisional"),
    _truth("逾期在办", "overdue", "overdue"),
    _instant("首次到场", "first arrival", "arrived_at"),
    _instant("首次反馈", "first answer", "answered_at"),
    _instant("结案时间", "closed at", "closed_at"),
    _word("办理结果", "outcome", "outcome", OUTCOMES),
    _text("立案号", "file number", "file_number"),
    _truth("已办理", "handled", "handled"),
    _truth("已办结", "finished", "finished"),
    _truth("按期", "on time", "on_time"),
    _REASON,
)
ALERTS: Sequence[Column] = (
    _text("预警编号", "alert", "alert_id"),
    _word("等级", "level", "level", LEVELS),
    *_WHERE,
    _instant("接收时间", "received at", "received_at"),
    _instant("发出时间", "issued at", "issued_at"),
    _text("规则", "rule", "rule"),
    _text("规则库版本", "rule book version", "rule_book_version"),
    _REASON,
    _column(
        "存疑", "doubts", lambda row, language: "；".join(in_language(one, language) or "" for one in row["doubts"])
    ),
    _truth("留存待确认", "held", "held"),
    _truth("已撤销", "dismissed", "dismissed"),
    _text("案件编号", "case", "case_id"),
)


def cells(columns: Sequence[Column], row: Row, language: Language) -> list[Cell]:
    """The cells of a row, none of which a spreadsheet computes."""
    return [safe(column.cell(row, language)) for column in columns]


_COUNTED = (
    ("立案", "opened", "total"),
    ("已办理", "handled", "handled"),
    ("已办结", "finished", "finished"),
    ("按期办理", "on time", "on_time"),
    ("逾期办理", "late", "late"),
    ("在办", "open", "open"),
    ("在办逾期", "overdue", "overdue"),
    ("误报", "false alarms", "false_alarms"),
)
_QUANTILES = (("中位", "median", "p50"), ("九成", "p90", "p90"), ("九成九", "p99", "p99"))


def _share(zh: str, en: str, name: str) -> Column:
    return _column(zh, en, lambda row, _: None if row[name] is None else _hundredths(row[name]))


def _hundredths(share: float) -> float:
    """A share in hundredths, rounded, but never up to all of them: 99.999 % is not 100 %."""
    return 100.0 if share >= 1 else min(round(100 * share, 2), 99.99)


def _hours(zh: str, en: str, name: str, quantile: str) -> Column:
    return _column(zh, en, lambda row, _: None if row[name][quantile] is None else round(row[name][quantile] / 3600, 2))


FIGURES: Sequence[Column] = (
    _text("编码", "code", "key"),
    _column("名称", "name", lambda row, language: in_language(row["name"], language)),
    *(_plain(zh, en, name) for zh, en, name in _COUNTED),
    _share("办理率（%）", "handled (%)", "share"),
    _share("按期率（%）", "on time (%)", "on_time_share"),
    *(
        _hours(f"{what}（{zh}，小时）", f"{called} ({en}, hours)", name, quantile)
        for what, called, name in (
            ("首次反馈", "first answer", "response_seconds"),
            ("首次到场", "first arrival", "arrival_seconds"),
        )
        for zh, en, quantile in _QUANTILES
    ),
)


def headings(columns: Sequence[Column], language: Language) -> list[Cell]:
    return [in_language(column.heading, language) for column in columns]


def preface(
    title: Bilingual, asked: Sequence[tuple[str, str]], reader: str, now: datetime, most: int, language: Language
) -> list[list[Cell]]:
    """The lines above the headings: what it is, what was asked, by whom, when, and how many rows at most."""
    english = language == "en"
    filters = "; ".join(f"{name}={value}" for name, value in asked) or ("everything" if english else "全部")
    lines: list[list[Cell]] = [
        [in_language(title, language)],
        ["filters" if english else "筛选条件", safe(filters)],
        ["read by" if english else "导出人", safe(reader)],
        ["at" if english else "导出时间", written(now)],
        ["rows at most" if english else "最多行数", most],
        [],
    ]
    return lines
