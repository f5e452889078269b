"""Writing the file of a case in Chinese: notice, grade, deadline, team, on-site record, report, review, index. Pure."""

from collections.abc import Sequence
from datetime import datetime

from services.case_file import words
from services.case_file.deadlines import deadlines
from services.case_file.document import (
    Block,
    Document,
    Heading,
    Paragraph,
    Pictures,
    Section,
    grid,
    pairs,
)
from services.case_file.known import Gathered, Row
from services.case_file.on_site_record import pictures_of, record_of_visits
from services.case_file.words import moment, said, stamp
from shared.contract import names
from shared.time.instants import instant_of


def written(
    case: Gathered, seal: str, paths: dict[str, str], proofs: Sequence[tuple[str, str]], now: datetime
) -> Document:
    """The whole file. `paths` are those of the attachments in the bundle, `proofs` what is known of the evidence."""
    row = case.case
    sections = [
        _notices(case),
        _grades(case),
        deadlines(case),
        _team(case),
        record_of_visits(case, paths),
        _self_report(case, paths),
        _review(case),
        _course(case),
        _files(case),
        _evidence(proofs),
    ]
    return Document(
        title="生态环境预警响应执法案卷",
        number=str(row["case_id"]),
        cover=[
            ("案件编号", str(row["case_id"])),
            ("排污单位", case.enterprise_name),
            ("统一社会信用代码", row["enterprise_code"]),
            ("预警级别", f"{said(names.LEVELS, row['level'])}预警"),
            ("案件类型", said(names.KINDS, row["kind"])),
            ("承办单位", case.station or "执法科"),
            ("立案时间", moment(row["opened_at"])),
            ("办结时间", moment(row["closed_at"]) or f"在办（{names.state_name(row['state'], row['kind']).zh}）"),
            ("办理结果", said(names.OUTCOMES, row["outcome"]) or "—"),
            ("案卷制作", moment(now)),
        ],
        seal=seal,
        sections=[section for section in sections if section.blocks],
    )


def _notices(case: Gathered) -> Section:
    """What was told to the enterprise, and the proof that it arrived."""
    blocks: list[Block] = []
    own = [notice for notice in case.notices if notice["recipient_kind"] == "enterprise"]
    for notice in own:
        blocks += [
            Heading(text=notice["subject"]["zh"]),
            Paragraph(text=notice["body"]["zh"]),
            pairs(
                ("受送达人", f"{case.enterprise_name}（{notice['recipient']}）"),
                ("制发时间", moment(notice["created_at"])),
                ("发出时间", moment(notice["sent_at"])),
                ("送达时间", moment(notice["delivered_at"]) or "尚未送达"),
                ("送达方式", said(words.DELIVERY, notice["delivered_by"])),
                ("查阅时间", moment(notice["seen_at"])),
                ("签收时间", moment(notice["acknowledged_at"])),
                ("见证人", (notice["receipt"] or {}).get("witness")),
            ),
        ]
    others = [notice for notice in case.notices if notice["recipient_kind"] != "enterprise"]
    if others:
        rows = [
            [
                notice["subject"]["zh"],
                said(names.ROLES, notice["recipient"])
                if notice["recipient_kind"] == "role"
                else case.named(notice["recipient"]),
                stamp(notice["sent_at"]),
                stamp(notice["delivered_at"]),
            ]
            for notice in others
        ]
        blocks += [
            Heading(text="内部通知"),
            grid(["事由", "受通知人", "发出", "送达"], [0.34, 0.22, 0.22, 0.22], rows),
        ]
    return Section(title="预警通知及送达", subtitle="送达回证" if own else "", blocks=blocks)


def _grades(case: Gathered) -> Section:
    """Why the alerts were graded as they are."""
    blocks: list[Block] = []
    for alert in case.alerts:
        grading, outlet, pollutant = alert["grading"], alert["outlet"], alert.get("pollutant") or {}
        unit = alert.get("unit") or ""
        window = alert.get("window") or {}
        blocks += [
            Heading(text=f"{said(names.LEVELS, alert['level'])}预警：{alert['category_name']['zh']}"),
            pairs(
                ("预警编号", str(alert["alert_id"])),
                ("排放口", "，".join(filter(None, (outlet.get("name"), outlet.get("code"), outlet.get("mn"))))),
                ("监测因子", pollutant.get("name") or pollutant.get("code")),
                (
                    "监测时段",
                    "至".join(moment(instant_of(one)) for one in (window.get("start"), window.get("end")) if one),
                ),
                ("监测值", _amount(alert.get("observed"), unit)),
                ("标准限值", _amount(alert.get("limit"), unit)),
                ("接收时间", moment(instant_of(alert["received_at"]))),
                ("发布时间", moment(instant_of(alert["issued_at"]))),
                ("判定理由", grading["reason"]["zh"]),
                ("判定规则", f"{grading['rule']}（规则库 {grading['rule_book_version']}）"),
                ("规则依据", grading.get("source") or ("工作方案原文" if grading["stated"] else "推定")),
                ("存疑", "；".join(doubt["zh"] for doubt in alert.get("doubts", []))),
            ),
        ]
        considered = [
            [said(names.LEVELS, one["level"]), one["name"]["zh"], one["zh"]] for one in grading.get("considered", [])
        ]
        if considered:
            blocks += [
                Paragraph(text="未适用更严规则的理由：", small=True),
                grid(["级别", "规则", "理由"], [0.1, 0.32, 0.58], considered),
            ]
    return Section(title="预警分级依据", blocks=blocks)


def _amount(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.12g} {unit}".strip()


def _team(case: Gathered) -> Section:
    """Who was given the case, and why these two."""
    if not case.assignments:
        return Section(title="派单说明", blocks=[])
    rows = [
        [
            str(one["round"]),
            case.named(one["officer"]),
            "主办" if one["part"] == "lead" else "协办",
            stamp(one["offered_at"]),
            stamp(one["accepted_at"]),
            stamp(one["arrived_at"]),
        ]
        for one in case.assignments
    ]
    blocks: list[Block] = [
        grid(["轮次", "人员", "分工", "派单", "签收", "到场"], [0.07, 0.23, 0.09, 0.2, 0.2, 0.21], rows)
    ]
    explanation = case.assignments[-1]["explanation"]
    candidates = [
        [
            case.named(one["officer"]),
            "派出" if one["chosen"] else "",
            f"{one['points']:g}",
            str(one["open_cases"]),
            one["reason"]["zh"],
        ]
        for one in explanation.get("candidates", [])
    ]
    if candidates:
        blocks += [
            Paragraph(
                text=f"最近一次派单的比较（派单策略 {explanation['policy_version']}，总分低者优先）：", small=True
            ),
            grid(["人员", "结果", "得分", "在办", "理由"], [0.24, 0.09, 0.09, 0.08, 0.5], candidates),
        ]
    return Section(title="派单说明", blocks=blocks)


def _self_report(case: Gathered, paths: dict[str, str]) -> Section:
    blocks: list[Block] = []
    for report in case.self_reports:
        blocks += [
            Heading(text="阶段性反馈" if report["interim"] else "自查反馈"),
            pairs(
                ("反馈单位", f"{case.enterprise_name}（{case.case['enterprise_code']}）"),
                ("提交人", report["submitted_by"]),
                ("收到时间", moment(report["received_at"])),
                ("异常原因", report["cause"]),
                ("整改措施", report["measures"]),
                ("整改完成时间", moment(report["finished_at"])),
                ("计划完成时间", moment(report["planned_end"])),
            ),
        ]
    pictures = pictures_of([file for file in case.attachments if file["added_role"] == "enterprise"], paths)
    if blocks and pictures:
        blocks += [Heading(text="所附照片"), Pictures(pictures=pictures)]
    return Section(title="企业自查反馈", blocks=blocks)


_REVIEWS = ("approved", "returned", "interim_accepted", "closed", "truth_check", "file_number_recorded")


def _review(case: Gathered) -> Section:
    rows = [
        [words.step(one["type"]), _actor(case, one), stamp(one["at"]), one["reason"]]
        for one in case.timeline
        if one["type"].removesuffix(".v1").rpartition(".")[2] in _REVIEWS
    ]
    blocks: list[Block] = [grid(["事项", "审核人", "时间", "意见"], [0.2, 0.24, 0.26, 0.3], rows)] if rows else []
    if case.case["outcome"] is not None:
        outcome = said(names.OUTCOMES, case.case["outcome"])
        blocks.append(pairs(("办理结果", outcome), ("办结时间", moment(case.case["closed_at"]))))
    return Section(title="审核意见", blocks=blocks)


def _actor(case: Gathered, entry: Row) -> str:
    role = said(names.ROLES, entry["actor_role"])
    return role if entry["actor_role"] == "system" else f"{role} {case.named(entry['actor_subject'])}"


def _course(case: Gathered) -> Section:
    rows = [
        [
            stamp(one["at"]),
            words.step(one["type"]),
            _actor(case, one),
            one["reason"] or str(one["detail"].get("name", "")),
            names.state_name(one["state"], case.case["kind"]).zh,
        ]
        for one in case.timeline
    ]
    table = grid(["时间", "事项", "人员", "说明", "状态"], [0.2, 0.18, 0.24, 0.24, 0.14], rows)
    return Section(title="办理经过", blocks=[table] if rows else [])


def _files(case: Gathered) -> Section:
    rows = [
        [
            str(number),
            file["name"],
            f"{said(names.ROLES, file['added_role'])} {case.named(file['added_by'])}",
            stamp(file["added_at"]),
            f"{file['size']:,}",
            file["sha256"],
        ]
        for number, file in enumerate(case.attachments, 1)
    ]
    table = grid(
        ["序号", "名称", "提交人", "收到时间", "字节", "SHA-256"], [0.08, 0.18, 0.18, 0.14, 0.1, 0.32], rows, code=[5]
    )
    return Section(title="附件清单", blocks=[table] if rows else [])


def _evidence(proofs: Sequence[tuple[str, str]]) -> Section:
    """How to prove that this file is what happened."""
    return Section(
        title="存证与核验",
        blocks=[
            Paragraph(
                text="本案每一事项在发生时即写入只增不改的记录：何人、何时、何地、凭何登录、依据何版本，并含文件的散列值。"
                "同一案件的记录逐条记载前一条的散列值；各案之首定期归入 Merkle 树（RFC 6962），"
                "树根经签名后送出数据库之外保存。"
                "随附电子卷宗中的 verify.py 只需 Python 和公钥即可核验全部记录、签名和文件。"
            ),
            grid(["项目", "内容"], [0.3, 0.7], [list(row) for row in proofs], code=[1]),
        ],
    )
