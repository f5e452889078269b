"""How people are reached: contacts (联系人) and the addresses at which they take messages. Pure."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

Channel = Literal["in_app", "vendor", "sms", "voice", "wecom", "email", "webhook"]
"""A way by which messages leave. `vendor` is the vendor of the enterprise app; `wecom` also 粤政易, built on it."""

CHANNELS: Mapping[str, Channel] = {
    "应用内": "in_app",
    "企业端": "vendor",
    "短信": "sms",
    "语音": "voice",
    "企业微信": "wecom",
    "粤政易": "wecom",
    "邮件": "email",
    "推送": "webhook",
}
"""The channels by the words of a sheet."""
WITHOUT_ADDRESS: frozenset[Channel] = frozenset({"in_app", "vendor"})
"""Channels that know the recipient by the code of the record."""


class ChannelAddress(BaseModel):
    """An address of a person or enterprise on one channel. Of several the first is tried first."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    channel: str
    address: str | None = None


class Contact(BaseModel):
    """A person of an enterprise to phone; `role` is the person's function there (环保负责人, 法定代表人)."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    name: str
    phone: str | None
    role: str | None = None
