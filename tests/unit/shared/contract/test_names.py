"""What codes are called: every code has a name, and the apps say the same words as the services."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.contract import names
from shared.contract.events import Bilingual, CaseKind, Level
from shared.contract.roles import Role
from shared.contract.words import CaseState, DecisiveOutcome, EntryCheck

APPS = (Path(__file__).parents[4] / "web/shared/words/index.ts").read_text()
NAMED = {
    "const levels = ": names.LEVELS,
    "const roles: Record<Role, Bilingual> = ": names.ROLES,
    "export const kindName = name(": names.KINDS,
    "const states: Named = ": names.STATES,
    "export const outcomeName = name(": names.OUTCOMES,
    "export const entryCheckName = name(": names.ENTRY_CHECKS,
    "  self_report: ": names.STATES_BY_KIND[CaseKind.SELF_REPORT],
    "  marking: ": names.STATES_BY_KIND[CaseKind.MARKING],
}


def test_every_code_of_the_contract_has_a_name() -> None:
    assert set(Level) == set(names.LEVELS)
    assert set(CaseKind) == set(names.KINDS)
    assert set(CaseState) == set(names.STATES)
    assert {*Role, "system"} == set(names.ROLES)
    assert set(EntryCheck) == set(names.ENTRY_CHECKS)
    assert set(DecisiveOutcome) <= set(names.ON_SITE_OUTCOMES)


@pytest.mark.parametrize("written_after", NAMED)
def test_the_apps_call_a_code_what_the_services_call_it(written_after: str) -> None:
    """But for a capital, which a label of a screen has in English and a cell of a table has not."""
    assert apps_names(written_after) == {code: (name.zh, name.en) for code, name in NAMED[written_after].items()}


def apps_names(written_after: str) -> Mapping[str, tuple[str, str]]:
    _, _, rest = APPS.partition(f"{written_after}{{")
    block = rest[: rest.index("}")]
    found = re.findall(r'(\w+): text\("([^"]+)", "([^"]+)"\)', block)
    return {code: (zh, en[0].lower() + en[1:]) for code, zh, en in found}


def test_the_kind_of_a_case_says_more_exactly_what_it_stands_at() -> None:
    assert names.state_name("open", CaseKind.SELF_REPORT).zh == "待企业反馈"
    assert names.state_name("open", CaseKind.ON_SITE).zh == "待派单"
    assert names.state_name("of-the-bureau", CaseKind.ON_SITE) == Bilingual(zh="of-the-bureau", en="of-the-bureau")
