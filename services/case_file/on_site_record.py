"""The pages of the on-site record (现场检查（勘察）笔录): what was found and done, pictures, and who signed. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from services.case_file.document import Block, Heading, Picture, Pictures, Section, Signature, Signatures, pairs
from services.case_file.known import Gathered, Row
from services.case_file.words import moment, said
from shared.contract import names
from shared.contract.dates import day_in_words
from shared.contract.words import ArrivalDoubt, EntryCheck

_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_SIGNATURE = ("签名", "签字", "signature", "Signature")
_OF_ENTERPRISE = ("被检查", "单位", "企业", "当事人", "enterprise", "Enterprise")
_PRESENT = re.compile(r"(?:在场人|enterprise)[:：\s]+([^（）()]+)[）)]")
"""In the name of a signature's file: who it was of the enterprise, as the field app asks."""


def record_of_visits(case: Gathered, paths: dict[str, str]) -> Section:
    """The record of the visit, with what was taken there and who signed."""
    if not case.feedbacks:
        return Section(title="现场检查（勘察）笔录", blocks=[])
    last_round = max((one["round"] for one in case.assignments), default=0)
    team = [one for one in case.assignments if one["round"] == last_round]
    arrivals = sorted(one["arrived_at"] for one in team if one["arrived_at"] is not None)
    blocks: list[Block] = []
    for number, report in enumerate(case.feedbacks, 1):
        blocks += [Heading(text=f"第 {number} 次反馈")] if len(case.feedbacks) > 1 else []
        blocks += [
            pairs(
                ("被检查单位", f"{case.enterprise_name}（{case.case['enterprise_code']}）"),
                ("地址", case.enterprise["address"]),
                ("检查时间", "至".join(map(moment, (*arrivals[:1], report["received_at"])))),
                ("检查人员", "；".join(_inspector(case, one) for one in team)),
                ("入企扫码", _entry_checks(case, team)),
                ("到场存疑", _arrivals_in_doubt(case, team) if report is case.feedbacks[-1] else ""),
                ("现场情况", report["findings"]),
                ("处理措施", report["measures"]),
                ("处理结果", said(names.OUTCOMES, report["outcome"])),
                ("改正期限", _day(report["correct_by"])),
                ("观察期至", _day(report["observe_until"])),
                ("法律依据", report["legal_basis"]),
                ("案号", report["file_number"]),
                ("设备时间", moment(report["claimed_at"])),
            )
        ]
    taken = [file for file in case.attachments if file["added_role"] == "officer"]
    pictures = pictures_of([file for file in taken if not _is_signature(file)], paths)
    if pictures:
        blocks += [Heading(text="现场照片"), Pictures(pictures=pictures)]
    signed = [file for file in taken if _is_signature(file) and str(file["attachment_id"]) in paths]
    blocks += [Heading(text="签名"), Signatures(lines=_lines(case, team, signed, paths))]
    return Section(
        title="现场检查（勘察）笔录",
        subtitle="告知：检查人员不得少于两人，并应出示执法证件；当事人有权申请回避，并应如实回答、协助检查。",
        blocks=blocks,
    )


def _inspector(case: Gathered, assignment: Row) -> str:
    person = case.people.get(assignment["officer"], {"name": assignment["officer"], "certificate": None})
    part = "主办" if assignment["part"] == "lead" else "协办"
    return f"{person['name']}（{part}，执法证号 {person['certificate'] or '——'}）"


def _entry_checks(case: Gathered, team: Sequence[Row]) -> str:
    """What each officer's arrival said of the code at the gate, where the enterprise has one."""
    asked = [one for one in team if one["entry_check"] not in (None, EntryCheck.NOT_ASKED)]
    return "；".join(f"{_name(case, one)}：{said(names.ENTRY_CHECKS, one['entry_check'])}" for one in asked)


def _arrivals_in_doubt(case: Gathered, team: Sequence[Row]) -> str:
    """What a reviewer had to look at: the doubts that were recorded when each officer arrived."""
    recorded = {(one["detail"].get("officer"), one["at"]): one["detail"].get("doubts") for one in case.arrivals}
    found = []
    for one in team:
        doubts = recorded.get((one["officer"], one["arrived_at"]))
        if doubts is None and one["arrived_at"] is not None:
            doubts = _reckoned_doubts(case, one)
        if doubts:
            found.append(f"{_name(case, one)}：{'、'.join(said(names.ARRIVAL_DOUBTS, doubt) for doubt in doubts)}")
    return "；".join(found)


def _reckoned_doubts(case: Gathered, arrived: Row) -> list[ArrivalDoubt]:
    """The doubts of an arrival of which none were recorded: before November 2026 they were not looked for."""
    late = arrived["arrived_at"] > case.feedbacks[-1]["received_at"]
    doubts = [ArrivalDoubt.AFTER_REPORT] if late else []
    return doubts if arrived["position"] else [*doubts, ArrivalDoubt.NO_POSITION]


def _name(case: Gathered, assignment: Row) -> str:
    return str(case.people.get(assignment["officer"], {}).get("name", assignment["officer"]))


def _is_signature(file: Row) -> bool:
    return str(file["name"]).startswith(_SIGNATURE)


def _lines(case: Gathered, team: Sequence[Row], signed: Sequence[Row], paths: dict[str, str]) -> list[Signature]:
    """A line for each officer and for the enterprise, each with the signature that names it, else the next one."""
    team_names = [_name(case, one) for one in team]
    lines = [Signature(label=f"检查人员（{name}）") for name in team_names] + [
        Signature(label="被检查单位负责人或在场人")
    ]
    named = [*((name,) for name in team_names), _OF_ENTERPRISE]
    for file in signed:
        own = [line for line, words_ in zip(lines, named, strict=True) if any(one in file["name"] for one in words_)]
        free = next((line for line in (own or lines) if line.path is None), None)
        if free is None:
            free = Signature(label="签名")
            lines.append(free)
            named.append(())
        if (present := _PRESENT.search(file["name"])) and own:
            free.label = f"被检查单位负责人或在场人（{present[1].strip()}）"
        free.path, free.at = paths[str(file["attachment_id"])], moment(file["claimed_at"] or file["added_at"])
    return lines


def pictures_of(files: Sequence[Row], paths: dict[str, str]) -> list[Picture]:
    """The photographs among the files, as far as they are in the bundle."""
    return [
        Picture(
            path=paths[str(file["attachment_id"])],
            caption=f"{file['name']}  {moment(file['claimed_at'] or file['added_at'])}",
        )
        for file in files
        if file["media_type"] in _IMAGES and str(file["attachment_id"]) in paths
    ]


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.year}年{day_in_words(day).zh}"
