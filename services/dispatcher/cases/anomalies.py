"""What the alert of a case found, and where to go: read with the case, for its events, notices and assignments."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, lateral, null, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from services.dispatcher import tables


class AnomalyColumns:
    """The columns of an alert of a case, where `alerts` are `case_alerts` and `enterprises` master data, or aliases.

    What the event says of its outlet goes before what master data say, which fill in the rest.
    """

    def __init__(self, alerts: FromClause, enterprises: FromClause) -> None:
        outlets, self._enterprises, self._alert = tables.outlets.c, enterprises, alerts.c.alert
        code, mn = self._alert["outlet"]["code"].astext, self._alert["outlet"]["mn"].astext
        named = select(outlets.code, outlets.mn, outlets.name, outlets.medium, outlets.longitude, outlets.latitude)
        self.outlet = lateral(
            named.where(outlets.enterprise_code == alerts.c.enterprise_code)
            .where(or_(outlets.code == code, outlets.mn == mn))
            # One of several goes by the number in the permit, and rather one whose position is known.
            .order_by(outlets.longitude.is_(None), outlets.code.is_distinct_from(code), outlets.code)
            .limit(1)
            .correlate(alerts)
        )
        """To be joined from `alerts` by an outer join on `true`."""

    @property
    def position(self) -> ColumnElement[Any]:
        """Where to go, as `SitePosition`."""
        at_outlet, at_enterprise = (
            case((place.c.longitude.is_not(None), func.jsonb_build_object(*_place(place), "of", of)), else_=None)
            for place, of in ((self.outlet, "outlet"), (self._enterprises, "enterprise"))
        )
        return func.coalesce(at_outlet, at_enterprise, type_=JSONB)

    @property
    def anomaly(self) -> dict[str, ColumnElement[Any]]:
        """By name, what `Anomaly` holds; SQL nulls where there is no alert."""
        alert, known = self._alert, self.outlet.c
        in_master = func.jsonb_build_object(
            *("code", known.code, "mn", known.mn, "name", known.name, "medium", known.medium), type_=JSONB
        )
        outlet = func.jsonb_strip_nulls(in_master, type_=JSONB).op("||")(func.jsonb_strip_nulls(alert["outlet"]))
        names = alert["category_name"]
        category = func.jsonb_build_object(
            *("code", alert["category"], "zh", names["zh"], "en", names["en"]), type_=JSONB
        )
        return {
            "category": case((alert.is_not(null()), category), else_=None),
            "outlet": outlet,
            "reason": alert["grading"]["reason"],
            **{name: alert[name] for name in ("pollutant", "observed", "limit", "unit")},
        }

    def joined(self, source: FromClause) -> FromClause:
        """`source`, which has the alerts, with the outlet of each."""
        return source.outerjoin(self.outlet, true())


def own_alert(cases: FromClause, alerts: FromClause) -> ColumnElement[bool]:
    """The condition for the alert that opened a case, among those it has."""
    return and_(alerts.c.case_id == cases.c.case_id, alerts.c.alert_id == cases.c.alert_id)


def _place(source: FromClause) -> Sequence[Any]:
    return ("longitude", source.c.longitude, "latitude", source.c.latitude)
