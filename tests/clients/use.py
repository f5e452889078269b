"""A chief's script on the generated Python client: reads cases and a problem, and prints what it got as JSON."""

import json
import os
from uuid import UUID

from dispatcher import AuthenticatedClient
from dispatcher.api.cases import list_cases, read_case
from dispatcher.models import PageCaseAnswer

client = AuthenticatedClient(base_url=os.environ["SERVICE"], token=os.environ["TOKEN"])
page = list_cases.sync(client=client, limit=1)
assert isinstance(page, PageCaseAnswer)
one = read_case.sync_detailed(page.items[0].case_id, client=client)
none = read_case.sync_detailed(UUID(int=0), client=client)
print(  # noqa: T201  read by the test
    json.dumps(
        {"cases": len(page.items), "one": one.status_code, "none": none.status_code, "problem": none.parsed.type_}
    )
)
