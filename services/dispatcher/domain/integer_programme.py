"""An integer programme of variables from 0 to 1, solved by HiGHS. Pure.

A module of its own, so that only who solves one waits for SciPy: half a second of every start otherwise.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

_WHOLE = 1e-6
"""How far from a whole number the solver takes a variable for one."""
Row = tuple[dict[int, float], float, float]
"""A constraint: factors by variable, and the least and the most that their sum may be."""


def least(
    costs: Sequence[float], integral: int, rows: Sequence[Row], *, seconds: float, gap: float
) -> Sequence[float] | None:
    """The variables at which their costs sum up to the least; None where none were found in time.

    The first `integral` variables are 0 or 1. `gap` is how far from the least, as a part of it, is good enough.

    First they may be anything between: where the least is at zeros and ones all the same, as for nearly every batch of
    teams, no search is needed, which takes six times as long however small the programme is.
    """
    limits = _constraint(rows, len(costs))
    for whole in (0, integral):
        solved = milp(
            np.array(costs),
            integrality=np.array([1] * whole + [0] * (len(costs) - whole)),
            bounds=Bounds(0, 1),
            constraints=limits,
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        if solved.x is not None and (whole or _is_whole(solved.x[:integral])):
            return list(solved.x)
    return None


def _is_whole(variables: "np.ndarray[Any, Any]") -> bool:
    return bool(np.all(np.abs(variables - np.rint(variables)) < _WHOLE))


def _constraint(rows: Sequence[Row], width: int) -> LinearConstraint:
    values = [value for row, _, _ in rows for value in row.values()]
    columns = [column for row, _, _ in rows for column in row]
    starts = np.cumsum([0, *(len(row) for row, _, _ in rows)])
    matrix = csr_array((values, columns, starts), shape=(len(rows), width))
    return LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])
