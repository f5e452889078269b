"""The list (汇总) of what goes to one person about several cases. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.dispatcher.notices.wording.phrases import text
from shared.contract.events import Bilingual


@dataclass(frozen=True)
class Matter:
    """A notice about a case, as it would have gone alone, in a list."""

    purpose: str
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID
    subject: Bilingual
    body: Bilingual


def digest(matters: Sequence[Matter]) -> tuple[Bilingual, Bilingual]:
    """The subject and body of a list of several matters, which names each case with its number."""
    cases = len({matter.case_id for matter in matters})
    counted = text(f"{cases}起案件", f"{cases} cases" if cases > 1 else "1 case")
    subject = text(f"【汇总】{counted.zh}待您关注", f"[Digest] {counted.en} for your attention")
    lines = [_line(number, matter) for number, matter in enumerate(matters, 1)]
    opening = text(
        f"下列{counted.zh}请逐一处理，详情见各案件页面。",
        f"Please look at each of these matters of {counted.en}; the cases have the details.",
    )
    return subject, text(
        "\n".join([opening.zh, *(line.zh for line in lines)]), "\n".join([opening.en, *(line.en for line in lines)])
    )


def _line(number: int, matter: Matter) -> Bilingual:
    return text(
        f"{number}. {matter.subject.zh}（案件编号：{matter.case_id}）",
        f"{number}. {matter.subject.en} (case {matter.case_id})",
    )
