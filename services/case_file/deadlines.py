"""The pages of deadlines: how each was computed, day by day, and what changed it. Pure."""

from datetime import date

from services.case_file import words
from services.case_file.document import Block, Heading, Section, grid, pairs
from services.case_file.known import Gathered, Row
from services.case_file.words import moment, said
from shared.contract.dates import day_in_words


def deadlines(case: Gathered) -> Section:
    """How every deadline was computed, day by day, and what changed it."""
    blocks: list[Block] = []
    for one in case.deadlines:
        explanation = one["explanation"]
        blocks += [
            Heading(text=f"{said(words.CLOCKS, one['kind'])}时限"),
            pairs(
                ("起算时间", moment(one["started_at"])),
                ("届满时间", words.due(one["due_at"], provisional=one["provisional"])),
                ("答复时间", moment(one["answered_at"])),
                ("是否按期", _kept(one)),
                ("计算说明", None if explanation["days"] else explanation["text"]["zh"]),
                ("依据", f"{explanation['source']}（{'原文' if explanation['stated'] else '推定'}）"),
                ("时限策略", explanation["policy_version"]),
                ("日历版本", explanation["calendar_version"]),
            ),
        ]
        days = [
            [
                day_in_words(date.fromisoformat(day["date"])).zh,
                "计入" if day["counted"] else "不计",
                f"第 {day['number']} 个工作日" if day["number"] else "",
                day["reason"]["zh"],
            ]
            for day in explanation["days"]
        ]
        if days:
            blocks.append(grid(["日期", "是否计入", "序数", "理由"], [0.24, 0.14, 0.2, 0.42], days))
        for change in (each for each in case.changes if each["deadline_id"] == one["deadline_id"]):
            blocks.append(
                pairs(
                    ("时限变更", f"{said(words.CAUSES, change['cause'])}（{moment(change['at'])}）"),
                    ("原届满", change["due_text_before"]),
                    ("现届满", change["due_text_after"]),
                    ("理由", change["reason"]),
                    ("依据", change["ground"]),
                    ("提请人", case.named(change["requested_by"])),
                    ("批准人", case.named(change["approver"])),
                )
            )
    return Section(title="时限计算及变更", blocks=blocks)


def _kept(deadline: Row) -> str:
    if deadline["missed_at"] is not None:
        return f"逾期（{moment(deadline['missed_at'])}）"
    return "按期" if deadline["met_at"] is not None else "未到期"
