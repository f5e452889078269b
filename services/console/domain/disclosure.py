"""The disclosure table of the console (信息公开表): its routes are the bureau's alone, so it has few lines. Pure.

Which cases and alerts are there for whom is in `store/reach.py`.
"""

from shared.contract.disclosure import EVERYONE, Table

TABLE: Table = {
    "ClockAnswer": EVERYONE,
    # What a caller is told of the caller.
    "Me": EVERYONE,
    "OwnEnterprise": EVERYONE,
    "Health": EVERYONE,
}
