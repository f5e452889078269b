"""The board: what the topics have told so far, as a person watches it."""

from collections import Counter, deque
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from shared.contract.events import (
    ALERT_DISMISSED,
    ALERT_GRADED,
    ALERT_REGRADED,
    AUDIT_FAILED,
    CONSUMER_BRAKED,
    CONSUMER_STALLED,
    DEAD_LETTER_WAITING,
    DRAW_COMMITTED,
    DRAW_PUBLISHED,
    MILESTONE_MISSED,
    PROPOSAL_DECIDED,
    PROPOSAL_OPENED,
    CaseKind,
    CaseType,
    DeadlineType,
    Level,
    ProposalState,
)
from shared.contract.notices import NOTICE_DELIVERED, NOTICE_UNDELIVERED
from shared.contract.platforms import PLATFORM_HEARD, PLATFORM_SILENT
from shared.time.instants import SHANGHAI

_COLOURS = {Level.WHITE: "white", Level.YELLOW: "yellow", Level.RED: "red"}
_WORDS: dict[str, str] = {
    ALERT_GRADED: "预警分级 graded",
    ALERT_REGRADED: "重新分级 regraded",
    ALERT_DISMISSED: "撤销 dismissed",
    CaseType.OPENED: "立案 case opened",
    CaseType.ASSIGNED: "派单 assigned",
    CaseType.ACCEPTED: "签收 accepted",
    CaseType.DECLINED: "退回派单 declined",
    CaseType.DEPARTED: "出发 departed",
    CaseType.ARRIVED: "到场 arrived",
    CaseType.SELF_REPORTED: "自查反馈 self-reported",
    CaseType.FEEDBACK_SUBMITTED: "办理反馈 feedback",
    CaseType.RETURNED: "退回 returned",
    CaseType.APPROVED: "审核通过 approved",
    CaseType.CLOSED: "办结 closed",
    CaseType.REASSIGNED: "改派 reassigned",
    CaseType.MERGED: "并入 joined",
    CaseType.UNMERGED: "分出 parted",
    CaseType.WITHDRAWN: "收回派单 withdrawn",
    CaseType.HANDED_OVER: "交接 handed over",
    DeadlineType.STARTED: "计时 clock started",
    DeadlineType.WARNED: "临期 warned",
    DeadlineType.MISSED: "逾期 missed",
    DeadlineType.MET: "按期 met",
    DeadlineType.ESCALATED: "督办升级 escalated",
    DeadlineType.MOVED: "时限变更 moved",
    DeadlineType.UNANSWERED: "一日未反馈 unanswered",
    MILESTONE_MISSED: "内部时限逾期 late",
    DRAW_COMMITTED: "抽查承诺 draw committed",
    DRAW_PUBLISHED: "抽查公开 draw published",
    NOTICE_UNDELIVERED: "通知未送达 not received",
    NOTICE_DELIVERED: "通知送达 received",
    PLATFORM_SILENT: "平台静默 silent",
    PLATFORM_HEARD: "平台恢复 heard again",
    PROPOSAL_OPENED: "提请 proposed",
    PROPOSAL_DECIDED: "审批 decided",
    AUDIT_FAILED: "稽核发现 found amiss",
    DEAD_LETTER_WAITING: "死信待办 letter waits",
    CONSUMER_BRAKED: "停止接收 stopped",
    CONSUMER_STALLED: "接收停滞 stalled",
}
PROMISES = (
    "白色提醒已发出 a white reminder sent",
    "黄色按期反馈 a yellow case answered in time",
    "黄色逾期 a yellow case overdue",
    "红色派单 a red case assigned",
    "红色签收 … accepted",
    "红色到场 … visited",
    "红色反馈 … reported",
    "红色两人到场，审核通过 … approved, two officers having been at the door",
    "自查反馈抽中现场核查 a self-report drawn, to be verified on site",
    "延长时限由另一人批准 more time proposed by one, confirmed by another",
    "红色逾期升级至所长 a red case escalated to the station chief",
    "升级至执法科 … to the enforcement section",
    "升级至分管领导 … to the district leader",
)
_RED_STEPS = {
    CaseType.ASSIGNED: PROMISES[3],
    CaseType.ACCEPTED: PROMISES[4],
    CaseType.ARRIVED: PROMISES[5],
    CaseType.FEEDBACK_SUBMITTED: PROMISES[6],
    CaseType.APPROVED: PROMISES[7],
}
_RED_RUNGS = {"station_chief": PROMISES[10], "section": PROMISES[11], "leader": PROMISES[12]}


class Board:
    """Counts and remembers events; `kept` collects the promises seen to be kept."""

    def __init__(self, addresses: dict[str, str], pages: str, found: str) -> None:
        self._addresses, self._pages, self._found = addresses, pages, found
        self._counts: Counter[str] = Counter()
        self._lines: deque[Text] = deque(maxlen=200)
        self.kept: set[str] = set()

    def hear(self, event: dict[str, Any]) -> Text:
        """Take an event of any topic; answer its line."""
        kind, data = event["type"], event["data"]
        level = data.get("level")  # what is told of the system itself, of a dead letter say, has none
        self._counts[f"{level} {kind}"] += 1
        self._keep(kind, level, data)
        detail = (
            data.get("step")
            or data.get("reason")
            or (data.get("grading") or {}).get("rule")
            or "、".join(member["name"] for member in data.get("team", []))
            or (data["detail"] if level is None and "detail" in data else "")
        )
        if isinstance(detail, dict):
            detail = detail["zh"]
        enterprise = data.get("enterprise_code") or (data.get("enterprise") or {}).get("code") or ""
        recipients = "→ " + ", ".join(one["role"] for one in data["recipients"]) if data.get("recipients") else ""
        line = Text.assemble(
            (datetime.fromisoformat(event["time"]).astimezone(SHANGHAI).strftime("%m-%d %H:%M "), "dim"),
            (f"● {level or '':<7}", _COLOURS[Level(level)] if level else "magenta"),  # a word where there is no colour
            (f"{_WORDS.get(kind, kind):<26}", "bold"),
            f" …{enterprise[-6:]} {detail} {recipients}",
        )
        self._lines.append(line)
        return line

    def reminded(self, sent: bool) -> None:
        """Whether a white reminder is recorded as sent."""
        if sent:
            self.kept.add(PROMISES[0])

    def _keep(self, kind: str, level: str | None, data: dict[str, Any]) -> None:
        if kind == PROPOSAL_DECIDED and data["state"] == ProposalState.CONFIRMED:
            self.kept.add(PROMISES[9])
        elif kind == CaseType.OPENED and data["kind"] == CaseKind.VERIFICATION and "抽中" in (data["reason"] or ""):
            self.kept.add(PROMISES[8])
        if level == Level.YELLOW and data.get("kind") == "self_report":
            if kind == DeadlineType.MET:
                self.kept.add(PROMISES[1])
            elif kind == DeadlineType.MISSED:
                self.kept.add(PROMISES[2])
        elif level == Level.RED:
            if kind in _RED_STEPS:
                self.kept.add(_RED_STEPS[CaseType(kind)])
            elif kind == DeadlineType.ESCALATED:
                self.kept |= {_RED_RUNGS[one["role"]] for one in data["recipients"] if one["role"] in _RED_RUNGS}

    def render(self, now: datetime, factor: float, height: int) -> RenderableType:
        """The whole board, for a terminal `height` lines high."""
        clock = now.astimezone(SHANGHAI).strftime("%Y-%m-%d %A %H:%M")
        head = Text.assemble(("三色预警响应 Tricolor  ", "bold"), clock, (f"  ×{factor:,.0f}  ", "dim"), self._found)
        head.append("\n在浏览器打开 · open in a browser  ").append(self._pages, "bold underline")
        addresses = "  ".join(f"[bold]{name}[/] {value}" for name, value in self._addresses.items())
        columns = Table.grid(expand=True, padding=(0, 1))
        columns.add_column(ratio=5)
        columns.add_column(ratio=3)
        rows = max(8, height - 9)
        columns.add_row(
            Panel(Group(*list(self._lines)[-rows:]), title="事件 events", height=rows + 2),
            Group(Panel(self._counted(), title="统计 counts"), Panel(self._promises(), title="看点 to be seen")),
        )
        return Group(Panel(head), columns, Text.from_markup(addresses, overflow="fold"))

    def _counted(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_row("", *(Text(level, _COLOURS[level]) for level in Level))
        for word, kind in (
            ("预警 alerts", ALERT_GRADED),
            ("立案 opened", CaseType.OPENED),
            ("办结 closed", CaseType.CLOSED),
            ("逾期 missed", DeadlineType.MISSED),
            ("升级 escalated", DeadlineType.ESCALATED),
        ):
            table.add_row(word, *(str(self._counts[f"{level} {kind}"]) for level in Level))
        return table

    def _promises(self) -> Group:
        return Group(*(Text(f"{'✔' if one in self.kept else '·'} {one}") for one in PROMISES))
