"""The code at an enterprise's gate: what counts of what was scanned, and what an arrival says of it."""

import pytest

from services.dispatcher.domain.entry_codes import check, code_in, hashed
from shared.contract.words import EntryCheck

ENTERPRISE = "91440306MA5000001W"


@pytest.mark.parametrize(
    "scanned",
    [
        "gate-7K3Q",
        " GATE-7K3Q\n",
        "ＧＡＴＥ－７Ｋ３Ｑ",
        "https://example.com/e/gate-7k3q",
        "https://example.com/e/GATE-7K3Q/?from=qr#top",
    ],
)
def test_of_an_address_the_last_part_counts_and_of_a_code_neither_width_nor_case(scanned: str) -> None:
    assert code_in(scanned) == "GATE-7K3Q"


def test_what_is_kept_is_not_the_code_and_another_for_each_enterprise() -> None:
    kept = hashed(ENTERPRISE, "gate-7K3Q")
    assert "7K3Q" not in kept.upper()
    assert kept != hashed("91440306MA5000002W", "gate-7K3Q")


@pytest.mark.parametrize(
    ("has_code", "scanned", "said"),
    [
        (False, None, EntryCheck.NOT_ASKED),
        (False, "gate-7K3Q", EntryCheck.NOT_ASKED),
        (True, None, EntryCheck.NOT_SCANNED),
        (True, "https://", EntryCheck.NOT_SCANNED),
        (True, "gate-7k3q", EntryCheck.MATCHED),
        (True, "gate-7K3R", EntryCheck.NOT_MATCHED),
    ],
)
def test_an_arrival_says_of_the_code(has_code: bool, scanned: str | None, said: EntryCheck) -> None:
    kept = hashed(ENTERPRISE, "gate-7K3Q") if has_code else None
    assert check(ENTERPRISE, kept, scanned) is said
