"""What says that a monitoring platform lives, and what we say when one, or an outlet of it, falls silent. Pure."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contract.cloudevents import CloudEvent, Name
from shared.contract.codes import EnterpriseCode
from shared.contract.events import Recipient
from shared.time.instants import Instant

PLATFORM_HEARTBEAT = "cn.tricolor.platform.heartbeat.v1"


class Heartbeat(BaseModel):
    """Nothing: a heartbeat says by its `source` and `time` that the platform lives."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class HeartbeatEvent(CloudEvent):
    """A platform lives at `time`. It opens nothing and is not kept beyond that, so that it needs no `id`."""

    id: Name = ""
    type: Literal["cn.tricolor.platform.heartbeat.v1"]
    time: Instant


PLATFORM_SILENT = "cn.tricolor.platform.silent.v1"
PLATFORM_HEARD = "cn.tricolor.platform.heard.v1"


class SilentOutlet(BaseModel):
    """An outlet of a platform, by its MN or else by the enterprise's code and its own."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    enterprise_code: EnterpriseCode
    outlet: str
    heard_at: Instant


class PlatformSilent(BaseModel):
    """Nothing has come from a platform for longer than is its habit; with `outlets`, from those of it only.

    `heard_at` is when it was heard last; `allowed_hours` is how long the policy lets this one be silent.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: str
    outlets: list[SilentOutlet] = []
    heard_at: Instant
    allowed_hours: float
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []


class PlatformHeard(PlatformSilent):
    """What was silent is heard again, after `heard_at`."""
