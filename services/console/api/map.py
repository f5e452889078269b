"""The route of the map: enterprises and stations as GeoJSON (RFC 7946), in WGS 84."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel

from services.console.store import map as places
from services.console.store.reach import asked_station
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.routes import Routes
from shared.web.scope import Caller


class Point(BaseModel):
    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class Place(BaseModel):
    """An enterprise with its open cases, or a station; `due_at` is when the first of them is due."""

    of: Literal["enterprise", "station"]
    code: str
    name: str | None
    station: str | None = None
    open: int = 0
    overdue: int = 0
    red: int = 0
    yellow: int = 0
    due_at: Instant | None = None


class Feature(BaseModel):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Point
    properties: Place


class FeatureCollection(BaseModel):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]


def router(database: Database) -> Routes:
    routes = Routes(tags=["map"])

    @routes.get("/v1/map")
    async def read_map(
        caller: Caller,
        station: str | None = None,
        everyone: Annotated[bool, Query(alias="all", description="enterprises without open cases too")] = False,
    ) -> FeatureCollection:
        """地图 · Where there are open cases, and the stations; what has no position is not on it."""
        of = asked_station(caller, station)
        async with database.transaction() as connection:
            enterprises = await places.enterprises(connection, of, everyone=everyone)
            stations = await places.stations(connection, of)
        return FeatureCollection(
            features=[
                *(_feature(row, Place(of="station", code=row.code, name=row.name)) for row in stations),
                *(_feature(row, Place.model_validate({"of": "enterprise", **row._mapping})) for row in enterprises),
            ]
        )

    return routes


def _feature(row: Any, place: Place) -> Feature:
    point = Point(coordinates=(row.longitude, row.latitude))
    return Feature(id=f"{place.of}:{place.code}", geometry=point, properties=place)
