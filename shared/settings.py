"""Settings from the environment, prefix `TRICOLOR_`. Unset database and broker mean the embedded ones."""

import ssl
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class PlatformKey(BaseModel):
    """The API key of a platform, and the `source`s of CloudEvents that it may push and read; none listed means all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr
    sources: tuple[str, ...] = ()


class NoticeChannel(BaseModel):
    """A vendor of messages (短信、企业微信…): where notices are POSTed, and the key that its receipts come with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    receipt_key: SecretStr | None = None


class Settings(BaseSettings):
    """What differs between two installations; what a bureau decides is policy data, not a setting."""

    model_config = SettingsConfigDict(env_prefix="TRICOLOR_", frozen=True, extra="ignore")

    database_url: str | None = None
    kafka_bootstrap_servers: str | None = None
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: str = "PLAIN"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    topic_prefix: str = ""
    topic_partitions: int = Field(default=4, ge=1)

    oidc_issuer: str | None = None
    oidc_audience: str = "tricolor"
    oidc_jwks_url: str | None = None
    oidc_client_id: str = Field(
        default="tricolor", description="under which the issuer knows the web apps, a public client"
    )
    oidc_scope: str = Field(default="openid profile", description="what the web apps ask the issuer for")
    development_tokens: Literal["loopback", "allowed"] = "loopback"
    platform_api_keys: dict[str, PlatformKey | SecretStr] = Field(
        default_factory=dict,
        description='{"platform name": {"key": "…", "sources": ["/platforms/…"]}} for platforms that cannot fetch'
        ' tokens; {"platform name": "key"} for one that speaks for all sources',
    )

    enterprise_channel_url: str | None = Field(
        default=None, description="where notices are POSTed; unset, the enterprise app fetches them"
    )
    enterprise_channel_receipt_key: SecretStr | None = Field(
        default=None, description="the `X-API-Key` with which that vendor's receipts come; unset, none are taken"
    )
    notice_channels: dict[str, NoticeChannel] = Field(
        default_factory=dict,
        description='{"sms": {"url": "https://…", "receipt_key": "…"}}: further channels, by the names that the'
        " addresses of officers, office staff and enterprises give",
    )
    attachments_url: str | None = Field(
        default=None, description="s3://bucket/prefix, with the usual AWS_… variables; unset, the data directory"
    )
    evidence_hash: Literal["sha256", "sm3"] = Field(default="sha256", description="how evidence is chained from now on")
    evidence_directory: Path | None = Field(
        default=None,
        description="where the signed roots of the evidence are kept outside the database; unset, the data directory",
    )
    evidence_origin: str = Field(
        default="tricolor", pattern=r"^[^\s+]+$", description="the name of this installation in its signed roots"
    )
    evidence_signing_key: SecretStr | None = Field(
        default=None, description="an Ed25519 private key in PEM; unset, one is made beside the signed roots"
    )
    evidence_signer_command: list[str] = Field(
        default_factory=list,
        description="a program that signs roots with a device's key: the text on its standard input, the signature on"
        " its output; `evidence_signer_key` is the key in PEM",
    )
    evidence_signer_url: str | None = Field(default=None, description="the same, asked over HTTP by POST")
    evidence_signer_key: str | None = Field(
        default=None, description="the public key, Ed25519 or SM2, of the device that signs, in PEM"
    )
    evidence_timestamp_url: str | None = Field(
        default=None, description="a time-stamping authority (RFC 3161) that stamps the signed roots"
    )
    evidence_timestamp_roots: Path | None = Field(
        default=None, description="the certificates, in PEM, that the authority's own has to rest on"
    )
    evidence_timestamp_minutes: float = Field(default=10, gt=0, description="how often it is asked, at most")
    evidence_webhook: str | None = Field(default=None, description="where every signed root is POSTed as well")
    event_body_limit: int = Field(default=256 * 1024, description="bytes of one event, by the contract")
    future_tolerance_seconds: float = Field(default=600, description="how far ahead an event's time may be")
    poll_records: int = Field(default=1_000, description="records handled in one transaction, at most")
    packed_alerts: bool = Field(
        default=False,
        description="store alerts with their events packed, at a tenth of their size;"
        " on once no alert_ingest of the release before runs, which would publish and show them as they are stored",
    )
    refusal_brake: bool = Field(
        default=True,
        description="stop a partition most of which is refused; off where refusals are the purpose, as in a fuzz run",
    )
    outgoing_private_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description='["10.8.0.0/16"]: private networks into which notices may be POSTed, where a vendor\'s gateway is;'
        " none listed, they go to public addresses only",
    )
    person_rate: str = Field(default="6000/minute", description="requests of one person; empty: as many as they like")
    platform_rate: str = Field(default="60000/minute", description="requests of one platform, of up to 1,000 events")
    address_rate: str = Field(
        default="12000/minute",
        description="requests of one address that need no credential, or come with a wrong one; everybody behind a"
        " proxy whose `X-Forwarded-For` is not trusted is one address",
    )
    reconcile_minutes: float = Field(default=10, gt=0, description="how often the chain is proved by schedule")
    reconcile_days: float = Field(default=7, gt=0, description="how far back that looks, beside what is unfinished")
    reconcile_grace_seconds: float = Field(default=300, gt=0, description="how long a published event may go unheard")

    ingest_url: str = Field(default="http://127.0.0.1:8001", description="where the console alone finds alert_ingest")
    dispatcher_url: str = Field(default="http://127.0.0.1:8002", description="… the dispatcher")
    watch_url: str = Field(default="http://127.0.0.1:8003", description="… deadline_watch")

    def topic(self, name: str) -> str:
        return self.topic_prefix + name

    def platforms(self) -> dict[str, PlatformKey]:
        """The platforms with an API key, by name."""
        return {
            name: given if isinstance(given, PlatformKey) else PlatformKey(key=given)
            for name, given in self.platform_api_keys.items()
        }

    def receipt_keys(self) -> dict[str, SecretStr]:
        """By channel, the key that its receipts come with."""
        keys = {name: channel.receipt_key for name, channel in self.notice_channels.items()}
        keys.setdefault("vendor", self.enterprise_channel_receipt_key)
        return {name: key for name, key in keys.items() if key is not None}

    @property
    def producers_are_known(self) -> bool:
        """Whether the broker asks who writes to it: by SASL, or by certificates of its clients."""
        return self.kafka_security_protocol.startswith("SASL") or self.kafka_ssl_certfile is not None

    def kafka_client(self, bootstrap_servers: str) -> dict[str, Any]:
        """The connection options that every aiokafka client of this process is built with."""
        options: dict[str, Any] = {
            "bootstrap_servers": bootstrap_servers,
            "security_protocol": self.kafka_security_protocol,
        }
        if self.kafka_security_protocol.endswith("SSL"):
            context = ssl.create_default_context(cafile=self.kafka_ssl_cafile)
            if self.kafka_ssl_certfile:
                context.load_cert_chain(self.kafka_ssl_certfile, self.kafka_ssl_keyfile)
            options["ssl_context"] = context
        if self.kafka_security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.kafka_sasl_mechanism,
                "sasl_plain_username": self.kafka_sasl_username,
                "sasl_plain_password": self.kafka_sasl_password and self.kafka_sasl_password.get_secret_value(),
            }
        return options
