"""What waits for people is named as people name it."""

from services.console.domain.work import named
from shared.contract.events import Bilingual

CODE = "91440306MA50000093"
SUMMARY = Bilingual(zh=f"{CODE}的案件中止计时", en=f"pause a case of {CODE}")


def test_a_proposal_names_the_enterprise_with_its_code() -> None:
    assert named(SUMMARY, "蓝天电镀厂", CODE) == Bilingual(
        zh=f"蓝天电镀厂（{CODE}）的案件中止计时", en=f"pause a case of 蓝天电镀厂 ({CODE})"
    )


def test_one_without_a_name_stays_as_it_is() -> None:
    assert named(SUMMARY, CODE, CODE) == SUMMARY
    assert named(SUMMARY, "2026-W48", None) == SUMMARY
