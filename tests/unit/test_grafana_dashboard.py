"""The dashboard file shows metrics that the services have, and nothing else."""

import json
import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_DASHBOARD = _ROOT / "docs" / "operations" / "grafana-dashboard.json"


def test_every_metric_of_the_dashboard_is_one_of_ours() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for room in ("services", "shared") for path in (_ROOT / room).rglob("*.py")
    )
    panels = json.loads(_DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = {name for panel in panels for one in panel["targets"] for name in re.findall(r"tricolor_\w+", one["expr"])}
    assert len(panels) == len({panel["id"] for panel in panels})
    assert [name for name in sorted(asked) if f'"{name}"' not in code] == []
