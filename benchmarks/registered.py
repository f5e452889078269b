"""The sample district known to the intake, as it is once master data were imported: else every grade is in doubt."""

from sqlalchemy import text

from services.sample.district import district
from shared.storage.database import Database


async def register(database: Database) -> None:
    """Have every enterprise and outlet of the sample registered in the intake's schema, which is there and empty."""
    enterprises = district().enterprises
    async with database.autocommit() as connection:
        await connection.execute(
            text("""
                insert into ingest.enterprises (code, classification, station, registered_at)
                values (:code, :classification, :station, now())
            """),
            [{"code": one.code, "classification": one.classification, "station": one.station} for one in enterprises],
        )
        await connection.execute(
            text("insert into ingest.outlets (mn, enterprise_code, registered_at) values (:mn, :code, now())"),
            [{"mn": outlet.mn, "code": one.code} for one in enterprises for outlet in one.outlets],
        )
        await connection.execute(text("analyze ingest.enterprises, ingest.outlets"))
