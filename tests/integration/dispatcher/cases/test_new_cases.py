"""New cases are made of what was stored, and not read again: they are what whoever reads them later would find."""

from dataclasses import asdict

import pytest
from sqlalchemy import insert

from services.dispatcher import tables
from services.dispatcher.cases.opening import Opening, insert_all
from services.dispatcher.cases.store import lock
from shared.contract.events import CaseKind
from tests.integration.dispatcher.bureau import ENTERPRISE, STATION, Bureau


@pytest.mark.parametrize("in_master_data", [True, False])
@pytest.mark.parametrize("kind", [CaseKind.SELF_REPORT, CaseKind.ON_SITE])
async def test_a_new_case_is_what_is_read_of_it(bureau: Bureau, kind: CaseKind, *, in_master_data: bool) -> None:
    alerts = [bureau.alert("red", outlet={"code": code, "medium": "gas"}) for code in ("DA001", "DA001", "DA009")]
    async with bureau.units.open() as work:
        if in_master_data:
            outlet = {"code": "DA001", "mn": "A440306000001", "name": "锅炉废气排放口", "medium": "gas"}
            position = {"longitude": 113.8, "latitude": 22.7}
            await work.connection.execute(
                insert(tables.outlets).values(enterprise_code=ENTERPRISE, **outlet, **position, updated_at=work.now)
            )
        opened = await insert_all(work, [Opening(alert, kind, STATION, alert.issued_at, 1) for alert in alerts])
        assert [opening.alert for _, opening in opened] == alerts
        for case, _ in opened:
            read = await lock(work, case.case_id)
            assert read is not None
            assert asdict(case) == asdict(read)
