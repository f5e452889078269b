"""A code is one code, however a person, a platform or a spreadsheet writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.codes import normalised
from shared.contract.events import EnterpriseReference, OutletReference
from shared.contract.principal import Principal
from shared.contract.roles import Role

CODE = "91440306MA5000001A"


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        f"  {CODE}\t",
        f"\u3000{CODE}\u3000",
        f"\ufeff{CODE}",
        "９１４４０３０６ＭＡ５０００００１Ａ",
        "９１４４０３０６ｍａ５０００００１ａ",
        f'="{CODE}"',
        f'="{CODE.lower()}" ',
        f"'{CODE}",
        f"\u2019{CODE}",
        f"＇{CODE}",
        f"""="'{CODE}" """,
        f"""'="{CODE}\"""",
    ],
)
def test_one_code_written_in_many_ways(written: str) -> None:
    assert normalised(written) == CODE
    assert EnterpriseReference(code=written).code == CODE
    assert Principal(role=Role.ENTERPRISE, subject=written).own_enterprises == (CODE,)
    assert Principal(role=Role.ENTERPRISE, subject="x", enterprises=(written,)).own_enterprises == (CODE,)
    assert Principal(role=Role.OFFICER, subject="x", enterprise=written).is_of(written.lower())


def test_outlets_too() -> None:
    assert OutletReference(mn=" a440306000001 ", code="ｄａ００１").model_dump(include={"mn", "code"}) == {
        "mn": "A440306000001",
        "code": "DA001",
    }


@pytest.mark.parametrize("blank", ["", "  ", "'", '=""', "\u3000"])
def test_nothing_is_no_code(blank: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EnterpriseReference(code=blank)


@given(st.text(max_size=40))
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once


@given(st.from_regex(r"[0-9A-Z]{1,18}", fullmatch=True))
def test_a_proper_code_stays_as_it_is(code: str) -> None:
    assert normalised(code) == code
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)
    assert normalised(wide) == normalised(wide.lower()) == code
