"""docs/architecture.md names modules that are there, and follows a red alert through few of them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_module_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:services|shared|tests)/[\w/]+(?:\.py|/))`", PAGE))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_walk_of_a_red_alert_stays_in_fewer_modules_than_the_flat_layout_asked_for() -> None:
    walk = re.findall(r"^\| (\d+) \| `([^`]+)` \|", PAGE, flags=re.MULTILINE)
    assert [int(number) for number, _ in walk] == list(range(1, len(walk) + 1))
    assert len({module for _, module in walk}) == len(walk) < 33
